import type { MonitorParts, Reload } from './loop.ts';

/** Applies another config between two cycles, once it was asked for. */
export class ReloadRequest implements Reload {
  readonly #apply: (current: MonitorParts) => Promise<MonitorParts>;
  #asked = new AbortController();

  /** @param apply returns the parts of the new config, or the current ones if it is bad. Never rejects. */
  constructor(apply: (current: MonitorParts) => Promise<MonitorParts>) {
    this.#apply = apply;
  }

  /** Asks for a reload. */
  ask(): void {
    this.#asked.abort();
  }

  get request(): AbortSignal {
    return this.#asked.signal;
  }

  apply(current: MonitorParts): Promise<MonitorParts> {
    // Before the config is read: a request that comes meanwhile is about what comes after.
    this.#asked = new AbortController();
    return this.#apply(current);
  }
}
