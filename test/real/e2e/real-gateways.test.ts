import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { until } from '../../support/until.ts';
import { stop } from '../../support/world.ts';
import { hostState, resolvConf } from '../lab/client.ts';
import { insideDropped } from '../lab/faults.ts';
import { createLab, type Lab } from '../lab/lab.ts';
import { logIn } from '../lab/log-in.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { labUnavailable } from '../lab/unavailable.ts';
import { callWitness } from '../lab/witness.ts';

const reason = labUnavailable();
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

/** What makes a config one for real clients, and short: resolv.conf is the world's own. */
const COMMON = `frequency: 1
login: { step_timeout: 20, quit_timeout: 20 }
dns: { restore: ['true'] }
ping: { count: 1, timeout: 60 }
`;

async function bringUp(...kinds: ('ocserv' | 'openvpn')[]): Promise<Lab<MonitoredWorld>> {
  lab = await createLab(
    kinds.map((kind) => ({ kind })),
    createMonitoredWorld(),
  );
  return lab;
}

test('ten cycles, real gateways of both kinds beside a simulated client: all succeed, each answered by its own inside, on a clean host', async () => {
  const { gateways, world } = await bringUp('ocserv', 'ocserv', 'ocserv', 'openvpn', 'openvpn');
  const witness = callWitness(world);
  const before = hostState(world);
  const simulated = { external_ip: '127.0.0.2', vpn_gw: 'works' };
  const sites = {
    ...Object.fromEntries(gateways.map((gateway) => [gateway.name, siteSettings(gateway)])),
    simulated,
  };
  const names = Object.keys(sites);
  const [first] = gateways;
  if (first === undefined) throw new Error('no gateways');
  world.config(sites, COMMON);

  // The eleventh cycle is stopped at its very beginning: what was done, was done for ten.
  witness.hold(first.external, 11);
  const daemon = world.monitor([], { SIM_RESOLV: '' });
  await until('the eleventh cycle', () => witness.holds(first.external), {
    progress: () => world.csv().length,
  });
  await stop(daemon);

  const rows = world
    .csv()
    .slice(1)
    .map((row) => row.split(','));
  expect(
    rows.map(([, name, summary]) => `${name} ${summary}`),
    world.log(),
  ).toEqual(
    Array(10)
      .fill(names.map((name) => `${name} SUCCESS`))
      .flat(),
  );
  for (const [, name, , outside, login, inside] of rows) {
    for (const [value, least, most] of [
      [outside, 0.001, 2000],
      // At least a program that starts and asks; on a fast machine the simulated client needs less than 5 ms.
      [login, 0.5, 20_000],
      [inside, 0.001, 2000],
    ] as const) {
      expect(Number(value), `${name}: ${value}`).toBeGreaterThan(least);
      expect(Number(value), `${name}: ${value}`).toBeLessThan(most);
    }
  }
  for (const gateway of gateways) expect(gateway.echoes(), gateway.name).toEqual({ outside: 10, inside: 10 });
  expect(gateways.map((gateway) => gateway.attempts())).toEqual([10, 10, 10, 10, 10]);

  const looks = witness.looks();
  expect(looks).toHaveLength(10 * 2 * names.length + 1);
  const outside = [...gateways.map(({ external }) => external), simulated.external_ip];
  const beforeTests = looks.filter(({ target }) => outside.includes(target));
  expect(beforeTests).toHaveLength(10 * names.length + 1);
  // Each of these comes before a test, and but for the first one after another one.
  for (const { target, host, programs } of beforeTests) {
    expect({ target, host, programs }).toEqual({ target, host: before, programs: beforeTests[0]?.programs });
  }
  expect(hostState(world)).toEqual(before);
  // That it does see what a client changes.
  for (const { internal, kind } of gateways) {
    expect(looks.filter(({ target }) => target === internal)).toHaveLength(10);
    for (const { host, programs } of looks.filter(({ target }) => target === internal)) {
      expect(programs).toContain(kind === 'ocserv' ? 'openconnect' : 'openvpn');
      expect(host.devices.join()).toContain('tun0');
      expect(host.routes.join()).toContain('dev tun0');
    }
  }
}, 1_500_000);

test("kill -9 of run and of once while the tunnel is up, and a new start: host as before; an operator's own session lives on", async () => {
  const { gateways, world } = await bringUp('ocserv', 'ocserv');
  const [first, second] = gateways;
  if (first === undefined || second === undefined) throw new Error('no gateways');
  const operator = logIn(world, second);
  await operator.inside();
  const before = hostState(world);
  world.config({ first: siteSettings(first) }, COMMON);
  for (const command of ['run', 'once']) {
    const pinging = () =>
      world.processes().some(({ args }) => args.includes(`ping -n -c 1 ${first.internal}`));
    // That of a monitor that was killed goes when the kernel has hung up its terminal.
    await until('no ping is left', () => !pinging());
    // The ping inside waits, with the tunnel up.
    const mend = await insideDropped(first);
    const killed = world.monitor([command]);
    await until('it pings inside', pinging);
    // Its terminal hung up, the client may log out by itself at once.
    expect(hostState(world)).not.toEqual(before);
    killed.signal('SIGKILL');
    await killed.ended;
    await mend();
    const next = world.monitor(['once']);
    expect(await next.ended, next.stderr()).toBe(0);
    expect(hostState(world), command).toEqual(before);
  }
  expect(world.processes().filter(({ name }) => name === 'openconnect')).toHaveLength(1);
  await operator.logOut();
});

test('a client of the config itself, for the same gateway, comes to the same', async () => {
  const { gateways, world } = await bringUp('ocserv');
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('no gateway');
  const before = hostState(world);
  world.config(
    { own: siteSettings(gateway, { client: 'mine' }) },
    `${COMMON}clients:
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

test('two gateways with the same inner subnet, one after the other: each is answered by its own', async () => {
  lab = await createLab([{ kind: 'ocserv' }, { kind: 'ocserv', innerOf: 1 }], createMonitoredWorld());
  const { gateways, world } = lab;
  world.config(Object.fromEntries(gateways.map((gateway) => [gateway.name, siteSettings(gateway)])), COMMON);
  const once = world.monitor(['once']);
  expect(await once.ended, once.stderr()).toBe(0);
  expect(gateways.map((gateway) => gateway.echoes().inside)).toEqual([1, 1]);
});

test("an operator's change of resolv.conf during a test stays, also after the next one", async () => {
  const { gateways, world } = await bringUp('ocserv');
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('no gateway');
  const witness = callWitness(world);
  world.config({ first: siteSettings(gateway) }, COMMON);
  for (const [change, text] of [
    [(line: string) => `echo '${line}' >/etc/resolv.conf`, 'nameserver 192.0.2.1'],
    [(line: string) => `echo '${line}' >/etc/new && mv /etc/new /etc/resolv.conf`, 'nameserver 192.0.2.2'],
  ] as const) {
    for (const meanwhile of [() => world.run(change(text)), () => undefined]) {
      witness.hold(gateway.internal);
      const once = world.monitor(['once']);
      await until('the tunnel is up', () => witness.holds(gateway.internal));
      // The route is there a little earlier.
      await until("resolv.conf is the client's", () => resolvConf(world).includes('#@VPNC_GENERATED@'));
      meanwhile();
      witness.release(gateway.internal);
      expect(await once.ended, once.stderr()).toBe(0);
      expect(resolvConf(world)).toBe(`${text}\n`);
    }
  }
});

test('a client that is killed while connected: what it leaves is put right, and named in the log and the mail', async () => {
  const { gateways, world } = await bringUp('ocserv');
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('no gateway');
  const before = hostState(world);
  const witness = callWitness(world);
  await world.mailServer();
  world.run('cp /etc/resolv.conf good');
  world.config(
    { first: siteSettings(gateway) },
    `${COMMON.replace("['true']", `[cp, ${world.at('good')}, /etc/resolv.conf]`)}alerts: { after: 1 }`,
  );
  witness.hold(gateway.internal);
  const daemon = world.monitor();
  await until('the tunnel is up', () => witness.holds(gateway.internal));
  await until("resolv.conf is the client's", () => resolvConf(world).includes('#@VPNC_GENERATED@'));
  world.run('kill -KILL $(pgrep -x openconnect)');
  await until('its device is gone', () => !hostState(world).devices.join().includes('tun'));
  witness.hold(gateway.external, 2);
  witness.release(gateway.internal);
  await until('the next test', () => witness.holds(gateway.external));
  expect(hostState(world)).toEqual(before);
  expect(world.csv()[1]).toMatch(/,first,FAILURE,\d+\.\d{3},\d+\.\d{3},TIMEOUT$/);
  await stop(daemon);
  const [mail = ''] = world.mails();
  expect(mail).toMatch(
    /^first: the log-in works, but the session did not last \(.*; the client ended \(signal 9\)/m,
  );
  const [, found = ''] = /\n\nFound on this host after the test:\n((?: {2}.*\n)+)\n/.exec(mail) ?? [];
  expect(found.split('\n').slice(0, -1)).toEqual([
    expect.stringMatching(`^  The route "${gateway.external} via .*" was left by the client: removing it$`),
    '  Invalid DNS settings. Forcing refresh',
  ]);
  for (const line of found.trim().split(/\n */)) expect(world.log()).toContain(` - CRITICAL - ${line}\n`);
});
