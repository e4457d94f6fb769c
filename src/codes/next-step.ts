/** A step that was used so many steps ahead of the clock says that the clock was set back: waiting for the next would take too long. */
const MOST_AHEAD = 10;

/** The state of a secret's codes. */
export interface Steps {
  /** The wall clock, in ms since 1970. */
  readonly nowMs: number;
  readonly periodMs: number;
  /** The steps that were used. */
  readonly used: readonly number[];
  /** A code must be valid for at least so long from now on, in ms. */
  readonly leftMs: number;
}

/** The first step whose code was not used yet and stays valid for long enough, and the time until it begins, in ms. Pure. */
export function nextStep({ nowMs, periodMs, used, leftMs }: Steps): {
  readonly step: number;
  readonly waitMs: number;
} {
  const current = Math.floor(nowMs / periodMs);
  const first = isFresh(current, { nowMs, periodMs, leftMs }) ? current : current + 1;
  const last = Math.max(...used.filter((step) => step <= current + MOST_AHEAD));
  const step = Math.max(first, last + 1);
  return { step, waitMs: Math.max(0, step * periodMs - nowMs) };
}

/** Whether the code of a step is valid now and for `leftMs` more. A step that has not begun is not. Pure. */
export function isFresh(step: number, { nowMs, periodMs, leftMs }: Omit<Steps, 'used'>): boolean {
  return nowMs >= step * periodMs && nowMs + leftMs <= (step + 1) * periodMs;
}
