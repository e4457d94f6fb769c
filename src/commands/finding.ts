/** One thing that `check` looked at. */
export interface Finding {
  readonly verdict: 'ok' | 'warning' | 'missing';
  readonly words: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** What is as it should be. */
export function ok(words: string): Finding {
  return { verdict: 'ok', words };
}

/** What the monitor can do without. */
export function warning(words: string, remedy: string): Finding {
  return { verdict: 'warning', words, remedy };
}

/** What the monitor can't do without. */
export function missing(words: string, remedy: string): Finding {
  return { verdict: 'missing', words, remedy };
}
