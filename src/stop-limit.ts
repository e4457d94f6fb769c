import type { Config } from './config/config.ts';
import { HURRIED_CLEANING_MS } from './probe/test-deadline.ts';

/** What a stop may take beyond the log-out, in ms. */
const BEYOND_LOGOUT_MS = 10_000;
/** For files and the process itself, in ms. */
const LAST_STEPS_MS = 1000;

/** How long a stop takes at most, in ms, to the end of the process. */
export function stopDeadlineMs({ login }: Config): number {
  return login.quitTimeout * 1000 + BEYOND_LOGOUT_MS;
}

/** How long a stop may take before it hurries, in ms. */
export function stopLimitMs(config: Config): number {
  return stopDeadlineMs(config) - LAST_STEPS_MS - HURRIED_CLEANING_MS;
}
