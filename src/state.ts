import path from 'node:path';
import { reason } from './files/errno.ts';
import type { Log } from './log/log.ts';
import { formatState, freshState, parseState, type State } from './state-format.ts';
import type { System } from './system.ts';

export type { DnsNote, HostFaultState, NetworkNote, SiteState, State, StoredMail } from './state-format.ts';
export { freshState } from './state-format.ts';

/** The folder under the results folder that holds what outlives a restart. */
export const STATE_FOLDER = '.state';

/** The state in memory and its file. */
export interface StateStore {
  readonly state: State;
  /** Writes the whole state, atomically and durably. `null`: done; else why not, in words. Never throws. */
  save(): string | null;
}

/**
 * Opens the state of a results folder. No file: a fresh state. A file that can't be used is set aside under a name of
 * its own, said in the log, and a fresh state begins. Creates nothing yet: {@link StateStore.save} does. Never throws.
 *
 * @param dir the results folder
 */
export function openState(dir: string, system: System, log: Log): StateStore {
  const file = path.join(dir, STATE_FOLDER, 'state.json');
  const state = load(file, system, log);
  return { state, save: () => save(dir, file, formatState(state), system) };
}

function load(file: string, system: System, log: Log): State {
  const { files } = system;
  let why: string;
  try {
    const parsed = parseState(files.readFileSync(file, 'utf8'));
    if (parsed !== 'damaged' && !('newer' in parsed)) return parsed;
    why = parsed === 'damaged' ? 'is damaged' : `is of the newer version ${parsed.newer}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return freshState();
    why = `can't be read (${reason(error)})`;
  }
  const lost = 'streaks and mails not yet sent begin afresh';
  try {
    log.critical(`The state file ${file} ${why}: set aside as ${setAside(file, system)}; ${lost}`);
  } catch (error) {
    log.critical(`The state file ${file} ${why} and can't be set aside (${reason(error)}); ${lost}`);
  }
  return freshState();
}

/** Renames to a name that is free and sorts by time. Throws if that fails. */
function setAside(file: string, { files, now }: System): string {
  const stamp = now()
    .toISOString()
    .replace(/[-:]|\.\d+/g, '');
  for (let n = 1; ; n += 1) {
    const target = path.join(path.dirname(file), `state-damaged-${stamp}${n === 1 ? '' : `-${n}`}.json`);
    if (files.existsSync(target)) continue;
    files.renameSync(file, target);
    return path.basename(target);
  }
}

function save(dir: string, file: string, text: string, { files }: System): string | null {
  const folder = path.dirname(file);
  const temporary = `${file}.new`;
  try {
    // Two steps: the mode of the state folder is not for the results folder. And not `recursive` where it can be
    // helped: that turns a read-only file system into "no such file or directory".
    if (!files.existsSync(dir)) files.mkdirSync(dir, { recursive: true });
    if (!files.existsSync(folder)) files.mkdirSync(folder, { mode: 0o700 });
    restrict(folder, files);
    files.rmSync(temporary, { recursive: true, force: true });
    const out = files.openSync(temporary, 'wx', 0o600);
    try {
      files.writeFileSync(out, text);
      files.fsyncSync(out);
    } finally {
      files.closeSync(out);
    }
    files.renameSync(temporary, file);
    const entry = files.openSync(folder, 'r');
    try {
      files.fsyncSync(entry);
    } finally {
      files.closeSync(entry);
    }
    return null;
  } catch (error) {
    try {
      files.rmSync(temporary, { force: true });
    } catch {
      // The next save replaces it.
    }
    return `the state can't be written: ${reason(error)}`;
  }
}

/** Another part may have made the folder first, and with another mode. Not ours to change: no reason not to save. */
function restrict(folder: string, files: System['files']): void {
  try {
    files.chmodSync(folder, 0o700);
  } catch {
    // Said by nobody: what is in it has modes of its own.
  }
}
