import type { Config } from '../config/config.ts';
import { ControlFolder } from '../control/control-folder.ts';
import { type GivenOrder, isOver, newAck, newSilence, type Order, type Silence } from '../control/order.ts';
import { orderInWords } from '../control/order-words.ts';
import { readStatus } from '../history/read-status.ts';
import { askResults } from '../lock/lock.ts';
import { DONE, type Result } from '../model/result.ts';
import type { System } from '../system/system.ts';
import { printableLine } from '../words/printable.ts';
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
  if (end) return endOrders(found, 'silence', all ? null : sites, shell);
  const named = sitesNamed(config, sites);
  if (!named.ok) return refuse(named.why, shell);
  const names = all ? null : named.value.map(({ name }) => name);
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
  if (end) return endOrders(found, 'ack', [site], shell);
  const named = sitesNamed(config, [site]);
  if (!named.ok) return refuse(named.why, shell);
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

/**
 * Ends the orders of a kind for some sites; `null`: all of that kind. A silence of other sites, too, stays for those. A site may be out
 * of the config by now.
 */
function endOrders(
  { folder, ready }: Open,
  kind: Order['kind'],
  names: readonly string[] | null,
  shell: Shell,
): number {
  const { screen } = shell;
  const { orders, problems } = folder.read();
  for (const problem of problems) screen.diagnose(`note: ${problem}`);
  const ofKind = orders.filter((order) => order.kind === kind);
  const ordered = new Set(ofKind.flatMap((order) => sitesOf(order) ?? []));
  const named = sitesNamed(ready.config, names?.filter((name) => !ordered.has(name)) ?? []);
  if (!named.ok) return refuse(named.why, shell);
  const meant = ofKind.filter((order) => isAbout(order, names));
  if (meant.length === 0) {
    screen.diagnose('error: there is nothing to end: `vpn-monitor silence --list` shows what there is');
    return EXIT.failed;
  }
  const now = ready.system.now().getTime();
  const configured = ready.config.sites.map(({ name }) => name);
  for (const order of meant) {
    const rest = isOver(order, now) ? null : restOf(order, names, configured);
    // What stays is there before the old one goes: nobody is told in between.
    const kept = rest === null ? DONE : folder.write(rest);
    const removed = kept.ok ? folder.remove(order.id) : kept;
    if (!removed.ok) {
      screen.diagnose(`error: ${removed.why}`);
      return EXIT.later;
    }
    const which = rest === null ? '' : ` for ${names?.map(printableLine).join(', ')}`;
    screen.print(`ended${which}: ${orderInWords(order)}`);
  }
  return EXIT.good;
}

/** Whether an order is about some named sites; `null`: all. */
function isAbout(order: Order, names: readonly string[] | null): boolean {
  return names === null || (sitesOf(order)?.some((site) => names.includes(site)) ?? true);
}

/** The sites that an order names; `null`: it is about all. */
function sitesOf(order: Order): readonly string[] | null {
  return order.kind === 'ack' ? [order.site] : order.sites;
}

/** What is left of a silence without some sites; `null`: nothing. One of all sites is then one of those that the config has. */
function restOf(
  order: GivenOrder,
  names: readonly string[] | null,
  configured: readonly string[],
): Silence | null {
  if (order.kind === 'ack' || names === null) return null;
  const { id: _, author: __, ...silence } = order;
  const sites = (order.sites ?? configured).filter((site) => !names.includes(site));
  return sites.length === 0 ? null : { ...silence, sites };
}

function refuse(why: string, { screen }: Shell): number {
  screen.diagnose(`error: ${why}`);
  return EXIT.usage;
}
