import type { Log } from '../log/log.ts';
import type { Result } from '../model/result.ts';
import type { ToldEvent } from '../state/store.ts';
import type { Clock } from '../system/place.ts';
import { type ChannelFailure, failureInWords, type Repeating } from './channel.ts';

/** What a repeater needs beside its channel. */
export interface RepeaterParts {
  /** What the log calls a message of the channel. */
  readonly noun: string;
  readonly system: Clock;
  readonly log: Log;
  /** What is wrong now and the channel was told of. */
  readonly open: () => readonly ToldEvent[];
}

/** Tells a channel again what is wrong, if it forgets. A failure is logged once, and is no try of any message. */
export class Repeater {
  readonly #repeating: Repeating | undefined;
  readonly #parts: RepeaterParts;
  /** When the channel was last told, in ms on the monotonic clock. */
  #last = Number.NEGATIVE_INFINITY;
  #fails = false;

  constructor(repeating: Repeating | undefined, parts: RepeaterParts) {
    this.#repeating = repeating;
    this.#parts = parts;
  }

  /** When the channel has to be told again; `null`: nothing is wrong, or it does not forget. */
  nextDue(now: Date): Date | null {
    if (this.#repeating === undefined || this.#parts.open().length === 0) return null;
    const left = this.#last + this.#repeating.everyMs - this.#parts.system.monotonic();
    return new Date(now.getTime() + Math.max(0, left));
  }

  /** Tells the channel again if that is due. `null`: it was not, or it was aborted. Never rejects. */
  async repeat(signal: AbortSignal): Promise<Result<undefined, ChannelFailure> | null> {
    const { system, open } = this.#parts;
    const now = system.now();
    const due = this.nextDue(now);
    if (this.#repeating === undefined || due === null || due > now || signal.aborted) return null;
    const sent = await this.#repeating.send(open(), signal);
    if (signal.aborted) return null;
    if (sent.ok) this.#last = system.monotonic();
    this.#note(sent.ok ? null : sent.why);
    return sent;
  }

  #note(failure: ChannelFailure | null): void {
    const { noun, log } = this.#parts;
    const what = `${noun}: what is still wrong`;
    if (failure !== null && !this.#fails) {
      log.warning(`${what} can't be sent again: ${failureInWords(failure)}`);
    }
    if (failure === null && this.#fails) log.info(`${what} can be sent again`);
    this.#fails = failure !== null;
  }
}
