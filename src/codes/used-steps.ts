import path from 'node:path';
import { makePrivateFolder } from '../files/private-folder.ts';
import { reason } from '../files/reason.ts';
import { DONE, failed, type Result } from '../model/result.ts';
import type { System } from '../system/system.ts';

/** The folder of the stores: kept in memory, so it is gone after a boot, and the same for a service with a private /tmp. */
const SHARED_MEMORY = '/dev/shm';
/** Contains when the store was created, in ms since 1970. */
const SINCE = 'since';
const CLAIM = /^([0-9a-f]{32})\.(\d{1,12})$/;
/** A claim older than this, in ms, is removed: no code is valid for so long. */
const OLD_MS = 86_400_000;

/** The folder of a user's store. */
export function storeFolder({ uid }: Pick<System, 'uid'>): string {
  return path.join(SHARED_MEMORY, `vpn-monitor-codes-${uid}`);
}

/**
 * The steps whose codes were used, one store for all monitors and commands of a user, whatever their configs and results folders. A
 * used step is an empty file, `KEY.STEP`. The kernel lets only one process create it, so the claim is its own lock, and a process that
 * is killed leaves none behind.
 *
 * If the folder can't be used, the steps are kept in the memory of this process.
 */
export class UsedSteps {
  readonly #system: Pick<System, 'files' | 'now'>;
  readonly #folder: string;
  /** The names of the claims of this process. */
  readonly #memory = new Set<string>();
  #sinceMs: number | undefined;

  constructor(system: Pick<System, 'files' | 'now'>, folder: string) {
    this.#system = system;
    this.#folder = folder;
  }

  /** Creates the store if it is missing. Fails if it can't be used: why. */
  open(): Result {
    const { files, now } = this.#system;
    const ms = now().getTime();
    try {
      makePrivateFolder(files, this.#folder);
      const file = path.join(this.#folder, SINCE);
      try {
        files.writeFileSync(file, `${ms}\n`, { flag: 'wx', mode: 0o600 });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const read = Number(files.readFileSync(file, 'utf8'));
      // Another process has created it and not written it yet: now.
      this.#sinceMs = read > 0 ? read : ms;
      return DONE;
    } catch (error) {
      this.#sinceMs ??= ms;
      return failed(`${this.#folder}: ${reason(error)}`);
    }
  }

  /** The steps that were used and are not forgotten, and the one in which the store was created: what was used before is not known. */
  steps(key: string, periodMs: number): readonly number[] {
    const created = Math.floor((this.#sinceMs ?? this.#system.now().getTime()) / periodMs);
    const claimed = [...this.#memory, ...this.#names()].flatMap((name) => {
      const [, of, step] = CLAIM.exec(name) ?? [];
      return of === key ? [Number(step)] : [];
    });
    return [created, ...claimed];
  }

  /** Uses a step. Returns false if it was used already. */
  claim(key: string, step: number): boolean {
    const { files } = this.#system;
    const name = `${key}.${step}`;
    const isKnown = this.#memory.has(name);
    this.#memory.add(name);
    try {
      files.closeSync(files.openSync(path.join(this.#folder, name), 'wx', 0o600));
    } catch (error) {
      if (isKnown || (error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    }
    this.#forget(key, step);
    return true;
  }

  #names(): readonly string[] {
    try {
      return this.#system.files.readdirSync(this.#folder);
    } catch {
      return [];
    }
  }

  /** Removes the claims of earlier steps, and those of secrets that are no longer used. Never throws. */
  #forget(key: string, step: number): void {
    const { files, now } = this.#system;
    const isEarlier = (name: string) => {
      const [, of, earlier] = CLAIM.exec(name) ?? [];
      return of === key && Number(earlier) < step;
    };
    for (const name of this.#memory) if (isEarlier(name)) this.#memory.delete(name);
    for (const name of this.#names()) {
      if (!CLAIM.test(name)) continue;
      try {
        const file = path.join(this.#folder, name);
        const isOld = now().getTime() - files.statSync(file).mtimeMs > OLD_MS;
        if (isEarlier(name) || isOld) files.unlinkSync(file);
      } catch {
        // Another process has removed it.
      }
    }
  }
}
