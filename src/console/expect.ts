import { good, type Result } from '../model/result.ts';
import { sleepUntil, WAIT_IS_OVER } from '../system/deadline.ts';
import type { Exit, Place, Pty } from '../system/place.ts';
import { ChildGroup } from './child-group.ts';
import { type Drawn, lastVersion, REDRAWN, REVISITED } from './drawn-line.ts';
import { PlainText } from './plain-text.ts';
import {
  asLines,
  type Earlier,
  type Found,
  isLineEnd,
  LONGEST_LINE,
  lineEnd,
  lineStart,
  type Pattern,
  type Searched,
  search,
  versionStart,
} from './search.ts';
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
 *
 * Two texts are kept: the transcript, which is what the terminal displays, and what is searched, which also has each line as it
 * was before the program drew over it ({@link Drawn.versions}). So the borders of the writes decide nothing.
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
  readonly #text = new PlainText();
  /** The lines above the current one, as displayed. */
  #finished = '';
  #finishedCut = false;
  /** What is searched. */
  #kept = '';
  #dropped = 0;
  /**
   * What stood before it: no line end, if it begins in the middle of a line. The rest of a secret may stand there then, which
   * nothing can recognise.
   */
  #before = '\n';
  #searchFrom = 0;
  #form = '';
  /** What was matched; `end` in the whole text. */
  readonly #earlier: (Earlier & { readonly matched: string })[] = [];
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
    this.#pty.onData((bytes) => {
      this.observed({ kind: 'output', bytes });
      this.#append(this.#text.write(bytes));
    });
    this.#pty.onExit((exit) => {
      this.observed({ kind: 'ended', exit });
      this.#exit = exit;
      this.group.leaderGone();
      this.#changed();
    });
  }

  /** The end of all output so far, as displayed; `cut` says that its beginning is missing. */
  get transcript(): { readonly text: string; readonly cut: boolean } {
    return { text: this.#finished + this.#text.line, cut: this.#finishedCut };
  }

  /** What is displayed behind the last match of {@link expect}, also on a redrawn line: nothing has been made of it yet. */
  get unread(): string {
    const versions = this.#kept.slice(Math.max(0, this.#searchFrom - this.#dropped)) + this.#text.rest;
    const [first = '', ...others] = versions.replaceAll(REVISITED, '\n').split('\n');
    // On a line that was redrawn, what was matched is displayed again.
    const { matched } = this.#earlier.at(-1) ?? { matched: '' };
    const line = lastVersion(first);
    const again = first.includes(REDRAWN) ? line.indexOf(matched) : -1;
    const behind = again === -1 ? line : line.slice(again + matched.length);
    return [behind, ...others.map(lastVersion)].join('\n');
  }

  /** What came between the last two matches of {@link expect}, the last one included. Each version of a redrawn line is a line. */
  get form(): string {
    return this.#form;
  }

  /** How the child ended, `undefined` while it lives. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** Why the program could not be executed, in words; `undefined` if it was. To be asked after the end of file. */
  get notExecuted(): string | undefined {
    const { text, cut } = this.transcript;
    return this.#exit && !cut ? this.#pty.notExecuted(text, this.#exit) : undefined;
  }

  /**
   * Waits until one of `patterns` matches the output that no earlier call has consumed, until the child is gone,
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
      const settled = quiet >= QUIET_MS || drained || now >= deadline;
      if (settled) this.#keep(this.#text.settle());
      const searched = search(
        patterns,
        this.#searched(),
        Math.max(0, from - this.#dropped),
        this.place,
        Math.max(0, this.#searchFrom - this.#dropped),
      );
      if (searched.kind === 'failed') return { kind: 'unsearched', why: searched.why };
      const found = searched.kind === 'found' ? searched : undefined;
      if (found && (!found.pending || settled)) return this.#consume(found);
      if (searched.kind === 'nothing') from = this.#dropped + searched.from;
      if (drained && this.#exit) return { kind: 'eof', exit: this.#exit };
      if (now >= deadline) return { kind: 'timeout' };
      const waits = found !== undefined || this.#text.rest !== '';
      const settles = this.#exit ? DRAIN_MS : waits ? QUIET_MS : Number.POSITIVE_INFINITY;
      await this.#change(Math.min(deadline - now, Math.max(1, settles - quiet)), signal);
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

  #append(drawn: Drawn): void {
    this.#lastChange = this.place.monotonic();
    this.#finished = drawn.finishedCut ? drawn.finished : this.#finished + drawn.finished;
    this.#finishedCut ||= drawn.finishedCut;
    if (this.#finished.length > 2 * KEEP) this.#trimFinished();
    // Output that changes nothing on the screen leaves no text. An endless stream of it would otherwise fill our memory.
    if (drawn.versions === '' && !drawn.versionsCut) return;
    this.#keep(drawn);
    this.#changed();
  }

  #keep({ versions, versionsCut }: Drawn): void {
    if (versions === '' && !versionsCut) return;
    if (versionsCut) {
      this.#dropped += this.#kept.length;
      this.#kept = '';
      this.#before = REDRAWN;
      this.#arrivals = [];
    }
    this.#kept += versions;
    this.#arrivals.push({ end: this.#dropped + this.#kept.length, at: this.#lastChange });
    if (this.#kept.length > 2 * KEEP) this.#trim();
  }

  #trimFinished(): void {
    const atLeast = this.#finished.length - KEEP;
    const newline = this.#finished.indexOf('\n', atLeast);
    this.#finished = this.#finished.slice(newline === -1 ? atLeast : newline + 1);
    this.#finishedCut = true;
  }

  /** Cuts at a line's start, so that `^` stays true. */
  #trim(): void {
    const atLeast = this.#kept.length - KEEP;
    const end = lineEnd(this.#kept, atLeast);
    const start = lineStart(this.#kept, atLeast);
    const next = start === atLeast ? start : start + LONGEST_LINE;
    const cut = end === undefined ? next : Math.min(next, end + 1);
    this.#before = this.#kept.charAt(cut - 1);
    this.#kept = this.#kept.slice(cut);
    this.#dropped += cut;
    this.#arrivals = this.#arrivals.filter((arrival) => arrival.end > this.#dropped);
  }

  #searched(): Searched {
    const earlier = this.#earlier.map(({ end, words }) => ({ end: end - this.#dropped, words }));
    return { text: this.#kept, before: this.#before, earlier };
  }

  /** The whole line that holds what stands before `end`, as it was then and as far as it has come. */
  #lineAround(end: number): string {
    const start = versionStart(this.#kept, end);
    if (start === 0 && !isLineEnd(this.#before)) return '(in a line that is too long to be shown)';
    const lineEnds = lineEnd(this.#kept, end);
    const line = this.#kept.slice(start, lineEnds);
    return (lineEnds === undefined ? line + this.#text.rest : line).trim();
  }

  #consume({ index, end: endInKept, matched, words }: Found): Outcome {
    const end = this.#dropped + endInKept;
    this.#form = asLines(this.#kept.slice(Math.max(0, this.#searchFrom - this.#dropped), endInKept));
    this.#searchFrom = end;
    this.#earlier.push({ end, matched, words });
    const at = this.#arrivals.find((arrival) => arrival.end >= end)?.at ?? this.#lastChange;
    return { kind: 'match', index, line: this.#lineAround(endInKept), at };
  }

  #changed(): void {
    this.#lastChange = this.place.monotonic();
    this.#wake.abort(WAIT_IS_OVER);
  }

  /** Resolves at the next output or exit, at the latest after `ms`. */
  async #change(ms: number, signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController();
    await sleepUntil(this.place, ms, this.#wake.signal, signal);
  }
}
