import { storeKey } from '../codes/one-time-codes.ts';
import { storeFolder, UsedSteps } from '../codes/used-steps.ts';
import type { Config, SiteConfig } from '../config/config.ts';
import type { System } from '../system/system.ts';
import { type Finding, ok, warning } from './finding.ts';

/** Time limit for one command that knows the state of the clock, in ms. */
const CLOCK_COMMAND_MS = 5000;
/** The commands that know whether the clock is synchronized, each with what it prints then and otherwise. */
const CLOCK_COMMANDS = [
  {
    command: 'timedatectl',
    args: ['show', '--property=NTPSynchronized', '--value'],
    isSet: /^yes$/m,
    isFree: /^no$/m,
  },
  // The kernel's own state (adjtimex(2)): 64 is STA_UNSYNC.
  {
    command: 'adjtimex',
    args: ['--print'],
    isSet: /^ *return value *= *[0-4]$/m,
    isFree: /^ *return value *= *5$/m,
  },
] as const;

/**
 * For enabled sites with one-time codes: whether the clock of this host is synchronized, whether the store of used codes works, and
 * whether there are enough codes for all log-ins of a cycle. No finding if no site has any. Rejects with the signal's reason.
 */
export async function checkCodes(
  config: Config,
  system: System,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const sites = config.sites.filter(({ enabled, totp }) => enabled && totp !== undefined);
  if (sites.length === 0) return [];
  return [
    await checkClock(system, signal),
    ...checkStore(system),
    ...sharedTooOften(sites, config.frequency),
  ];
}

async function checkClock(system: System, signal: AbortSignal): Promise<Finding> {
  const remedy =
    'Debian, Ubuntu: apt-get install chrony (or systemd-timesyncd), then: timedatectl set-ntp true';
  for (const { command, args, isSet, isFree } of CLOCK_COMMANDS) {
    const file = system.findCommand(command);
    if (file === undefined) continue;
    const { output } = await system.run(file, args, { env: system.env, timeoutMs: CLOCK_COMMAND_MS, signal });
    if (isSet.test(output)) return ok(`clock: synchronized (${command})`);
    if (isFree.test(output))
      return warning(
        `clock: not synchronized (${command}): one-time codes are wrong if it is off by 30 s`,
        remedy,
      );
  }
  return warning(
    'clock: neither timedatectl nor adjtimex says whether it is synchronized: one-time codes are wrong if it is off by 30 s',
    remedy,
  );
}

function checkStore(system: System): readonly Finding[] {
  const opened = new UsedSteps(system, storeFolder(system)).open();
  if (opened.ok) return [];
  return [
    warning(
      `one-time codes: the store of used codes can't be used: ${opened.why}`,
      'without it another command of this user may type a code that was used: remove that folder, or make it writable',
    ),
  ];
}

/** Warns of sites that share a secret and need more codes in a cycle than there are. */
function sharedTooOften(sites: readonly SiteConfig[], frequency: number): readonly Finding[] {
  const bySecret = new Map<string, { readonly period: number; readonly names: string[] }>();
  for (const { name, totp } of sites) {
    if (totp === undefined) continue;
    const key = storeKey(totp);
    const shared = bySecret.get(key) ?? { period: totp.period, names: [] };
    shared.names.push(name);
    bySecret.set(key, shared);
  }
  return [...bySecret.values()].flatMap(({ period, names }) => {
    const seconds = period * names.length;
    if (seconds <= frequency) return [];
    const words = `${names.join(', ')}: ${names.length} log-ins with one secret of one-time codes need ${seconds} s, and frequency is ${frequency} s`;
    return [warning(words, `set frequency to ${seconds} or more, or give the sites accounts of their own`)];
  });
}
