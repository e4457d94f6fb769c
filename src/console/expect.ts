import { good, type Result } from '../model/result.ts';
import { sleepUntil } from '../system/deadline.ts';
import type { Exit, Place, Pty } from '../system/place.ts';
import { ChildGroup } from './child-group.ts';
import { plainTextDecoder } from './plain-text.ts';
import { type Found, LONGEST_LINE, lineStart, type Pattern, search } from './search.ts';
import type { ObserveTerminal, TerminalEvent } from './terminal-event.ts';

/** What came of a wait. `line` is the one that the match ends in, `at` the arrival of its last byte, on the monotonic clock in ms. */
export type Outcome =
  | { readonly kind: 'match'; readonly index: number; readonly line: string; readonly at: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'eof'; readonly exit: Exit }
  /** Why the output could not be searched, in words. */
  | { readonly kind: 'unsearched'; readonly why: string };

/** A line without an end is judged after this long without a byte, in ms. */
export const QUIET_MS = 300;
/** After a child's exit its last bytes may still be on their way for this long, in ms (measured). */
const DRAIN_MS = 50;
/** This much of the text is kept, in characters: far more than any prompt and what a mail quotes. */
const KEEP = 64 * 1024;

/**
 * The terminal of a child: its output as plain text, bounded, with arrival times; waits for texts in it; types.
 */
export class Terminal {
  readonly pid: number;
  /** It leads a session and a process group of its own. */
  readonly group: ChildGroup;
  /** Just before the spawn, monotonic ms. */
  readonly startedAt: number;
  /** The program, and its arguments. */
  readonly file: string;
  readonly args: readonly string[];
  /** The machine that the child runs on. */
  readonly place: Place;
  readonly #pty: Pty;
  readonly #observe: ObserveTerminal | undefined;
  #kept = '';
  #dropped = 0;
  /** What is kept begins in the middle of a line: the rest of a secret may stand there, which nothing can recognise. */
  #tornLine = false;
  #searchFrom = 0;
  #form = '';
  /** Where in the whole text each chunk ended, and when it came. */
  #arrivals: { end: number; at: number }[] = [];
  #exit: Exit | undefined;
  #lastChange: number;
  #wake = new AbortController();

  /** Starts `file` (absolute) with `args` on a pty of its own, watched by `observe`. Fails as {@link Place.spawnPty}. */
  static start(
    place: Place,
    file: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    observe?: ObserveTerminal,
  ): Result<Terminal> {
    const startedAt = place.monotonic();
    const spawned = place.spawnPty(file, args, { env });
    return spawned.ok ? good(new Terminal(place, file, args, spawned.value, startedAt, observe)) : spawned;
  }

  private constructor(
    place: Place,
    file: string,
    args: readonly string[],
    pty: Pty,
    startedAt: number,
    observe: ObserveTerminal | undefined,
  ) {
    this.place = place;
    this.file = file;
    this.args = args;
    this.startedAt = startedAt;
    this.#lastChange = startedAt;
    this.#pty = pty;
    this.#observe = observe;
    observe?.({ kind: 'started', file, args }, startedAt);
    this.pid = pty.pid;
    this.group = new ChildGroup(place, this.pid);
    const decode = plainTextDecoder();
    this.#pty.onData((bytes) => {
      this.observed({ kind: 'output', bytes });
      this.#append(decode(bytes));
    });
    this.#pty.onExit((exit) => {
      this.observed({ kind: 'ended', exit });
      this.#exit = exit;
      this.group.leaderGone();
      this.#changed();
    });
  }

  /** The end of all output so far, plain; `cut` says that its beginning is missing. */
  get transcript(): { readonly text: string; readonly cut: boolean } {
    return { text: this.#kept, cut: this.#dropped > 0 };
  }

  /** What has come since the last match of {@link expect}: nothing has been made of it yet. Plain. */
  get unread(): string {
    return this.#kept.slice(Math.max(0, this.#searchFrom - this.#dropped));
  }

  /** What came between the last two matches of {@link expect}, the last one included. Plain. */
  get form(): string {
    return this.#form;
  }

  /** How the child ended, `undefined` while it lives. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** Why the program could not be executed, in words; `undefined` if it was. To be asked after the end of file. */
  get notExecuted(): string | undefined {
    return this.#exit && this.#dropped === 0 ? this.#pty.notExecuted(this.#kept, this.#exit) : undefined;
  }

  /**
   * Waits until one of `patterns` stands in the output that no earlier call has consumed, until the child is gone,
   * or `timeoutMs`. Of several, the one that is complete first in the text wins, so that the borders of the
   * writes decide nothing. A {@link Pattern.wholeLine} whose line has no end counts when nothing has come for
   * {@link QUIET_MS}. Rejects with the signal's reason.
   */
  async expect(patterns: readonly Pattern[], timeoutMs: number, signal: AbortSignal): Promise<Outcome> {
    const deadline = this.place.monotonic() + timeoutMs;
    let from = this.#searchFrom;
    for (;;) {
      signal.throwIfAborted();
      const now = this.place.monotonic();
      const quiet = now - this.#lastChange;
      const drained = this.#exit !== undefined && quiet >= DRAIN_MS;
      const start = Math.max(0, from - this.#dropped);
      const formStart = Math.max(0, this.#searchFrom - this.#dropped);
      const searched = search(patterns, this.#kept, start, this.place, formStart);
      if (searched.kind === 'failed') return { kind: 'unsearched', why: searched.why };
      const found = searched.kind === 'found' ? searched : undefined;
      if (found && (!found.pending || quiet >= QUIET_MS || drained || now >= deadline)) {
        return this.#consume(found);
      }
      if (searched.kind === 'nothing') from = this.#dropped + searched.from;
      if (drained && this.#exit) return { kind: 'eof', exit: this.#exit };
      if (now >= deadline) return { kind: 'timeout' };
      const settle = this.#exit ? DRAIN_MS : found ? QUIET_MS : Number.POSITIVE_INFINITY;
      await this.#change(Math.min(deadline - now, Math.max(1, settle - quiet)), signal);
    }
  }

  /** Waits for the child's end, at most `timeoutMs`. Rejects with the signal's reason. */
  async ended(timeoutMs: number, signal: AbortSignal): Promise<Exit | undefined> {
    const deadline = this.place.monotonic() + timeoutMs;
    while (this.#exit === undefined) {
      const left = deadline - this.place.monotonic();
      if (left <= 0) return undefined;
      await this.#change(left, signal);
    }
    return this.#exit;
  }

  /** Types `line` and a newline. Only after a prompt, never blindly. `template`: see {@link TerminalEvent}. */
  sendLine(line: string, template = line): void {
    this.observed({ kind: 'typed', line, template });
    this.#pty.write(`${line}\n`);
  }

  /** Passes an event to the observer, if there is one. To be called for what is done to the program from outside. */
  observed(event: TerminalEvent): void {
    this.#observe?.(event, this.place.monotonic());
  }

  /** Closes our side of the terminal. */
  close(): void {
    this.#pty.close();
  }

  #append(text: string): void {
    this.#lastChange = this.place.monotonic();
    this.#kept += text;
    // Escape sequences and control characters leave no text: whoever sends them for ever would otherwise fill our memory.
    if (text === '') return;
    this.#arrivals.push({ end: this.#dropped + this.#kept.length, at: this.#lastChange });
    if (this.#kept.length > 2 * KEEP) this.#trim();
    this.#changed();
  }

  /** Cuts at a line's start, so that `^` stays true. */
  #trim(): void {
    const atLeast = this.#kept.length - KEEP;
    const newline = this.#kept.indexOf('\n', atLeast);
    const start = lineStart(this.#kept, atLeast);
    const next = start === atLeast ? start : start + LONGEST_LINE;
    const cut = newline === -1 ? next : Math.min(next, newline + 1);
    this.#tornLine = this.#kept.charAt(cut - 1) !== '\n';
    this.#kept = this.#kept.slice(cut);
    this.#dropped += cut;
    this.#arrivals = this.#arrivals.filter((arrival) => arrival.end > this.#dropped);
  }

  /** The whole line that holds what stands before `end`, as far as it has come. */
  #lineAround(end: number): string {
    const start = this.#kept.lastIndexOf('\n', end - 1) + 1;
    if (start === 0 && this.#tornLine) return '(in a line that is too long to be shown)';
    const newline = this.#kept.indexOf('\n', end);
    return this.#kept.slice(start, newline === -1 ? undefined : newline).trim();
  }

  #consume(found: Found): Outcome {
    const end = this.#dropped + found.end;
    this.#form = this.#kept.slice(Math.max(0, this.#searchFrom - this.#dropped), found.end);
    this.#searchFrom = end;
    const at = this.#arrivals.find((arrival) => arrival.end >= end)?.at ?? this.#lastChange;
    return { kind: 'match', index: found.index, line: this.#lineAround(found.end), at };
  }

  #changed(): void {
    this.#lastChange = this.place.monotonic();
    this.#wake.abort();
  }

  /** Resolves at the next output or exit, at the latest after `ms`. */
  async #change(ms: number, signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController();
    await sleepUntil(this.place, ms, this.#wake.signal, signal);
  }
}
