import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { deviceTowards, hostProcesses, hostState } from './client.ts';
import { createLab, type Gateway, type Lab } from './lab.ts';
import { logIn } from './log-in.ts';
import { labUnavailable } from './unavailable.ts';

const reason = labUnavailable();
let lab: Lab;
beforeAll(async () => {
  if (reason !== undefined) return;
  lab = await createLab([
    { kind: 'ocserv' },
    { kind: 'ocserv', groups: ['Staff', 'Admins'] },
    { kind: 'ocserv', innerOf: 1 },
    { kind: 'openvpn' },
    { kind: 'openvpn', protocol: 'tcp' },
  ]);
});
afterAll(() => lab?.end());
beforeEach(({ skip }) => skip(reason !== undefined, reason));

const GATEWAYS = [1, 2, 3, 4, 5];
const of = (number: number) => lab.gateways[number - 1] as Gateway;
const insideEchoes = () => lab.gateways.map((gateway) => gateway.echoes().inside);
const attempts = () => lab.gateways.map((gateway) => gateway.attempts());
/** The list plus `more` for the gateway with this number. */
const plus = (list: readonly number[], number: number, more: number) =>
  list.map((value, index) => (index === number - 1 ? value + more : value));

test.each(GATEWAYS)(
  'gateway %i: a real client gets inside, and only this gateway counts it',
  async (number) => {
    const { world } = lab;
    const gateway = of(number);
    const before = { host: hostState(world), echoes: insideEchoes(), attempts: attempts() };
    expect(hostProcesses(world)).toEqual([]);

    const client = logIn(world, gateway);
    await client.connected();
    await until('the route leads through the tunnel', () =>
      deviceTowards(world, gateway.internal)?.startsWith('tun'),
    );
    world.run(`ping -n -c 3 -i 0.2 -W 5 ${gateway.internal}`);
    expect(insideEchoes()).toEqual(plus(before.echoes, number, 3));
    expect(attempts()).toEqual(plus(before.attempts, number, 1));
    expect(hostProcesses(world).map(({ name }) => name)).toEqual([
      gateway.kind === 'ocserv' ? 'openconnect' : 'openvpn',
    ]);
    if (gateway.kind === 'ocserv') expect(hostState(world).resolvConf).toContain('#@VPNC_GENERATED@');

    expect(await client.logOut()).toBe(0);
    expect(hostState(world)).toEqual(before.host);
    expect(hostProcesses(world)).toEqual([]);
  },
  60_000,
);

test.each(GATEWAYS)('gateway %i: pings from outside are counted, the inside is not reached', (number) => {
  const { world } = lab;
  const gateway = of(number);
  const before = gateway.echoes();
  world.run(`ping -n -c 2 -i 0.2 -W 5 ${gateway.external}`);
  expect(() => world.run(`ping -n -c 1 -W 1 ${gateway.internal}`)).toThrow();
  expect(gateway.echoes()).toEqual({ outside: before.outside + 2, inside: before.inside });
});

test.each([1, 4, 5])('gateway %i: a wrong password is rejected and counted', async (number) => {
  const before = attempts();
  const client = logIn(lab.world, of(number), 'wrong');
  await client.ended;
  expect(client.said()).toMatch(/Login failed|AUTH_FAILED/);
  expect(attempts()).toEqual(plus(before, number, 1));
});

test('two labs at once do not see each other', async () => {
  const other = await createLab([{ kind: 'ocserv' }, { kind: 'openvpn' }]);
  try {
    const before = insideEchoes();
    const client = logIn(other.world, other.gateways[0] as Gateway);
    await client.connected();
    await until('the route leads through the tunnel', () =>
      deviceTowards(other.world, of(1).internal)?.startsWith('tun'),
    );
    other.world.run(`ping -n -c 1 -W 5 ${of(1).internal}`);
    expect(other.gateways[0]?.echoes().inside).toBe(1);
    expect(insideEchoes()).toEqual(before);
    expect(hostProcesses(lab.world)).toEqual([]);
  } finally {
    await other.end();
  }
});
