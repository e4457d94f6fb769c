import type { Config } from '../config/config.ts';
import { ControlFolder } from '../control/control-folder.ts';
import { type GivenOrder, isOver, newAck, newSilence, type Order } from '../control/order.ts';
import { orderInWords } from '../control/order-words.ts';
import { readStatus } from '../history/read-status.ts';
import { askResults } from '../lock/lock.ts';
import type { Result } from '../model/result.ts';
import type { System } from '../system/system.ts';
import { sitesNamed } from './choose-sites.ts';
import { type Ready, startWithConfig } from './load-config.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/** The options of `silence`. */
export interface SilenceOptions extends CommonOptions {
  readonly sites: readonly string[];
  readonly all: boolean;
  /** How long, in ms; `undefined`: not said. */
  readonly forMs: number | undefined;
  readonly reason: string | undefined;
  /** Whether to end silences instead. */
  readonly end: boolean;
  /** Whether to list the orders instead. */
  readonly list: boolean;
}

/** The options of `ack`. */
export interface AckOptions extends CommonOptions {
  readonly site: string;
  readonly note: string | undefined;
  /** Whether to take the acknowledgement back instead. */
  readonly end: boolean;
}

/**
 * Leaves an order that nobody is told of failures of some sites for a time, ends such orders, or lists all. Exit status: 0: done; 1: there
 * was nothing to end; 2: wrong usage or a bad config; 3: the folder of orders can't be used by this user, or not yet.
 */
export async function silence(options: SilenceOptions, shell: Shell): Promise<number> {
  const found = open(options, shell);
  if (typeof found === 'number') return found;
  const { config, system } = found.ready;
  if (options.list) return list(found, shell);
  const { sites, all, forMs, reason, end } = options;
  if (all === sites.length > 0) return refuse('name the sites, or --all', shell);
  const named = sitesNamed(config, sites);
  if (!named.ok) return refuse(named.why, shell);
  const names = all ? null : named.value.map(({ name }) => name);
  if (end) return endOrders(found, (order) => order.kind === 'silence' && isAbout(order.sites, names), shell);
  if (forMs === undefined) return refuse('--for is missing: how long, such as 30m, 2h or 1d', shell);
  const from = system.now().getTime();
  const made = newSilence({ sites: names, from, until: from + forMs, reason: reason ?? null });
  return give(found, made, shell);
}

/**
 * Leaves an order that somebody works on the outage of a site, so that no reminder is sent, or takes it back. Exit status: 0: done; 1: the
 * site is not down, or was not acknowledged; 2: wrong usage or a bad config; 3: the folder of orders can't be used by this user, or not yet.
 */
export async function ack(options: AckOptions, shell: Shell): Promise<number> {
  const found = open(options, shell);
  if (typeof found === 'number') return found;
  const { config, system } = found.ready;
  const { site, note, end } = options;
  const named = sitesNamed(config, [site]);
  if (!named.ok) return refuse(named.why, shell);
  if (end) return endOrders(found, (order) => order.kind === 'ack' && order.site === site, shell);
  const { sites } = await readStatus(config, [site], system);
  if (sites[0]?.now !== 'down') {
    shell.screen.diagnose(`error: ${site} is not down: there is nothing to acknowledge`);
    return EXIT.failed;
  }
  return give(found, newAck({ site, from: system.now().getTime(), note: note ?? null }), shell);
}

interface Open {
  readonly ready: Pick<Ready, 'config' | 'system'>;
  readonly folder: ControlFolder;
}

function open(options: CommonOptions, shell: Shell): Open | number {
  const started = startWithConfig(options.config, shell, { configOnly: true });
  if (!started.ok) return started.status;
  const { config, system } = started.value;
  return { ready: started.value, folder: new ControlFolder(config.logging.dir, system) };
}

async function give({ ready, folder }: Open, made: Result<Order>, { screen }: Shell): Promise<number> {
  if (!made.ok) {
    screen.diagnose(`error: ${made.why}`);
    return EXIT.usage;
  }
  const written = folder.write(made.value);
  if (!written.ok) {
    screen.diagnose(`error: ${written.why}`);
    return EXIT.later;
  }
  const { orders } = folder.read();
  const newest = orders
    .filter(({ from, kind }) => from === made.value.from && kind === made.value.kind)
    .at(-1);
  screen.print(newest === undefined ? 'done' : orderInWords(newest));
  const waits = await nobodyListens(ready.config, ready.system);
  if (waits) screen.diagnose('note: no monitor is running; it takes effect when one does');
  return EXIT.good;
}

async function nobodyListens({ logging }: Config, system: System): Promise<boolean> {
  return (await askResults(logging.dir, system)) === null;
}

function list({ folder, ready }: Open, { screen }: Shell): number {
  const { orders, problems } = folder.read();
  const now = ready.system.now().getTime();
  const valid = orders.filter((order) => !isOver(order, now));
  for (const order of valid) screen.print(orderInWords(order));
  for (const problem of problems) screen.diagnose(`note: ${problem}`);
  if (valid.length === 0 && problems.length === 0) screen.print('No site is silenced or acknowledged.');
  return problems.length === 0 ? EXIT.good : EXIT.later;
}

/** Ends the orders that `isMeant` picks. */
function endOrders({ folder }: Open, isMeant: (order: GivenOrder) => boolean, { screen }: Shell): number {
  const { orders, problems } = folder.read();
  for (const problem of problems) screen.diagnose(`note: ${problem}`);
  const meant = orders.filter(isMeant);
  for (const order of meant) {
    const removed = folder.remove(order.id);
    if (!removed.ok) {
      screen.diagnose(`error: ${removed.why}`);
      return EXIT.later;
    }
    screen.print(`ended: ${orderInWords(order)}`);
  }
  if (meant.length > 0) return EXIT.good;
  screen.diagnose('error: there is nothing to end: `vpn-monitor silence --list` shows what there is');
  return EXIT.failed;
}

/** Whether a silence of some sites is about some named ones; `null`: all. */
function isAbout(sites: readonly string[] | null, names: readonly string[] | null): boolean {
  return names === null || (sites?.some((site) => names.includes(site)) ?? false);
}

function refuse(why: string, { screen }: Shell): number {
  screen.diagnose(`error: ${why}`);
  return EXIT.usage;
}
