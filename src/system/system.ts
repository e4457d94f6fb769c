import type fs from 'node:fs';
import type { Place } from './place.ts';

/**
 * The host as the monitor itself sees it: a place where tests run, and the files of its own records (results, state, log,
 * config). Every effect on the machine goes through one such value, handed in at the top, so that a test can replace what
 * it can't have: the clock, a reused pid, a disk error.
 */
export interface System extends Place {
  readonly hostname: string;
  /** node:fs, as it is. */
  readonly files: typeof fs;
}
