import path from 'node:path';
import { checkPrivateFolder, makePrivateFolder } from '../files/private-folder.ts';
import { reason } from '../files/reason.ts';
import { replaceFile } from '../files/replace-file.ts';
import type { Log } from '../log/log.ts';
import type { System } from '../system/system.ts';
import { formatState, freshState, parseState, type State } from './format.ts';

export type { DnsNote, HostFaultState, SiteState, State, StoredMail } from './format.ts';
export { freshState } from './format.ts';

/** The folder under the results folder that holds what outlives a restart. */
export const STATE_FOLDER = '.state';

/** The state in memory and its file. */
export interface StateStore {
  readonly state: State;
  /** Writes the whole state, atomically and durably. `null`: done; else why not, in words. Never throws. */
  save(): string | null;
}

/** The state as somebody sees it who does not own it. */
export interface SeenState {
  /** Fresh where there is none, or where it is not known. */
  readonly state: State;
  /** Why it is not known, in words; `null`: it is. */
  readonly unknown: string | null;
}

/**
 * The state of a results folder for somebody who does not own it. Changes nothing and says nothing. Never throws.
 *
 * @param dir the results folder
 */
export function readState(dir: string, system: System): SeenState {
  const file = fileIn(dir);
  const found = read(file, system);
  if ('sites' in found) return { state: found, unknown: null };
  const why = 'unreadable' in found ? `can't be read (${found.unreadable})` : found.unusable;
  return { state: freshState(), unknown: `${file} ${why}` };
}

/**
 * Opens the state of a results folder, for its one owner. No file: a fresh state. A file that is damaged or of a newer
 * version is set aside under a name of its own, said in the log, and a fresh state begins.
 *
 * A file that can't be had, because it can't be read (too many open files, a sick disk, a wrong owner) or not be set
 * aside, may be had later: until then a fresh state goes on in memory and {@link StateStore.save} fails, so that the file
 * is never overwritten. Each save tries again, and when it succeeds takes in what the file holds: what waits in it is
 * sent before what came since, and an outage that people were told about goes on.
 *
 * Creates nothing yet: {@link StateStore.save} does. Never throws.
 *
 * @param dir the results folder
 */
export function openState(dir: string, system: System, log: Log): StateStore {
  const file = fileIn(dir);
  const state = freshState();
  let held = takeIn(file, state, system, log);
  if (held !== null) {
    log.critical(`The state file ${held}: nothing is stored until it can be, streaks begin afresh`);
  }
  return {
    state,
    save: () => {
      if (held !== null) {
        held = takeIn(file, state, system, log);
        if (held !== null) return `the state can't be written: ${held}`;
        log.warning(`The state file ${file} can be used again`);
      }
      return save(file, formatState(state), system);
    },
  };
}

function fileIn(dir: string): string {
  return path.join(dir, STATE_FOLDER, 'state.json');
}

/** What became of a state file: its state, why it was not read, or why it is none and what it is to be called. */
type Found = State | { readonly unreadable: string } | { readonly unusable: string; readonly kind: string };

/** A file that is missing is a fresh state. */
function read(file: string, { files }: System): Found {
  const trusted = checkPrivateFolder(files, path.dirname(file));
  if (!trusted.ok) return { unreadable: trusted.why };
  let text: string;
  try {
    text = files.readFileSync(file, 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') return { unusable: 'is a folder', kind: 'damaged' };
    return ['ENOENT', 'ENOTDIR'].includes(code) ? freshState() : { unreadable: reason(error) };
  }
  const parsed = parseState(text);
  if (parsed === 'damaged') return { unusable: 'is damaged', kind: 'damaged' };
  if (!('newer' in parsed)) return parsed;
  return { unusable: `is of the newer version ${parsed.newer}`, kind: `version-${parsed.newer}` };
}

/** Takes what a file holds into `state`, or sets the file aside. `null`: the file may be replaced; else why not, in words. */
function takeIn(file: string, state: State, system: System, log: Log): string | null {
  const found = read(file, system);
  if ('unreadable' in found) return `${file} can't be read (${found.unreadable})`;
  if ('sites' in found) {
    merge(state, found);
    return null;
  }
  try {
    const aside = setAside(file, found.kind, system);
    log.critical(
      `The state file ${file} ${found.unusable}: set aside as ${aside}; streaks and mails not yet sent begin afresh`,
    );
    return null;
  } catch (error) {
    return `${file} ${found.unusable} and can't be set aside (${reason(error)})`;
  }
}

/** Takes an earlier state into one that has begun without it. */
function merge(state: State, { sites, mails, ...notes }: State): void {
  for (const [name, site] of sites) {
    if (!state.sites.has(name) || site.announced !== null) state.sites.set(name, site);
  }
  const newer = Object.fromEntries(Object.entries(state).filter(([, value]) => value !== null));
  Object.assign(state, notes, newer, { mails: [...mails, ...state.mails] });
}

/** Renames to a name that is free and sorts by time. Throws if that fails. */
function setAside(file: string, kind: string, { files, now }: System): string {
  const stamp = now()
    .toISOString()
    .replace(/[-:]|\.\d+/g, '');
  for (let n = 1; ; n += 1) {
    const target = path.join(path.dirname(file), `state-${kind}-${stamp}${n === 1 ? '' : `-${n}`}.json`);
    if (files.existsSync(target)) continue;
    files.renameSync(file, target);
    return path.basename(target);
  }
}

function save(file: string, text: string, { files }: System): string | null {
  const folder = path.dirname(file);
  try {
    makePrivateFolder(files, folder);
    replaceFile(files, file, text, 0o600);
    return null;
  } catch (error) {
    return `the state can't be written: ${reason(error)}`;
  }
}
