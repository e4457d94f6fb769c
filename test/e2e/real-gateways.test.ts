import { writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { deviceTowards, hostState } from '../lab/client.ts';
import { insideDropped, portRefused } from '../lab/faults.ts';
import { createLab, type Gateway, type Lab } from '../lab/lab.ts';
import { logIn } from '../lab/log-in.ts';
import { labUnavailable } from '../lab/unavailable.ts';
import { createMonitoredWorld, type MonitoredWorld, until } from '../support/monitored-world.ts';

const reason = labUnavailable();
let lab: Lab<MonitoredWorld> | undefined;
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

/** The keys of a site at a real gateway. */
function site(gateway: Gateway, more: Readonly<Record<string, string>> = {}): string {
  const keys = {
    external_ip: gateway.external,
    vpn_gw: gateway.kind === 'ocserv' ? gateway.server : gateway.external,
    internal_ip: gateway.internal,
    username: gateway.username,
    password: gateway.password,
    ...(gateway.kind === 'ocserv'
      ? { client: 'openconnect', server_cert: gateway.pin }
      : { client: 'openvpn', profile: gateway.profile ?? '' }),
    ...more,
  };
  return `{ ${Object.entries(keys)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join(', ')} }`;
}

/** Writes a config of real sites: resolv.conf is the world's own. */
function configure(
  sites: Readonly<Record<string, string>>,
  more = '',
  ping = '{ count: 1, timeout: 3 }',
): void {
  const world = lab?.world;
  if (world === undefined) throw new Error('no lab');
  const text = `frequency: 1
logging:
  dir: results
  file: result
  email: { server: '127.0.0.1:2525', security: none, from: monitor@example.com, to: noc@example.com }
sites:
${Object.entries(sites)
  .map(([name, keys]) => `  ${name}: ${keys}`)
  .join('\n')}
ping: ${ping}
login: { step_timeout: 8, quit_timeout: 8 }
cleanup: { settle_seconds: 0 }
dns: { restore: ['true'] }
${more}
`;
  writeFileSync(world.at('config.yml'), text, { mode: 0o600 });
}

async function bringUp(...kinds: ('ocserv' | 'openvpn')[]): Promise<Lab<MonitoredWorld>> {
  lab = await createLab(
    kinds.map((kind) => ({ kind })),
    createMonitoredWorld(),
  );
  return lab;
}

test('real gateways of both kinds, beside a simulated client: all succeed, each answered by its own inside', async ({
  skip,
}) => {
  skip(reason !== undefined, reason);
  const { gateways, world } = await bringUp('ocserv', 'ocserv', 'ocserv', 'openvpn', 'openvpn');
  const before = hostState(world);
  const simulated = `{ external_ip: 127.0.0.1, vpn_gw: works, internal_ip: 127.0.0.1, username: u, password: "pass-of-the-simulated", realm: corp, timeout: 60 }`;
  configure({ ...Object.fromEntries(gateways.map((gateway) => [gateway.name, site(gateway)])), simulated });
  const daemon = world.monitor([], { SIM_RESOLV: '' });
  const rows = 2 * (gateways.length + 1);
  await until('two cycles', () => world.csv().length > rows, 100);
  daemon.signal('SIGTERM');
  expect(await daemon.ended, daemon.stderr()).toBe(0);
  const tested = world.csv().slice(1, rows + 1);
  expect(
    tested.filter((row) => !row.includes(',SUCCESS,')),
    world.log(),
  ).toEqual([]);
  for (const gateway of gateways) expect(gateway.echoes().inside, gateway.name).toBeGreaterThanOrEqual(2);
  expect(hostState(world)).toEqual(before);
});

test.for(['ocserv', 'openvpn'] as const)(
  '%s: a wrong password is one attempt, and its cause',
  async (kind, { skip }) => {
    skip(reason !== undefined, reason);
    const { gateways, world } = await bringUp(kind);
    const [gateway] = gateways;
    if (gateway === undefined) throw new Error('no gateway');
    configure({ wrong: site(gateway, { password: 'not-the-password' }) });
    const once = world.monitor(['once', '--json']);
    expect(await once.ended, once.stderr()).toBe(1);
    expect(JSON.parse(once.stdout()).sites[0]).toMatchObject({
      summary: 'FAILURE',
      cause: 'credentials-rejected',
    });
    expect(gateway.attempts()).toBe(1);
  },
);

test('faults of one gateway: the row, the cause, and the next site succeeds on a clean host', async ({
  skip,
}) => {
  skip(reason !== undefined, reason);
  const { gateways, world } = await bringUp('ocserv', 'ocserv');
  const [first, second] = gateways;
  if (first === undefined || second === undefined) throw new Error('no gateways');
  const before = hostState(world);
  configure({ first: site(first), second: site(second) });
  for (const [fault, cause, values] of [
    [portRefused, 'unreachable', ['ok', 'error']],
    [insideDropped, 'inside-unreachable', ['ok', 'ok', 'timeout']],
  ] as const) {
    const mend = await fault(first);
    const once = world.monitor(['once', '--json']);
    expect(await once.ended, once.stderr()).toBe(1);
    const [failed, good] = JSON.parse(once.stdout()).sites;
    expect(failed).toMatchObject({ name: 'first', summary: 'FAILURE', cause });
    expect(failed.stages.map(({ outcome }: { outcome: string }) => outcome).slice(0, values.length)).toEqual(
      values,
    );
    expect(good).toMatchObject({ name: 'second', summary: 'SUCCESS' });
    expect(hostState(world)).toEqual(before);
    await mend();
  }
});

test("kill -9 while the tunnel is up, and a new start: host as before; an operator's own session lives on", async ({
  skip,
}) => {
  skip(reason !== undefined, reason);
  const { gateways, world } = await bringUp('ocserv', 'ocserv');
  const [first, second] = gateways;
  if (first === undefined || second === undefined) throw new Error('no gateways');
  const operator = logIn(world, second);
  await operator.connected();
  await until('the operator is inside', () => deviceTowards(world, second.internal)?.startsWith('tun'));
  const before = hostState(world);
  configure({ first: site(first) }, '', '{ count: 1, timeout: 60 }');
  // The ping inside waits, with the tunnel up.
  const mend = await insideDropped(first);
  const killed = world.monitor();
  await until('it pings inside', () => world.log().includes('Running internal delay test for first'));
  await until('the tunnel is up', () =>
    world.processes().some(({ args }) => args.includes(`ping -n -c 1 ${first.internal}`)),
  );
  killed.signal('SIGKILL');
  await killed.ended;
  expect(hostState(world)).not.toEqual(before);
  await mend();
  const once = world.monitor(['once']);
  expect(await once.ended, once.stderr()).toBe(0);
  expect(hostState(world)).toEqual(before);
  expect(world.processes().filter(({ name }) => name === 'openconnect')).toHaveLength(1);
  await operator.logOut();
});

test('a client of the config itself, for the same gateway, comes to the same', async ({ skip }) => {
  skip(reason !== undefined, reason);
  const { gateways, world } = await bringUp('ocserv');
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('no gateway');
  const before = hostState(world);
  configure(
    { own: site(gateway, { client: 'mine' }) },
    `clients:
  mine:
    command: openconnect
    args: [--no-dtls, "--servercert={server_cert}", "{vpn_gw}"]
    keys: { server_cert: optional }
    dialogue: [{ expect: "Username:", send: "{username}" }, { expect: "Password:", send: "{password}" }]
    success: { expect: "Configured as .*, with SSL connected" }
    logout: { signal: SIGINT }
    tunnel: device
    dns: { mark: "#@VPNC_GENERATED@" }`,
  );
  const once = world.monitor(['once']);
  expect(await once.ended, once.stderr()).toBe(0);
  expect(hostState(world)).toEqual(before);
});

test('two gateways with the same inner subnet, one after the other: each is answered by its own', async ({
  skip,
}) => {
  skip(reason !== undefined, reason);
  lab = await createLab([{ kind: 'ocserv' }, { kind: 'ocserv', innerOf: 1 }], createMonitoredWorld());
  const { gateways, world } = lab;
  configure(Object.fromEntries(gateways.map((gateway) => [gateway.name, site(gateway)])));
  const once = world.monitor(['once']);
  expect(await once.ended, once.stderr()).toBe(0);
  expect(gateways.map((gateway) => gateway.echoes().inside)).toEqual([1, 1]);
});
