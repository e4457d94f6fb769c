/** Lets only so many pass at the same time, in the order of their calls. */
export class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param places how many may be inside at the same time. */
  constructor(places: number) {
    this.#free = places;
  }

  /**
   * Waits for a place. Rejects with the reason of `signal`.
   *
   * @returns gives the place back. A second call does nothing.
   */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return this.#leaveOnce();
    }
    let admit = () => {};
    let giveUp = () => {};
    try {
      return await new Promise<() => void>((resolve, reject) => {
        admit = () => resolve(this.#leaveOnce());
        giveUp = () => reject(signal.reason);
        this.#waiting.push(admit);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    } finally {
      signal.removeEventListener('abort', giveUp);
      const index = this.#waiting.indexOf(admit);
      if (index >= 0) this.#waiting.splice(index, 1);
    }
  }

  #leaveOnce(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    };
  }
}
