import type { Place, ProcessStat } from '../system/place.ts';
import { identityOf, isRunning } from '../system/process-identity.ts';

/**
 * The process group of a child, also after the child has ended and its pid may be reused. The kernel reuses a number only when no
 * process has it as pid, group or session any more (measured). So while one process of the last look still runs, all processes with the
 * number belong to this group; afterwards none does.
 *
 * Never waits, neither for ps nor for a stuck process.
 */
export class ChildGroup {
  readonly #place: Place;
  readonly #id: number;
  readonly #startTicks: number | undefined;
  /**
   * The processes of the group at the last look after the child's end; `null` if /proc could not be read then, so that they can't be
   * told from other processes; `undefined` while the child runs.
   */
  #members: ReadonlySet<string> | null | undefined;

  /** Create it right after the child's start. `id` is the child's pid; the child leads a session and a group of its own. */
  constructor(place: Place, id: number) {
    this.#place = place;
    this.#id = id;
    this.#startTicks = place.readStat(id)?.startTicks;
  }

  /** Call it when the child has ended: notes the remaining processes of its group. */
  leaderGone(): void {
    try {
      this.#members = new Set(this.#candidates().map(identityOf));
    } catch {
      this.#members = null;
    }
  }

  /** Whether any process of the group runs. A zombie does not. If /proc can't be read, the group counts as running. */
  running(): boolean {
    if (this.#members === undefined) return !this.#reused() && this.#answers();
    if (this.#members === null) return this.#answers();
    try {
      return this.#remaining(this.#members).length > 0;
    } catch {
      return true;
    }
  }

  /** Signals all running processes of the group. */
  signal(signal: NodeJS.Signals): void {
    if (this.#members === undefined) {
      if (!this.#reused()) this.#place.kill(-this.#id, signal);
      return;
    }
    if (this.#members === null) return;
    try {
      for (const { pid, startTicks } of this.#remaining(this.#members)) {
        const now = this.#place.readStat(pid);
        if (now?.startTicks === startTicks && now.pgrp === this.#id) this.#place.kill(pid, signal);
      }
    } catch {
      // The group counts as running.
    }
  }

  /** Whether the child's pid is already reused: the child was reaped, but its end is not reported yet. */
  #reused(): boolean {
    const now = this.#place.readStat(this.#id);
    return this.#startTicks !== undefined && now !== undefined && now.startTicks !== this.#startTicks;
  }

  #answers(): boolean {
    return this.#place.kill(-this.#id, 0) !== 'gone';
  }

  /** The running processes of a group whose child has ended, also those that were forked since. Throws if /proc can't be read. */
  #remaining(members: ReadonlySet<string>): readonly ProcessStat[] {
    const candidates = this.#candidates();
    const ours = candidates.some((process) => members.has(identityOf(process)));
    this.#members = new Set(ours ? candidates.map(identityOf) : []);
    return ours ? candidates.filter(isRunning) : [];
  }

  /** All processes with the number as group and session, zombies too; none if a process has it as its pid: then it is reused. */
  #candidates(): readonly ProcessStat[] {
    if (!this.#answers()) return [];
    const candidates = this.#place.pidsInProc().flatMap((pid) => {
      const process = this.#place.readStat(pid);
      return process?.pgrp === this.#id && process.session === this.#id ? [process] : [];
    });
    return candidates.some(({ pid }) => pid === this.#id) ? [] : candidates;
  }
}
