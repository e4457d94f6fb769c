import type { Config } from '../config/config.ts';
import { KILL_GRACE_MS } from '../model/limits.ts';

/** What a stop may take beyond the log-out, in ms: what follows is divided so that it is kept. */
const BEYOND_LOGOUT_MS = 10_000;

/** How long the clean-up of a monitor that must end at once may take, in ms: long enough for a SIGKILL after SIGTERM. */
export const HURRIED_CLEANING_MS = 4000;
/** How long systemd-notify may take at the end, in ms. */
export const LAST_NOTICE_MS = 1000;
/** How long the log may take to be closed, in ms: 10,000 lines that wait need 0.3 s (measured). */
export const LOG_CLOSE_MS = 1500;
/** For what was written to a pipe to be read, at the end, in ms. */
export const OUTPUT_GRACE_MS = 1000;
/** For what has no limit of its own, such as state and rows, in ms. */
const FILES_MS = 500;

/** What comes, one after the other, when a stop hurries, in ms. The client is killed first. */
const HURRIED_END_MS =
  KILL_GRACE_MS + HURRIED_CLEANING_MS + FILES_MS + LAST_NOTICE_MS + LOG_CLOSE_MS + OUTPUT_GRACE_MS;

/** How long a stop takes at most, in ms, to the end of the process. */
export function stopDeadlineMs({ login }: Config): number {
  return login.quitTimeout * 1000 + BEYOND_LOGOUT_MS;
}

/** How long a stop may take before it hurries, in ms. */
export function stopLimitMs(config: Config): number {
  return stopDeadlineMs(config) - HURRIED_END_MS;
}
