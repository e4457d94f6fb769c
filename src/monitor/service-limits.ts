import type { Config } from '../config/config.ts';
import { longestStepMs } from './longest-step.ts';
import { stopDeadlineMs } from './stop-limit.ts';

/** systemd hears of the loop's steps at most this often, in ms: each time is a process. */
export const ALIVE_EVERY_MS = 5000;
/** For a busy host, and for systemd to hear of a step, in ms. */
const MARGIN_MS = 30_000;
/** The same for a stop, in ms. */
const STOP_MARGIN_MS = 10_000;

/** How long a monitor may be silent before it is ended, in ms: longer than any step of its loop. */
export function watchdogMs(config: Config): number {
  return longestStepMs(config) + ALIVE_EVERY_MS + MARGIN_MS;
}

/** When a stop that has not ended is to be ended, in ms. */
export function timeoutStopMs(config: Config): number {
  return stopDeadlineMs(config) + STOP_MARGIN_MS;
}
