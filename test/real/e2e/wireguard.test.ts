import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { until } from '../../support/until.ts';
import { hostProcesses, hostState } from '../lab/client.ts';
import { serverKilled } from '../lab/faults.ts';
import { createLab, type Gateway, type Lab } from '../lab/lab.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { labUnavailable } from '../lab/unavailable.ts';
import { interfacesOf } from '../lab/wireguard.ts';
import { callWitness } from '../lab/witness.ts';

const reason = labUnavailable(['wg', 'wireguard-go']);
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

/** The same as the built-in client, in the words of a config. */
const OWN = `
  mine:
    command: wg-quick
    args: [up, "{interface}"]
    keys: { interface: required }
    success:
      expect: '\\t[1-9][0-9]*$'
      shown_by: { command: wg, args: [show, "{interface}", latest-handshakes], wakes: true, cause: unreachable }
    logout: { run: { command: wg-quick, args: [down, "{interface}"] } }
    returns: true
    device: "{interface}"
    tunnel: device`;

test('wireguard: a handshake or none, each cause, an interface that is up already, and a kill; the host is as before', async () => {
  lab = await createLab([{ kind: 'wireguard' }, { kind: 'wireguard' }], createMonitoredWorld());
  const { gateways, world } = lab;
  const [one, two] = gateways as [Gateway, Gateway];
  const before = hostState(world);
  const processes = hostProcesses(world).length;
  const { wrongKey, unresolved } = interfacesOf(one);
  const sites = {
    works: siteSettings(one),
    mine: siteSettings(two, { client: 'mine' }),
    wrong_key: siteSettings(one, { interface: wrongKey }),
    mine_wrong_key: siteSettings(two, { client: 'mine', interface: interfacesOf(two).wrongKey }),
    unresolved: siteSettings(one, { interface: unresolved }),
    works_again: siteSettings(one),
  };
  world.config(
    sites,
    `login: { step_timeout: 3, quit_timeout: 20 }
dns: { restore: ['true'] }
cleanup: { settle_seconds: 0 }
ping: { count: 1, timeout: 60 }
clients: ${OWN}
`,
  );
  const once = async (...names: string[]) => {
    const command = world.monitor(['once', '--json', ...names]);
    expect(await command.ended, command.stderr()).toBeLessThan(2);
    const tested = JSON.parse(command.stdout()).sites as {
      name: string;
      summary: string;
      cause: string | null;
      detail: string | null;
    }[];
    return {
      came: tested.map(({ name, summary, cause }) =>
        [name, summary, ...(cause === null ? [] : [cause])].join(' '),
      ),
      whole: command.stdout() + command.stderr() + world.log(),
    };
  };
  const first = await once();
  expect(first.came, first.whole).toEqual([
    'works SUCCESS',
    'mine SUCCESS',
    'wrong_key FAILURE unreachable',
    'mine_wrong_key FAILURE unreachable',
    'unresolved FAILURE name-not-resolved',
    'works_again SUCCESS',
  ]);
  expect(first.whole).toContain(
    'no handshake: the gateway is not reached, or does not accept the keys of k-gw1',
  );
  expect(hostState(world)).toEqual(before);
  expect(hostProcesses(world)).toHaveLength(processes);

  // Somebody uses the interface: it stays up.
  world.run(
    `env --ignore-signal=HUP setsid wg-quick up ${interfacesOf(one).good} >/dev/null 2>&1 </dev/null`,
  );
  const busy = await once('works');
  expect(busy.came, busy.whole).toEqual(['works FAILURE client-busy']);
  expect(world.run('wg show interfaces')).toContain(interfacesOf(one).good);
  world.run(`wg-quick down ${interfacesOf(one).good} >/dev/null 2>&1`);
  expect(hostState(world)).toEqual(before);

  // The monitor is killed while the session is up.
  two.run('ip link set inside down');
  const killed = world.monitor(['once', 'mine']);
  await until('the session is up', () => world.log().includes('Running internal delay test for mine'));
  await until('the interface is there', () =>
    world.run('wg show interfaces').includes(interfacesOf(two).good),
  );
  killed.signal('SIGKILL');
  await killed.ended;
  two.run('ip link set inside up');
  const after = await once('mine');
  expect(after.came, after.whole).toEqual(['mine SUCCESS']);
  expect(hostState(world)).toEqual(before);
  expect(hostProcesses(world)).toHaveLength(processes);

  // The sessions are up, and their inside is about to be pinged: the gateways answer no more, and nothing says why.
  const witness = callWitness(world);
  // The first ping of each wakes the tunnel.
  for (const { internal } of [one, two]) witness.hold(internal, 2);
  const interrupted = once('works', 'mine');
  await until('one is about to ping inside', () => witness.holds(one.internal));
  await one.kick();
  witness.release(one.internal);
  await until('two is about to ping inside', () => witness.holds(two.internal));
  serverKilled(two);
  witness.release(two.internal);
  const { came, whole } = await interrupted;
  expect(came, whole).toEqual(['works FAILURE inside-unreachable', 'mine FAILURE inside-unreachable']);
  expect(hostState(world)).toEqual(before);
  expect(hostProcesses(world)).toHaveLength(processes);
});
