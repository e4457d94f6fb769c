import type fs from 'node:fs';
import type { ObserveTerminal, TerminalEvent } from '../console/terminal-event.ts';
import { writeWhole } from '../files/read-write.ts';
import { reason } from '../files/reason.ts';
import { DONE, failed, good, type Result } from '../model/result.ts';
import type { Secret } from '../model/secret.ts';
import { decisiveFailure, type SiteResult } from '../model/test-result.ts';
import type { Redact } from './log.ts';
import { createFinder, createRedactor, SHOWN, type Span } from './redact.ts';

/** The version of the format. A reader must ignore events and members that it does not know. */
const VERSION = 1;

/** A transcript holds this much of the client's output, in characters. */
const KEEP = 1024 * 1024;
/** A secret that begins in what is kept ends within so many characters after it. */
const MARGIN = 64 * 1024;
/** Pieces that come within so many ms of the first are one piece: a million of one byte would fill our memory. */
const ONE_PIECE_MS = 1;

/** The first line of a transcript. */
export interface TranscriptHead {
  /** The program that wrote it, with its version. */
  readonly program: string;
  /** The name of the client profile. */
  readonly client: string;
  /** The version of Node.js. */
  readonly node: string;
}

/** An event with its time, ms on the monotonic clock. */
type Timed =
  | { readonly at: number; readonly kind: 'output'; text: string }
  | { readonly at: number; readonly kind: 'cut'; characters: number }
  | { readonly at: number; readonly kind: 'other'; readonly event: OtherEvent };

type OtherEvent = Exclude<TerminalEvent, { kind: 'output' }>;

/**
 * The dialogue of one client, written to a file as JSON lines: what it printed, what was typed at it, how it was signalled and how it
 * ended, each with the ms since its start. Secrets are replaced; of what was typed only the names of the keys are written.
 *
 * The output is kept in memory to its end: a secret can arrive in any number of pieces.
 */
export class Transcript {
  readonly #files: typeof fs;
  readonly #fd: number;
  readonly #secrets: Secret[];
  readonly #events: Timed[] = [];
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #length = 0;
  #cut: (Timed & { kind: 'cut' }) | undefined;

  /**
   * Creates `file`, with mode 0600, and writes its first line. Fails if something is there already, be it a dangling link, or if
   * it can't be created or written: why.
   */
  static create(
    files: typeof fs,
    file: string,
    head: TranscriptHead,
    secrets: readonly Secret[],
  ): Result<Transcript> {
    try {
      // O_EXCL follows no link.
      const fd = files.openSync(file, 'wx', 0o600);
      const transcript = new Transcript(files, fd, secrets);
      try {
        files.fchmodSync(fd, 0o600);
        transcript.#write([{ event: 'vpn-monitor', version: VERSION, ...head }]);
        return good(transcript);
      } catch (error) {
        files.closeSync(fd);
        throw error;
      }
    } catch (error) {
      const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
      return failed(exists ? 'it exists already, and is not overwritten: name a new file' : reason(error));
    }
  }

  private constructor(files: typeof fs, fd: number, secrets: readonly Secret[]) {
    this.#files = files;
    this.#fd = fd;
    this.#secrets = [...secrets];
  }

  /** Stores an event. */
  readonly observe: ObserveTerminal = (event, at) => {
    if (event.kind !== 'output') {
      this.#events.push({ at, kind: 'other', event });
      return;
    }
    const text = this.#decoder.decode(event.bytes, { stream: true });
    const kept = text.slice(0, KEEP + MARGIN - this.#length);
    this.#length += kept.length;
    const last = this.#events.at(-1);
    if (last?.kind === 'output' && at - last.at < ONE_PIECE_MS) last.text += kept;
    else if (kept !== '') this.#events.push({ at, kind: 'output', text: kept });
    const rest = text.length - kept.length;
    if (rest === 0) return;
    if (this.#cut === undefined) {
      this.#cut = { at, kind: 'cut', characters: MARGIN };
      this.#events.push(this.#cut);
    }
    this.#cut.characters += rest;
  };

  /**
   * Writes all events and what the test came to, and closes the file. To be called once. A test that was cut short has no result.
   * Fails if it can't be written: why.
   *
   * @param codes one-time codes that were typed
   */
  end(result: SiteResult | undefined, codes: readonly Secret[] = []): Result {
    this.#secrets.push(...codes);
    try {
      const redact = createRedactor(this.#secrets);
      this.#write([...this.#lines(redact), ...(result === undefined ? [] : [resultLine(result, redact)])]);
      return DONE;
    } catch (error) {
      return failed(reason(error));
    } finally {
      this.#files.closeSync(this.#fd);
    }
  }

  #write(lines: readonly object[]): void {
    const text = lines.map((line) => `${visible(JSON.stringify(line))}\n`).join('');
    writeWhole(this.#files, this.#fd, Buffer.from(text));
  }

  #lines(redact: Redact): object[] {
    const pieces = this.#redactedOutput();
    const start = this.#events[0]?.at ?? 0;
    return this.#events.flatMap((timed) => {
      const ms = Number((timed.at - start).toFixed(3));
      if (timed.kind === 'other') return [{ ms, ...otherLine(timed.event, redact) }];
      if (timed.kind === 'cut') return [{ ms, event: 'cut', characters: timed.characters }];
      const text = pieces.get(timed) ?? '';
      return text === '' ? [] : [{ ms, event: 'output', text }];
    });
  }

  /** What is shown of each piece of output. A secret stands where it begins. */
  #redactedOutput(): ReadonlyMap<Timed, string> {
    const outputs = this.#events.filter((timed) => timed.kind === 'output');
    const whole = outputs.map(({ text }) => text).join('');
    const spans = secretsIn(whole, this.#secrets);
    const shownTo = this.#cut === undefined ? whole.length : KEEP;
    const shown = new Map<Timed, string>();
    let from = 0;
    let next = 0;
    for (const output of outputs) {
      const to = Math.min(from + output.text.length, shownTo);
      let text = '';
      let at = from;
      for (; at < to; next++) {
        const span = spans[next];
        if (span === undefined || span.start >= to) break;
        if (span.start >= at) text += whole.slice(at, span.start) + SHOWN;
        at = Math.max(at, Math.min(span.end, to));
        // The rest of it is in the next piece.
        if (span.end > to) break;
      }
      shown.set(output, text + whole.slice(at, to));
      from += output.text.length;
    }
    return shown;
  }
}

/** JSON without characters that a terminal obeys or hides: JSON itself escapes only those of ASCII. */
function visible(json: string): string {
  return json.replace(/[\x7f-\x9f\u2028\u2029\p{Cf}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** What may be between the characters of a secret that a terminal shows, or hides while it is typed. */
const BREAKS: readonly (RegExp | undefined)[] = [
  undefined,
  // Control characters.
  /[\x00-\x08\x0a-\x1f\x7f-\x9f]+/g,
  // Also escape sequences, and a star over each character.
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|[ -/]+[0-~]|[0-~])|(?:\x08[ *]?)+|[\x00-\x08\x0a-\x1f\x7f-\x9f]+/g,
  // Also sequences that hold a text, such as a title.
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]{0,1024}(?:\x07|\x1b\\)|[ -/]+[0-~]|[0-~])|[\x00-\x08\x0a-\x1f\x7f-\x9f]+/g,
];

/** The secrets in a text, in its order; those that overlap are one. */
function secretsIn(text: string, secrets: readonly Secret[]): readonly Span[] {
  const find = createFinder(secrets);
  const all = BREAKS.flatMap((breaks) => find(text, breaks)).sort((a, b) => a.start - b.start);
  const spans: { start: number; end: number }[] = [];
  for (const { start, end } of all) {
    const last = spans.at(-1);
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end);
    else spans.push({ start, end });
  }
  return spans;
}

function otherLine(event: OtherEvent, redact: Redact): object {
  switch (event.kind) {
    case 'started':
      return { event: 'started', command: redact(event.file), args: event.args.map(redact) };
    case 'typed': {
      const keys = [...event.template.matchAll(/\{(\w+)\}/g)].map(([, key]) => key);
      return keys.length > 0
        ? { event: 'typed', what: keys.join(' ') }
        : { event: 'typed', text: redact(event.line) };
    }
    case 'ran': {
      const { file, args, result } = event;
      const output = redact(result.output);
      return { event: 'ran', command: redact(file), args: args.map(redact), code: result.code, output };
    }
    case 'signal':
      return { event: 'signal', signal: event.signal };
    case 'ended':
      return { event: 'ended', ...event.exit };
  }
}

/** What decided the test: the log-in, if that failed. */
function resultLine(result: SiteResult, redact: Redact): object {
  const failure = decisiveFailure(result);
  const { outcome, detail } = failure ?? result.stages[1];
  return { event: 'result', outcome, cause: failure?.cause ?? null, detail: redact(detail) };
}
