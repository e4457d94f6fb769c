import path from 'node:path';
import { checkPrivateFolder } from '../files/private-folder.ts';
import { reason } from '../files/reason.ts';
import type { Log } from '../log/log.ts';
import { DONE, failed, good, type Result } from '../model/result.ts';
import type { System } from '../system/system.ts';
import {
  CHANGES,
  freshState,
  parseStateFile,
  STATE_VERSION,
  type State,
  type StoredState,
  type Unusable,
} from './format.ts';
import { applyChanges } from './site-changes.ts';
import { StateWriter, versionOf } from './writer.ts';

export type { Withheld } from './fields.ts';
export type {
  FirstKeys,
  HostFaultState,
  OutboxEntry,
  PendingEvent,
  Prepared,
  SiteState,
  State,
  ToldEvent,
} from './format.ts';
export { freshState } from './format.ts';

/** The folder in the results folder that holds everything that survives a restart. */
export const STATE_FOLDER = '.state';

/** The folder of the reports that wait to be sent by mail. */
export function reportsFolder(dir: string): string {
  return path.join(dir, STATE_FOLDER, 'reports');
}

/** The state in memory and its file. */
export interface StateStore {
  readonly state: State;
  /** Writes what has changed, or the whole state, durably: a kill leaves the state before or after it. Never throws. */
  save(): Result;
}

/**
 * Reads the state of a results folder for a reader that does not own it. A missing file is a fresh state. Changes
 * nothing, logs nothing, never throws.
 *
 * @param dir the results folder
 */
export function readState(dir: string, system: System): Result<State> {
  const file = fileIn(dir);
  const found = read(file, system);
  if (found.ok) return good(found.value.state);
  const { why } = found;
  return failed('unreadable' in why ? `${file} can't be read (${why.unreadable})` : `${file} ${why.words}`);
}

/**
 * Opens the state of a results folder, for its one owner. No file: a fresh state. A file that is damaged or of a newer
 * version is set aside under a name of its own, the log says so, and a fresh state begins.
 *
 * A file that can't be read (too many open files, a disk error, a wrong owner) or can't be set aside may be usable
 * later. Until then a fresh state lives in memory and {@link StateStore.save} fails, so that the file is never
 * overwritten. Each save tries again. When it succeeds, it takes in what the file holds: messages that wait in the file
 * are sent before those that came since, and an outage that people know of continues.
 *
 * Creates nothing before the first {@link StateStore.save}. Never throws.
 *
 * @param dir the results folder
 */
export function openState(dir: string, system: System, log: Log): StateStore {
  const file = fileIn(dir);
  const state = freshState();
  const writer = new StateWriter(file, state, system.files);
  let taken = takeIn(file, state, writer, system, log);
  if (!taken.ok) {
    log.critical(`The state file ${taken.why}: nothing is stored until it can be, streaks begin afresh`);
  }
  return {
    state,
    save: () => {
      if (!taken.ok) {
        taken = takeIn(file, state, writer, system, log);
        if (!taken.ok) return failed(`the state can't be written: ${taken.why}`);
        log.warning(`The state file ${file} can be used again`);
      }
      try {
        writer.write();
        return DONE;
      } catch (error) {
        return failed(`the state can't be written: ${reason(error)}`);
      }
    },
  };
}

/**
 * When a monitor last wrote the state of a results folder, in ms since the epoch. Throws the system's error if there is no state file.
 *
 * @param dir the results folder
 */
export function lastSaved(dir: string, { files }: Pick<System, 'files'>): number {
  const file = fileIn(dir);
  const changes = CHANGES.map((name) =>
    files.statSync(path.join(path.dirname(file), name), { throwIfNoEntry: false }),
  );
  return Math.max(files.statSync(file).mtimeMs, ...changes.map((found) => found?.mtimeMs ?? 0));
}

function fileIn(dir: string): string {
  return path.join(dir, STATE_FOLDER, 'state.json');
}

/** How often a reader reads anew what the monitor wrote meanwhile. */
const MOST_READS = 3;

/** What a state file and its changes hold; a missing one is a fresh state. `unreadable`: it may hold a state that can be read later. */
function read(
  file: string,
  { files }: System,
): Result<StoredState, Unusable | { readonly unreadable: string }> {
  const trusted = checkPrivateFolder(files, path.dirname(file));
  if (!trusted.ok) return failed({ unreadable: trusted.why });
  try {
    for (let count = 1; ; count += 1) {
      const version = versionOf(files, file);
      const stored = parseStateFile(files.readFileSync(file, 'utf8'));
      if (!stored.ok || stored.value.changes === null) return stored;
      const { state, changes } = stored.value;
      applyChanges(files, path.join(path.dirname(file), changes), state.sites);
      // A monitor that writes the file anew removes the changes of the one before.
      if (count === MOST_READS || versionOf(files, file) === version) return stored;
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') return failed({ words: 'is a folder', label: 'damaged' });
    const isMissing = ['ENOENT', 'ENOTDIR'].includes(code);
    return isMissing
      ? good({ state: freshState(), changes: null, version: STATE_VERSION })
      : failed({ unreadable: reason(error) });
  }
}

/** Said once: the file is written anew in the present version. */
const UPGRADED =
  'The state is that of vpn-monitor 1.0.0. Since then the subjects of mails are others, and what fails in one cycle is one mail: alerts.subjects: classic and alerts.group_seconds: 0 bring back those of 1.0.0. All that has changed: docs/migration.md and CHANGELOG.md';

/** Takes what a file holds into `state`, or sets the file aside. After a success the file may be replaced. */
function takeIn(file: string, state: State, writer: StateWriter, system: System, log: Log): Result {
  const found = read(file, system);
  if (found.ok) {
    merge(state, found.value.state);
    writer.replaces(found.value.changes);
    if (found.value.version === 1) log.warning(UPGRADED);
    return DONE;
  }
  const { why } = found;
  if ('unreadable' in why) return failed(`${file} can't be read (${why.unreadable})`);
  try {
    const aside = setAside(file, why.label, system);
    log.critical(
      `The state file ${file} ${why.words}: set aside as ${aside}; streaks and mails not yet sent begin afresh`,
    );
    return DONE;
  } catch (error) {
    return failed(`${file} ${why.words} and can't be set aside (${reason(error)})`);
  }
}

/** Adds an earlier state to one that began without it. */
function merge(state: State, { sites, outbox, pending, ...notes }: State): void {
  for (const [name, site] of sites) {
    if (!state.sites.has(name) || site.announced !== null) state.sites.set(name, site);
  }
  const newer = Object.fromEntries(Object.entries(state).filter(([, value]) => value !== null));
  Object.assign(state, notes, newer, {
    outbox: [...outbox, ...state.outbox],
    pending: [...pending, ...state.pending],
  });
}

/** Renames to a name that is free and sorts by time. Throws if that fails. */
function setAside(file: string, label: string, { files, now }: System): string {
  const stamp = now()
    .toISOString()
    .replace(/[-:]|\.\d+/g, '');
  for (let n = 1; ; n += 1) {
    const target = path.join(path.dirname(file), `state-${label}-${stamp}${n === 1 ? '' : `-${n}`}.json`);
    if (files.existsSync(target)) continue;
    files.renameSync(file, target);
    return path.basename(target);
  }
}
