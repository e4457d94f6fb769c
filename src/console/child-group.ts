import type { Place, ProcessStat } from '../system/place.ts';
import { identityOf, isRunning } from '../system/process-identity.ts';

/**
 * The process group of a child, also after the child itself is gone and its pid may be another's. The kernel gives a
 * number away again only when no process bears it any longer, be it as pid, as group or as session (measured). So as
 * long as one process is left of those that bore it at the last look, all that bear it are of this group; once none is,
 * they are strangers.
 *
 * Never waits: neither for ps nor for a process that is stuck.
 */
export class ChildGroup {
  readonly #place: Place;
  readonly #id: number;
  readonly #startTicks: number | undefined;
  /**
   * The processes of the group at the last look after the child's end; `null` if there was no looking then, so that nobody can be
   * told from a stranger; `undefined` while the child is there.
   */
  #members: ReadonlySet<string> | null | undefined;

  /** To be made right after the child's start. `id` is its pid: it leads a session and a group of its own. */
  constructor(place: Place, id: number) {
    this.#place = place;
    this.#id = id;
    this.#startTicks = place.readStat(id)?.startTicks;
  }

  /** To be called when the child is known to be gone: notes what is left of its group. */
  leaderGone(): void {
    try {
      this.#members = new Set(this.#bearers().map(identityOf));
    } catch {
      this.#members = null;
    }
  }

  /** Whether any of it runs; a zombie that nobody reaps does not. What can't be looked at counts as running. */
  running(): boolean {
    if (this.#members === undefined) return !this.#taken() && this.#answers();
    if (this.#members === null) return this.#answers();
    try {
      return this.#left(this.#members).length > 0;
    } catch {
      return true;
    }
  }

  /** Signals all of it that runs. */
  signal(signal: NodeJS.Signals): void {
    if (this.#members === undefined) {
      if (!this.#taken()) this.#place.kill(-this.#id, signal);
      return;
    }
    if (this.#members === null) return;
    try {
      for (const { pid, startTicks } of this.#left(this.#members)) {
        const now = this.#place.readStat(pid);
        if (now?.startTicks === startTicks && now.pgrp === this.#id) this.#place.kill(pid, signal);
      }
    } catch {
      // It stays, and counts as running.
    }
  }

  /** Whether the child's pid is another's by now: the child is gone and reaped, and its end not yet reported. */
  #taken(): boolean {
    const now = this.#place.readStat(this.#id);
    return this.#startTicks !== undefined && now !== undefined && now.startTicks !== this.#startTicks;
  }

  #answers(): boolean {
    return this.#place.kill(-this.#id, 0) !== 'gone';
  }

  /** What runs of a group whose child is gone, also what was forked since. Throws when /proc can't be read. */
  #left(members: ReadonlySet<string>): readonly ProcessStat[] {
    const bearers = this.#bearers();
    const ours = bearers.some((process) => members.has(identityOf(process)));
    this.#members = new Set(ours ? bearers.map(identityOf) : []);
    return ours ? bearers.filter(isRunning) : [];
  }

  /** All that bear the number as group and session, zombies too; none if a process has it as its pid, for that is a stranger. */
  #bearers(): readonly ProcessStat[] {
    if (!this.#answers()) return [];
    const bearers = this.#place.pidsInProc().flatMap((pid) => {
      const process = this.#place.readStat(pid);
      return process?.pgrp === this.#id && process.session === this.#id ? [process] : [];
    });
    return bearers.some(({ pid }) => pid === this.#id) ? [] : bearers;
  }
}
