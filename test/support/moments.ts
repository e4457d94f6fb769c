import { copyFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { HOST_LOCK, lockAddress } from '../../src/lock/lock-name.ts';
import { type MonitoredWorld, NOON, type SiteSettings } from './monitored-world.ts';
import { until } from './until.ts';
import type { WorldProcess } from './world.ts';

const CLIENT: readonly string[] = ['startct', 'AvConnect', 'java'];
const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));

/** A moment in the test of a site at which something strikes the monitor. */
export interface Moment {
  /** As in "while ...". */
  readonly name: string;
  /** The site that brings the moment about. */
  readonly site: SiteSettings & { readonly vpn_gw: string };
  /** Keys of the config beside those of all. */
  readonly more?: string;
  /** Seconds that a log-out may take: {@link QUIT_TIMEOUT} unless said. */
  readonly quitTimeout?: number;
  /** What must be there before the monitor is. */
  readonly prepare?: (world: MonitoredWorld) => Promise<unknown>;
  readonly reached: (world: MonitoredWorld) => boolean;
  /** What the client is told until then. */
  readonly typed: readonly Typed[];
  /** The client is logged in: a stop has to log it out first. */
  readonly loggedIn?: true;
  /** The test is over by then, and its row written. */
  readonly tested?: true;
}

/** A key of what test/fixtures/startct notes about what is typed at it; `line`: once it is logged in. */
export type Typed = 'args' | 'username' | 'password' | 'choice' | 'line';

/** Seconds that a log-out may take. */
export const QUIT_TIMEOUT = 3;
/** Waits that outlast every test, so that a moment stays until it is struck. */
const momentConfig = (quitTimeout: number) => `ping: { count: 1, timeout: 600 }
login: { step_timeout: 600, quit_timeout: ${quitTimeout} }`;

const leftOver = (behaviour: string) => async (world: MonitoredWorld) => {
  world.start([world.at('bin', 'startct'), '-s', behaviour]);
  await until('the leftover runs', () => clients(world).length > 0);
};
const hostLock = async ({ start }: MonitoredWorld) => {
  const address = Buffer.from(lockAddress(HOST_LOCK)).toString('base64');
  const answer = JSON.stringify({ pid: 4711, what: 'the test of elsewhere', since: '' });
  const holder = start([process.execPath, `${FIXTURES}/host/holds-lock.mjs`, address, `${answer}\n`]);
  await until('the host is taken', () => holder.stdout().includes('ready'));
};
const logs = (text: string) => (world: MonitoredWorld) => world.log().includes(text);
const isTyped = (gateway: string, key: Typed) => ({
  site: { vpn_gw: gateway },
  reached: (world: MonitoredWorld) => typedKeys(world, gateway).includes(key),
});

/** Every kind of wait in the test of `site1`. */
export const MOMENTS: readonly Moment[] = [
  {
    name: 'it waits for the host',
    site: { vpn_gw: 'works' },
    prepare: hostLock,
    reached: logs('Waiting for the test of elsewhere by process 4711'),
    typed: [],
  },
  {
    name: 'it ends a leftover client that ignores SIGTERM',
    site: { vpn_gw: 'works' },
    prepare: leftOver('ignores-term'),
    reached: logs('Killing Ps startct'),
    typed: [],
  },
  {
    name: 'it lets the gateway notice that a leftover client has ended',
    site: { vpn_gw: 'works' },
    more: 'cleanup: { settle_seconds: 600 }',
    prepare: leftOver('silent'),
    reached: (world) => logs('Killing Ps startct')(world) && clients(world).length === 0,
    typed: [],
  },
  {
    name: 'it pings outside',
    site: { external_ip: 'hangs', vpn_gw: 'works' },
    reached: logs('Running external delay test for site1'),
    typed: [],
  },
  {
    name: 'it waits for the prompt Username:',
    ...isTyped('silent', 'args'),
    typed: ['args'],
  },
  {
    name: 'it waits for the prompt Password:',
    ...isTyped('hangs-after-username', 'username'),
    typed: ['args', 'username'],
  },
  {
    name: 'it waits for the menu of a client that ignores SIGTERM and SIGHUP',
    ...isTyped('ignores-term', 'password'),
    typed: ['args', 'username', 'password'],
  },
  {
    name: 'it waits for CONNECT',
    ...isTyped('hangs-after-choice', 'choice'),
    typed: ['args', 'username', 'password', 'choice'],
  },
  {
    name: 'it pings inside',
    site: { internal_ip: 'hangs', vpn_gw: 'works' },
    reached: logs('Running internal delay test for site1'),
    typed: ['args', 'username', 'password', 'choice'],
    loggedIn: true,
  },
  {
    name: 'it logs out',
    ...isTyped('ignores-quit', 'line'),
    typed: ['args', 'username', 'password', 'choice', 'line'],
  },
  {
    name: 'it waits for the next cycle',
    site: { vpn_gw: 'works' },
    reached: (world) =>
      world.csv().some((row) => row.includes(',site1,')) &&
      world.read('results', '.state', 'state.json').includes('"site1"'),
    typed: ['args', 'username', 'password', 'choice', 'line'],
    tested: true,
  },
];

/** One of {@link MOMENTS}. */
export function momentNamed(name: string): Moment {
  const found = MOMENTS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no such moment: ${name}`);
  return found;
}

/**
 * Makes all that a moment needs but the monitor.
 *
 * @param others sites beside `site1`, tested after it.
 */
export async function prepareMoment(
  { site, more = '', quitTimeout = QUIT_TIMEOUT, prepare }: Moment,
  world: MonitoredWorld,
  others: Readonly<Record<string, string>> = {},
): Promise<void> {
  copyFileSync(`${FIXTURES}/ping`, world.at('bin', 'ping'));
  world.config({ site1: site, ...others }, `${momentConfig(quitTimeout)}\n${more}`);
  await prepare?.(world);
  for (const helper of CLIENT.slice(1)) copyFileSync(`${FIXTURES}/stays-up`, world.at('bin', helper));
}

/** Waits until a monitor is at a moment; a client that runs by then has AvConnect and java beside it. */
export async function awaitMoment(
  { name, reached, typed, tested }: Moment,
  world: MonitoredWorld,
): Promise<void> {
  await until(name, () => reached(world));
  if (!typed.includes('args') || tested) return;
  await until('the client is complete', () => clients(world).length === CLIENT.length);
}

/** Starts a monitor and brings it to a moment. */
export async function reach(
  moment: Moment,
  world: MonitoredWorld,
  others?: Readonly<Record<string, string>>,
): Promise<WorldProcess> {
  await prepareMoment(moment, world, others);
  const daemon = world.monitor([], { TZ: NOON });
  await awaitMoment(moment, world);
  return daemon;
}

/** Starts a monitor that has a mail to send, and waits until it has connected to a mail server that never says a word. */
export async function reachMail({ silentServer, monitor }: MonitoredWorld): Promise<{
  daemon: WorldProcess;
  silent: WorldProcess;
}> {
  const silent = await silentServer();
  const daemon = monitor([], { TZ: NOON });
  await until('the mail server is connected', () => silent.stdout().includes('connected'));
  return { daemon, silent };
}

/** The client's processes that run: startct, AvConnect and java. */
export function clients(world: MonitoredWorld): { pid: number; name: string }[] {
  return world.processes().filter(({ name, state }) => CLIENT.includes(name) && state !== 'Z');
}

/** What was typed at the clients of a gateway, without the values. */
export function typedKeys(world: MonitoredWorld, gateway: string): string[] {
  const keys: string[] = [];
  let ofGateway = false;
  for (const line of world.typed()) {
    if (line.startsWith('args=')) ofGateway = line.startsWith(`args=-s ${gateway} `);
    if (ofGateway) keys.push(line.split('=', 1)[0] ?? '');
  }
  return keys;
}
