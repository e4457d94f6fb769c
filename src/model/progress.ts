import type { SiteResult, StageNumber } from './test-result.ts';

/** What the monitor is doing right now. */
export type ProgressEvent =
  /** A cycle begins; the first one of this process has the number 1. */
  | { readonly kind: 'cycle'; readonly number: number }
  /** The host is checked and cleaned before or after the test of `site`. */
  | { readonly kind: 'cleaning'; readonly site: string }
  /** A stage of the test of `site` begins. */
  | { readonly kind: 'stage'; readonly site: string; readonly stage: StageNumber }
  /** The client of `site` is logging out. */
  | { readonly kind: 'logging-out'; readonly site: string }
  /** The test of `site` waits for `holder`, another test on this host, to end. */
  | { readonly kind: 'waiting-for-host'; readonly site: string; readonly holder: string }
  /** The log-in at `site` waits `seconds` for a one-time code that was not used before. */
  | { readonly kind: 'waiting-for-code'; readonly site: string; readonly seconds: number }
  /** A test has ended and its row was handed over. */
  | { readonly kind: 'finished'; readonly result: SiteResult }
  /** The cycle is over; the next begins `seconds` from now. */
  | { readonly kind: 'idle'; readonly seconds: number }
  /** The last event: the screen is left tidy. */
  | { readonly kind: 'end' };

/** Shows or watches what the monitor is doing. Returns at once and never throws. */
export type Progress = (event: ProgressEvent) => void;
