import type { SiteConfig } from '../config/config.ts';
import { Terminal } from '../console/expect.ts';
import { formLines } from '../console/search.ts';
import type { SavedTranscript, TranscriptEvent } from '../log/read-transcript.ts';
import { good } from '../model/result.ts';
import { Secret } from '../model/secret.ts';
import type { SessionWarning, StageResult } from '../model/test-result.ts';
import { sleepUntil } from '../system/deadline.ts';
import type { Exit, Pty } from '../system/place.ts';
import type { Awaited } from './awaited-texts.ts';
import type { LoginContext } from './context.ts';
import { playDialogue } from './dialogue.ts';
import { noticesIn } from './notices.ts';
import { ReplayClock, replayPlace } from './replay-place.ts';

/** What a line is to a profile. */
export type Meaning =
  /** `answer`: the template of what is typed, or `undefined`: nothing. */
  | { readonly kind: 'prompt'; readonly prompt: string; readonly answer: string | undefined }
  | { readonly kind: 'success' }
  /** `passing`: it counts only if the client does not go on. */
  | { readonly kind: 'failure'; readonly cause: string; readonly passing: boolean }
  | { readonly kind: 'notice'; readonly notice: SessionWarning['kind'] }
  /** The session ends. */
  | { readonly kind: 'end' };

/** A line that the client of a transcript printed, and what it is to the profile; `undefined`: nothing. */
export interface ReplayedLine {
  readonly text: string;
  readonly means: Meaning | undefined;
}

/** What a transcript is to a profile. */
export interface Replayed {
  readonly lines: readonly ReplayedLine[];
  readonly result: StageResult;
  /** What was typed in the transcript, in its order, and what the profile types: templates. */
  readonly typed: { readonly recorded: readonly string[]; readonly profile: readonly string[] };
}

/**
 * Plays a transcript through the dialogue of a site's client: no program, no gateway, no waiting. The client of the transcript prints
 * what follows an answer only when the profile has answered.
 */
export async function replay(
  { events }: SavedTranscript,
  site: SiteConfig,
  { login }: LoginContext['config'],
): Promise<Replayed> {
  const clock = new ReplayClock();
  const recording = new Recording(events, clock);
  const lines: ReplayedLine[] = [];
  const profile: string[] = [];
  const ran = events.filter((event) => event.event === 'ran');
  const place = replayPlace(clock, recording.pty, ran);
  const started = Terminal.start(place, site.client.command, [], {}, (event) => {
    if (event.kind !== 'typed') return;
    profile.push(event.template);
    const asked = lines.pop();
    if (asked?.means?.kind === 'prompt')
      lines.push({ text: asked.text, means: { ...asked.means, answer: event.template } });
  });
  if (!started.ok) throw new Error(started.why);
  const terminal = started.value;
  let rest = '';
  const add = (form: readonly string[], means: Meaning | undefined, line: string) => {
    const [first = '', ...others] = form;
    // The end of the line that was matched before is no line of its own.
    const all = rest !== '' && rest.endsWith(first) ? others : form;
    const shown = all.slice(0, -1).map((text) => ({ text, means: noticeIn(text, site) }));
    lines.push(...shown.filter(({ text }) => text !== ''), {
      text: line,
      means: means ?? noticeIn(line, site),
    });
    rest = line;
  };
  const { result } = await clock.play(
    playDialogue(
      terminal,
      site,
      {
        place,
        log: SILENT,
        resultLog: SILENT,
        redact: (text) => text,
        config: { login },
        force: NEVER,
        mark: '',
        code: { take: async () => good(new Secret('000000')) },
        onMatch: (met, form, line) => add(formLines(form), meaningOf(met), line),
      },
      NEVER,
    ),
  );
  await clock.play(recording.finish());
  const ends = result.outcome === 'ok' ? (site.client.ends ?? []) : [];
  const left = formLines(terminal.unread)
    .filter((text, index) => index > 0 || !rest.endsWith(text))
    .filter((text) => text !== '');
  lines.push(
    ...left.map((text): ReplayedLine => {
      const isEnd = ends.some((pattern) => pattern.test(text));
      return { text, means: isEnd ? { kind: 'end' } : noticeIn(text, site) };
    }),
  );
  return { lines, result, typed: { recorded: recording.typed, profile } };
}

const NEVER = new AbortController().signal;
/** More than any wait for an answer: a day. */
const LONG_MS = 86_400_000;
const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warning: () => undefined,
  error: () => undefined,
  critical: () => undefined,
};

function meaningOf(met: Awaited): Meaning {
  switch (met.means) {
    case 'success':
      return { kind: 'success' };
    case 'failure':
      return { kind: 'failure', cause: met.failure.cause, passing: met.failure.passing !== undefined };
    case 'prompt':
      return { kind: 'prompt', prompt: met.step.prompt, answer: undefined };
  }
}

function noticeIn(line: string, { client }: SiteConfig): Meaning | undefined {
  const [found] = noticesIn(line, client.notices ?? [], (text) => text);
  return found === undefined ? undefined : { kind: 'notice', notice: found.kind };
}

/** What was typed, as a profile writes it. */
function templateOf({ what, text = '' }: TranscriptEvent & { event: 'typed' }): string {
  return what === undefined
    ? text
    : what
        .split(' ')
        .map((key) => `{${key}}`)
        .join('');
}

/** The client of a transcript: prints what it printed, with its pauses, and waits where something was typed. */
class Recording {
  readonly #events: readonly TranscriptEvent[];
  readonly #clock: ReplayClock;
  #onData: (bytes: Buffer) => void = () => undefined;
  #onExit: (exit: Exit) => void = () => undefined;
  #answers = 0;
  #answered = new AbortController();
  #isFree = false;
  readonly #playing: Promise<void>;

  constructor(events: readonly TranscriptEvent[], clock: ReplayClock) {
    this.#events = events;
    this.#clock = clock;
    this.#playing = this.#play();
  }

  /** What was typed: templates. */
  get typed(): readonly string[] {
    return this.#events.flatMap((event) => (event.event === 'typed' ? [templateOf(event)] : []));
  }

  readonly pty: Pty = {
    pid: 2,
    onData: (listener) => {
      this.#onData = listener;
    },
    onExit: (listener) => {
      this.#onExit = listener;
    },
    write: () => {
      this.#answers += 1;
      this.#answered.abort();
    },
    close: () => undefined,
    notExecuted: () => undefined,
  };

  /** Prints the rest up to the next answer or signal, the log-out for example. */
  async finish(): Promise<void> {
    this.#isFree = true;
    this.#answered.abort();
    await this.#playing;
  }

  async #play(): Promise<void> {
    let last = 0;
    // Nothing is printed before somebody listens.
    await this.#clock.sleep(0);
    for (const event of this.#events) {
      if (this.#isFree && (event.event === 'typed' || event.event === 'signal')) return;
      if (event.event === 'typed') {
        await this.#answer();
        if (this.#isFree) return;
      } else if (!this.#isFree) await this.#clock.sleep(Math.max(0, event.ms - last));
      last = event.ms;
      if (event.event === 'output') this.#onData(Buffer.from(event.text));
      if (event.event === 'ended') this.#onExit({ code: event.code, signal: event.signal });
    }
  }

  async #answer(): Promise<void> {
    while (this.#answers === 0 && !this.#isFree) {
      this.#answered = new AbortController();
      await sleepUntil(this.#clock, LONG_MS, this.#answered.signal, NEVER);
    }
    this.#answers -= 1;
  }
}
