import { failed, good, type Result } from '../model/result.ts';
import type { Secret } from '../model/secret.ts';
import type { Clock } from '../system/place.ts';
import { isFresh, nextStep } from './next-step.ts';
import { codeOf, type OneTimeCodes, storeKey } from './one-time-codes.ts';
import type { UsedSteps } from './used-steps.ts';

/** Before a log-in: how long a code must still be valid, in ms. Clients ask for it within seconds. */
const BEFORE_LOGIN_MS = 10_000;
/** When it is typed: how long a code must still be valid to reach the gateway in time, in ms. */
const VALID_BEFORE_TYPING_MS = 3000;
/** A wait for a code is given up after so many periods: other programs use the same secret all the time. */
const MOST_PERIODS = 3;

/** The longest wait for one code, in ms. */
export function longestCodeWaitMs({ period }: Pick<OneTimeCodes, 'period'>): number {
  return MOST_PERIODS * period * 1000;
}

/** What a {@link FreshCode} needs. */
export interface CodeOptions {
  readonly clock: Clock;
  readonly used: UsedSteps;
  /** Called with each code, so that it is redacted. */
  readonly onCode: (code: Secret) => void;
  /** Called before a wait, with its length in ms. */
  readonly onWait?: (ms: number) => void;
}

/**
 * The one-time code of one log-in or command. No code is ever used twice: gateways refuse that. So a step is claimed in the store
 * before its code is made, and the code of a step that others have used is never made.
 */
export class FreshCode {
  readonly #codes: OneTimeCodes;
  readonly #options: CodeOptions;
  #reserved: number | undefined;

  constructor(codes: OneTimeCodes, options: CodeOptions) {
    this.#codes = codes;
    this.#options = options;
  }

  /**
   * Waits until there is a code that was not used yet, and reserves it. Fails if there is none within {@link longestCodeWaitMs}.
   * Rejects with the signal's reason.
   */
  async reserve(signal: AbortSignal): Promise<Result<number>> {
    const most = this.#share(0.5, BEFORE_LOGIN_MS);
    const step = await this.#next(most, signal);
    if (step.ok) this.#reserved = step.value;
    return step;
  }

  /**
   * Returns a code to type at once: the reserved one if it stays valid for long enough, else the next, for which it waits. Each call
   * returns another code. Fails and rejects as {@link reserve}.
   */
  async take(signal: AbortSignal): Promise<Result<Secret>> {
    const leftMs = this.#share(0.25, VALID_BEFORE_TYPING_MS);
    const reserved = this.#reserved;
    this.#reserved = undefined;
    const isGood = reserved !== undefined && isFresh(reserved, { ...this.#now(), leftMs });
    const step = isGood ? good(reserved) : await this.#next(leftMs, signal);
    if (!step.ok) return step;
    const code = await codeOf(this.#codes, step.value);
    this.#options.onCode(code);
    return good(code);
  }

  async #next(leftMs: number, signal: AbortSignal): Promise<Result<number>> {
    const { clock, used, onWait } = this.#options;
    const { periodMs } = this.#now();
    const key = storeKey(this.#codes);
    const until = clock.monotonic() + longestCodeWaitMs(this.#codes);
    for (;;) {
      signal.throwIfAborted();
      const next = nextStep({ ...this.#now(), used: used.steps(key, periodMs), leftMs });
      if (clock.monotonic() + next.waitMs > until) {
        return failed(
          `no unused one-time code within ${longestCodeWaitMs(this.#codes) / 1000} s: other programs use this secret`,
        );
      }
      if (!used.claim(key, next.step)) continue;
      if (next.waitMs > 0) onWait?.(next.waitMs);
      const begins = clock.monotonic() + next.waitMs;
      for (let left = next.waitMs; left > 0; left = begins - clock.monotonic())
        await clock.sleep(left, signal);
      // The clock may have been set meanwhile.
      if (isFresh(next.step, { ...this.#now(), leftMs })) return good(next.step);
    }
  }

  #now(): { readonly nowMs: number; readonly periodMs: number } {
    return { nowMs: this.#options.clock.now().getTime(), periodMs: this.#codes.period * 1000 };
  }

  #share(part: number, mostMs: number): number {
    return Math.min(mostMs, part * this.#codes.period * 1000);
  }
}
