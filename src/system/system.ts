import type fs from 'node:fs';
import type { Attendant, AttendOptions } from './attendant.ts';
import type { Place } from './place.ts';

/**
 * The host of the monitor: a place for tests, and the monitor's own files (results, state, log, config). Every effect on the machine
 * goes through one such value, which main.ts passes in. So a test can replace the clock, a reused pid or a disk error.
 */
export interface System extends Place {
  readonly hostname: string;
  /** node:fs, as it is. */
  readonly files: typeof fs;
  /** Starts a command that runs beside the monitor and ends with it: see {@link Attendant}. */
  attend(
    file: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    options?: AttendOptions,
  ): Attendant;
}
