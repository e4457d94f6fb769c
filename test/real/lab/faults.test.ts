import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { deviceTowards, hostState } from './client.ts';
import * as faults from './faults.ts';
import { createLab, type Gateway, type Lab } from './lab.ts';
import { type Client, logIn } from './log-in.ts';
import { labUnavailable } from './unavailable.ts';

const reason = labUnavailable();
let lab: Lab;
let clean: ReturnType<typeof hostState>;
beforeAll(async () => {
  if (reason !== undefined) return;
  lab = await createLab([{ kind: 'ocserv' }, { kind: 'openvpn' }, { kind: 'openvpn', protocol: 'tcp' }]);
  clean = hostState(lab.world);
});
afterAll(() => lab?.end());
beforeEach(({ skip }) => skip(reason !== undefined, reason));

const mends: faults.Mend[] = [];
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.kill();
  if (lab) putRight();
  for (const mend of mends.splice(0)) await mend();
});

/** Every kind of gateway, by its place in the lab. */
const KINDS = [
  { kind: 'ocserv', index: 0 },
  { kind: 'openvpn over UDP', index: 1 },
  { kind: 'openvpn over TCP', index: 2 },
];
const of = (index: number) => lab.gateways[index] as Gateway;
/** Makes a fault that ends with the test, or when what it returns is called. */
function make(fault: faults.Fault, gateway: Gateway): faults.Mend {
  const mend = fault(gateway);
  mends.push(mend);
  return () => {
    mends.splice(mends.indexOf(mend), 1);
    return mend();
  };
}

/** Logs in with a client that ends with the test. */
function enter(gateway: Gateway): Client {
  const client = logIn(lab.world, gateway);
  clients.push(client);
  return client;
}

/** Removes what openconnect leaves when it is killed. */
function putRight(): void {
  lab.world.run(
    `ip route flush ${of(0).external}; printf '${clean.resolvConf.replace('\n', '\\n')}' >/etc/resolv.conf`,
  );
}

const answers = (address: string, withinSeconds = 1) =>
  lab.world.run(`ping -n -c 1 -W ${withinSeconds} ${address} >/dev/null && echo yes || echo no`) === 'yes\n';

/** Logs in, reaches the inside, and logs out. */
async function works(gateway: Gateway): Promise<void> {
  const client = await online(gateway);
  lab.world.run(`ping -n -c 1 -W 5 ${gateway.internal}`);
  expect(await client.logOut()).toBe(0);
  expect(hostState(lab.world)).toEqual(clean);
}

async function online(gateway: Gateway): Promise<Client> {
  const client = enter(gateway);
  await client.connected();
  await until('the route leads through the tunnel', () =>
    deviceTowards(lab.world, gateway.internal)?.startsWith('tun'),
  );
  return client;
}

test.each(KINDS)('$kind: link down', async ({ index }) => {
  const gateway = of(index);
  const mend = make(faults.linkDown, gateway);
  expect(answers(gateway.external)).toBe(false);
  expect(answers(of((index + 1) % KINDS.length).external, 10)).toBe(true);
  await mend();
  await works(gateway);
});

test.each(KINDS)('$kind: pings dropped, log-ins not', async ({ index }) => {
  const gateway = of(index);
  const { outside } = gateway.echoes();
  const mend = make(faults.pingsDropped, gateway);
  expect(answers(gateway.external)).toBe(false);
  expect(gateway.echoes().outside).toBe(outside + 1);
  await works(gateway);
  await mend();
  expect(answers(gateway.external, 10)).toBe(true);
});

test.each(KINDS)('$kind: port refused', async ({ index }) => {
  const gateway = of(index);
  const mend = make(faults.portRefused, gateway);
  expect(answers(gateway.external, 10)).toBe(true);
  const client = enter(gateway);
  await client.says(/Connection refused/);
  await client.kill();
  await mend();
  await works(gateway);
});

test.each(KINDS)('$kind: port silent', async ({ index }) => {
  const gateway = of(index);
  const mend = make(faults.portSilent, gateway);
  expect(answers(gateway.external, 10)).toBe(true);
  const client = enter(gateway);
  await client.says(/POST https|Attempting to establish TCP|UDPv4 link remote/);
  await until('the gateway has dropped what it sent', () =>
    gateway.run('nft list ruleset').match(/packets [1-9]\d* .* drop/),
  );
  expect(client.said()).not.toMatch(/refused|Connected to|established|Initial packet/);
  await client.kill();
  await mend();
  await works(gateway);
});

test.each(KINDS)(
  '$kind: server frozen before the log-in, which goes on once it runs again',
  async ({ index }) => {
    const gateway = of(index);
    const attempts = gateway.attempts();
    const mend = make(faults.serverFrozen, gateway);
    const client = enter(gateway);
    await client.says(/SSL negotiation with|TCP connection established|UDPv4 link remote/);
    expect(answers(gateway.external, 10)).toBe(true);
    expect(gateway.attempts()).toBe(attempts);
    await mend();
    await client.connected();
    expect(gateway.attempts()).toBe(attempts + 1);
    expect(await client.logOut()).toBe(0);
  },
);

test.each(KINDS)('$kind: silence after the password', async ({ index }) => {
  const gateway = of(index);
  const attempts = gateway.attempts();
  const mend = make(faults.loginHangs, gateway);
  const client = enter(gateway);
  await until('the password is judged', () => gateway.attempts() === attempts + 1);
  // As long as another gateway's whole session takes.
  await works(of((index + 1) % KINDS.length));
  expect(client.said()).not.toMatch(/Configured as|Completed|AUTH_FAILED|exiting/);
  await client.kill();
  await mend();
  await works(gateway);
});

test.each(KINDS)('$kind: the right password refused', async ({ index }) => {
  const gateway = of(index);
  const mend = make(faults.loginRefused, gateway);
  const client = enter(gateway);
  await client.ended;
  expect(client.said()).toMatch(/Cookie was rejected by server|AUTH_FAILED/);
  await mend();
  await works(gateway);
});

test.each(KINDS)('$kind: inside dropped, and counted all the same', async ({ index }) => {
  const gateway = of(index);
  const client = await online(gateway);
  const { inside } = gateway.echoes();
  const mend = make(faults.insideDropped, gateway);
  expect(answers(gateway.internal)).toBe(false);
  expect(gateway.echoes().inside).toBe(inside + 1);
  await mend();
  expect(answers(gateway.internal, 10)).toBe(true);
  expect(await client.logOut()).toBe(0);
});

test('loss', async () => {
  const { external } = of(0);
  const received = () =>
    Number(/(\d+) received/.exec(lab.world.run(`ping -n -q -c 60 -i 0.01 -W 1 ${external} || true`))?.[1]);
  const mend = make(faults.loss(50), of(0));
  const some = received();
  expect(some).toBeGreaterThan(0);
  expect(some).toBeLessThan(60);
  await mend();
  expect(received()).toBe(60);
});

test.each(KINDS)('$kind: session kicked', async ({ index }) => {
  const gateway = of(index);
  const client = await online(gateway);
  await gateway.kick();
  await client.says(/Session terminated by server|reset command was pushed by server/);
  await client.kill();
  await works(gateway);
});

test.each(KINDS)('$kind: server killed while connected', async ({ index }) => {
  const gateway = of(index);
  const client = await online(gateway);
  const mend = make(faults.serverKilled, gateway);
  expect(gateway.pids()).toEqual([]);
  expect(answers(gateway.internal)).toBe(false);
  await client.says(/Connection refused|Connection reset/);
  await client.kill();
  putRight();
  await mend();
  await works(gateway);
});
