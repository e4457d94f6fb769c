import type { Clock } from '../system/place.ts';

/** A job that runs, and when it began, in ms on the monotonic clock. */
interface Running {
  readonly began: number;
  readonly ended: Promise<void>;
}

/** One job at a time. Its caller waits for a head start; then the job goes on in the background. */
export class BackgroundJob {
  readonly #clock: Clock;
  readonly #headStartMs: number;
  #running: Running | null = null;
  #cancel = new AbortController();
  /** What a job threw after its head start. */
  #bug: { readonly error: unknown } | null = null;

  constructor(clock: Clock, headStartMs: number) {
    this.#clock = clock;
    this.#headStartMs = headStartMs;
  }

  /** Whether a job is under way. */
  get isRunning(): boolean {
    return this.#running !== null;
  }

  /**
   * Starts a job, unless one is under way. Resolves when the job has ended, or when its head start is over. Rejects with what this job
   * or the one before threw.
   *
   * @param job gets a signal that ends it: `stop`, or {@link end}
   */
  async run(job: (signal: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void> {
    const left = this.#headStartLeft();
    const { ended } = this.#running ?? this.#start(job, stop);
    await this.#endOrTime(ended, left);
    this.#throwBug();
  }

  /** Ends a job that is under way, if it has not ended within `graceMs`, and waits for its end. Rejects with what it threw. */
  async end(graceMs = 0): Promise<void> {
    const running = this.#running;
    if (running !== null) {
      if (graceMs > 0) await this.#endOrTime(running.ended, graceMs);
      if (this.#running === running) this.#cancel.abort(new Error('the job is ended'));
      await running.ended;
    }
    this.#throwBug();
  }

  /** Resolves at the end of a job, or after `ms`. */
  async #endOrTime(ended: Promise<void>, ms: number): Promise<void> {
    const over = new AbortController();
    const time = this.#clock.sleep(ms, over.signal).catch(() => undefined);
    await Promise.race([ended, time]);
    over.abort();
  }

  #headStartLeft(): number {
    if (this.#running === null) return this.#headStartMs;
    return Math.max(0, this.#headStartMs - (this.#clock.monotonic() - this.#running.began));
  }

  #start(job: (signal: AbortSignal) => Promise<void>, stop: AbortSignal): Running {
    const cancel = new AbortController();
    const follow = () => cancel.abort(stop.reason);
    if (stop.aborted) follow();
    stop.addEventListener('abort', follow, { once: true });
    this.#cancel = cancel;
    const ended = job(cancel.signal)
      .catch((error: unknown) => {
        this.#bug = { error };
      })
      .finally(() => {
        stop.removeEventListener('abort', follow);
        this.#running = null;
      });
    this.#running = { began: this.#clock.monotonic(), ended };
    return this.#running;
  }

  #throwBug(): void {
    const bug = this.#bug;
    this.#bug = null;
    if (bug !== null) throw bug.error;
  }
}
