import type fs from 'node:fs';
import path from 'node:path';
import { syncFolder } from '../files/folder.ts';
import { makePrivateFolder } from '../files/private-folder.ts';
import { replaceFile } from '../files/replace-file.ts';
import { type ChangesName, formatState, type SiteState, type State } from './format.ts';
import { appendChanges, nextChanges } from './site-changes.ts';

/** The fewest changes after which the state file is written anew; with many sites, as many as there are sites. */
const FEWEST_CHANGES = 100;

/** What the files hold. */
interface Written extends Omit<State, 'sites'> {
  readonly sites: Map<string, SiteState>;
  /** Of the state file: {@link versionOf}. */
  readonly version: string;
  /** Lines in the file of changes. */
  lines: number;
}

/** Returns a text that differs if another file stands there, or other content; '' if there is none. */
export function versionOf(files: typeof fs, file: string): string {
  const found = files.statSync(file, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? '' : `${found.ino} ${found.mtimeNs} ${found.size}`;
}

/**
 * Writes a state to its file. Where only the streaks of sites differ from what was last written, which is so after most tests, it appends
 * these sites to a file of changes: the cost of a test does not grow with the number of sites.
 */
export class StateWriter {
  readonly #file: string;
  readonly #folder: string;
  readonly #state: State;
  readonly #files: typeof fs;
  /** The file of changes of the state file. */
  #changes: ChangesName | null = null;
  /** `null`: not known, since nothing was written yet, or a write failed. */
  #written: Written | null = null;

  constructor(file: string, state: State, files: typeof fs) {
    this.#file = file;
    this.#folder = path.dirname(file);
    this.#state = state;
    this.#files = files;
  }

  /** Tells which file of changes belongs to the state file that the next one replaces. */
  replaces(changes: ChangesName | null): void {
    this.#changes = changes;
  }

  /** Writes what has changed; if nothing has, the whole state. Throws the system's error. */
  write(): void {
    makePrivateFolder(this.#files, this.#folder);
    const written = this.#written;
    const changed = written === null ? null : this.#changedSince(written);
    this.#written = null;
    if (written === null || changed === null || this.#changes === null) {
      this.#writeWhole();
      return;
    }
    appendChanges(this.#files, path.join(this.#folder, this.#changes), changed);
    for (const [name, site] of changed) written.sites.set(name, site);
    written.lines += changed.length;
    this.#written = written;
  }

  /** The sites that have changed; `null` if that is not all, or the state file should be written anew. */
  #changedSince(written: Written): readonly (readonly [string, SiteState])[] | null {
    const { sites, host, outbox, pending, reported } = this.#state;
    const isSame =
      host === written.host &&
      reported === written.reported &&
      isSameList(outbox, written.outbox) &&
      isSameList(pending, written.pending);
    if (!isSame || [...written.sites.keys()].some((name) => !sites.has(name))) return null;
    const changed = [...sites].filter(([name, site]) => written.sites.get(name) !== site);
    const most = Math.max(FEWEST_CHANGES, sites.size);
    if (changed.length === 0 || written.lines + changed.length > most) return null;
    // The folder may have been moved away, or the file removed.
    return versionOf(this.#files, this.#file) === written.version ? changed : null;
  }

  #writeWhole(): void {
    const before = this.#changes;
    const changes = nextChanges(before);
    this.#remove(changes);
    replaceFile(this.#files, this.#file, formatState(this.#state, changes), 0o600);
    this.#changes = changes;
    const { sites, host, outbox, pending, reported } = this.#state;
    const version = versionOf(this.#files, this.#file);
    this.#written = {
      sites: new Map(sites),
      host,
      outbox: [...outbox],
      pending: [...pending],
      reported,
      version,
      lines: 0,
    };
    try {
      if (before !== null) this.#remove(before);
    } catch {
      // No state file names it any more.
    }
  }

  /** Removes a file of changes, durably. */
  #remove(name: ChangesName): void {
    const file = path.join(this.#folder, name);
    if (this.#files.lstatSync(file, { throwIfNoEntry: false }) === undefined) return;
    this.#files.rmSync(file);
    syncFolder(this.#files, this.#folder);
  }
}

function isSameList<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index]);
}
