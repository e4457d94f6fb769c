import { isIP } from 'node:net';
import type { Log } from '../../log/log.ts';
import { NETWORK_MS } from '../../model/limits.ts';
import { DONE, failed, good, type Result } from '../../model/result.ts';
import type { NetworkNote } from '../../state/host-note.ts';
import { startDeadline } from '../../system/deadline.ts';
import type { Place } from '../../system/place.ts';
import { inParentheses } from '../../words/printable.ts';
import { change, ip } from './ip-command.ts';
import { noteIpsec, removeIpsec } from './ipsec.ts';
import { devices, leftDevices } from './tun-devices.ts';

/** Notes the network before a test and restores it after the test. */
export interface NetworkKeeper {
  /**
   * Returns the current devices and routes, the rules if clients have `tables`, and IPsec if the tunnel may be that. `gateways`: the
   * numeric addresses that a client may leave host routes and policies to.
   */
  note(
    gateways: readonly string[],
    signal: AbortSignal,
    more?: { readonly tables?: readonly string[]; readonly ipsec?: boolean },
  ): Promise<Omit<NetworkNote, 'unmarked'>>;
  /**
   * Restores the network: removes new tunnel devices that no process holds, new host routes and IPsec policies to the gateway, and adds
   * the previous default route if there is none. Other changes may belong to someone else and are left alone. Fails if a part could not be restored.
   *
   * @param ours what clients make: new devices with these names are removed, too, if the kernel alone holds them, and new rules that
   * look up these tables.
   */
  restore(note: NetworkNote, ours: Ours, signal: AbortSignal): Promise<Result>;
}

/** Names of devices, and routing tables. */
export interface Ours {
  readonly devices: readonly string[];
  readonly tables: readonly string[];
}

type Family = '-4' | '-6';
const FAMILIES: readonly Family[] = ['-4', '-6'];

/** Opens the keeper of this network namespace. It logs what it finds and restores. */
export function networkKeeper(place: Place, log: Log): NetworkKeeper {
  return {
    note: async (gateways, signal, { tables = [], ipsec = false } = {}) => {
      const routes: string[] = [];
      const watched: string[] = [];
      for (const family of FAMILIES) {
        const found = await routesOf(place, family, signal);
        // Without a note of the routes, it is unknown later whose they are.
        if (!found.ok) continue;
        routes.push(...found.value.map((route) => `${family} ${route}`));
        watched.push(...gateways.filter((address) => familyOf(address) === family));
      }
      const transforms = ipsec ? await noteIpsec(place, signal) : undefined;
      return {
        bootId: place.bootId(),
        devices: [...devices(place)],
        routes,
        gateways: watched,
        ...(tables.length === 0 ? {} : { rules: await rulesOf(place, signal) }),
        ...(transforms === undefined ? {} : { ipsec: transforms }),
      };
    },
    restore: async (note, ours, signal) => {
      const { devices } = note;
      // A reboot has removed all devices and routes of the client.
      if (devices === null || note.bootId !== place.bootId()) return DONE;
      const deadline = startDeadline(place, NETWORK_MS, signal);
      try {
        const staying = [
          ...(await removeDevices(place, log, devices, ours.devices, deadline.signal)),
          ...(await removeRules(place, log, note.rules, ours.tables, deadline.signal)),
          ...(await removeIpsec(place, log, note.ipsec, note.gateways, deadline.signal)),
          ...(await restoreRoutes(place, log, note, deadline.signal)),
        ];
        for (const words of staying) log.critical(words);
        return staying.length === 0 ? DONE : failed(staying.join('; '));
      } catch (error) {
        if (!deadline.expired()) throw error;
        return failed(`the network could not be restored within ${NETWORK_MS / 1000} s`);
      } finally {
        deadline.end();
      }
    },
  };
}

/** Removes the devices of {@link leftDevices}. Returns a description of each that could not be removed. */
async function removeDevices(
  place: Place,
  log: Log,
  before: readonly string[],
  ours: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const staying: string[] = [];
  for (const device of await leftDevices(place, before, ours, signal)) {
    log.critical(`The device ${device} was left by the client: removing it`);
    const changed = await change(place, ['link', 'del', device], signal);
    if (!changed.ok) staying.push(`the device ${device} could not be removed${changed.why}`);
  }
  return staying;
}

/** Removes new rules that look up one of the tables, and what is in a table that had no rule before. Returns what failed. */
async function removeRules(
  place: Place,
  log: Log,
  before: readonly string[] | undefined,
  tables: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  // No client of the note's test had one.
  if (tables.length === 0 || before === undefined) return [];
  const staying: string[] = [];
  for (const rule of await rulesOf(place, signal)) {
    const [family = '', preference = '', ...rest] = rule.split(' ');
    const table = tableOf(rule);
    if (before.includes(rule) || table === undefined || !tables.includes(table)) continue;
    log.critical(`The rule "${rule}" was left by the client: removing it`);
    const changed = await change(place, [family, 'rule', 'del', 'pref', preference, ...rest], signal);
    if (!changed.ok) staying.push(`the rule "${rule}" could not be removed${changed.why}`);
    if (before.some((each) => each.startsWith(family) && tableOf(each) === table)) continue;
    const routes = await ip(place, [family, 'route', 'show', 'table', table], signal);
    if (routes.code !== 0 || routes.output.trim() === '') continue;
    const flushed = await change(place, [family, 'route', 'flush', 'table', table], signal);
    if (!flushed.ok) staying.push(`the routes of table ${table} could not be removed${flushed.why}`);
  }
  return staying;
}

/** The table that a rule looks up. */
function tableOf(rule: string): string | undefined {
  return / lookup (\S+)/.exec(rule)?.[1];
}

/** The rules of both families: `-4 220 from all lookup 220`. Those of a family that has none, or that can't be read, are missing. */
async function rulesOf(place: Place, signal: AbortSignal): Promise<string[]> {
  const rules: string[] = [];
  for (const family of FAMILIES) {
    const { code, output } = await ip(place, [family, 'rule', 'show'], signal);
    if (code !== 0) continue;
    const lines = output.split('\n').map((line) => line.replace(':', ' ').replace(/\s+/g, ' ').trim());
    rules.push(...lines.filter((line) => line !== '').map((line) => `${family} ${line}`));
  }
  return rules;
}

/** Removes new host routes to the gateway, and adds the previous default routes if there is none. Returns what failed. */
async function restoreRoutes(
  place: Place,
  log: Log,
  note: NetworkNote,
  signal: AbortSignal,
): Promise<string[]> {
  const staying: string[] = [];
  for (const family of FAMILIES) {
    const before = note.routes
      .filter((route) => route.startsWith(`${family} `))
      .map((route) => route.slice(3));
    const gateways = note.gateways.filter((address) => familyOf(address) === family);
    if (before.length === 0 && gateways.length === 0) continue;
    const found = await routesOf(place, family, signal);
    if (!found.ok) {
      staying.push(`the routes can't be read${found.why}`);
      continue;
    }
    const now = found.value;
    for (const route of now.filter(
      (route) => !before.includes(route) && gateways.includes(targetOf(route)),
    )) {
      log.critical(`The route "${route}" was left by the client: removing it`);
      const changed = await change(place, [family, 'route', 'del', ...route.split(' ')], signal);
      if (!changed.ok) staying.push(`the route "${route}" could not be removed${changed.why}`);
    }
    if (now.some(isDefault)) continue;
    for (const route of before.filter(isDefault)) {
      log.critical(`The route "${route}" was removed by the client: adding it again`);
      const changed = await change(place, [family, 'route', 'add', ...route.split(' ')], signal);
      if (!changed.ok) staying.push(`the route "${route}" could not be added again${changed.why}`);
    }
  }
  return staying;
}

/** The main routes of one family, as ip prints and accepts them, without flags that change by themselves. */
async function routesOf(
  place: Place,
  family: Family,
  signal: AbortSignal,
): Promise<Result<readonly string[]>> {
  const { code, output } = await ip(place, [family, 'route', 'show'], signal);
  if (code !== 0) return failed(inParentheses(output));
  const changingFlags = / (?:linkdown|dead|offload|trap|rt_offload|rt_trap|expires \S+)(?= |$)/g;
  const lines = output
    .split('\n')
    .map((line) => ` ${line}`.replace(/\s+/g, ' ').replace(changingFlags, '').trim())
    .filter((line) => line !== '');
  return good(lines);
}

function targetOf(route: string): string {
  return route.replace(/ .*/, '').replace(/\/(?:32|128)$/, '');
}

function isDefault(route: string): boolean {
  return route.startsWith('default ');
}

function familyOf(address: string): Family {
  return isIP(address) === 6 ? '-6' : '-4';
}
