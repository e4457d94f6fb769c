/** Why the monitor is to end, and how fast. */
export interface Stop {
  /** Aborted when the running test is to be cut short; its host is still cleaned. */
  readonly signal: AbortSignal;
  /** Aborted when even that must end at once: a second signal, or the time for a stop is over. */
  readonly hurry: AbortSignal;
}

/** The reason a stop's signals are aborted with. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly by: NodeJS.Signals;

  constructor(by: NodeJS.Signals) {
    super(`stopped by ${by}`);
    this.by = by;
  }
}
