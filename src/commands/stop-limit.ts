import type { Config } from '../config/config.ts';
import { HURRIED_CLEANING_MS } from '../probe/site.ts';

/** What a stop may take beyond the log-out, in ms: the contract's 10 s, less a second for files and the process itself. */
const BEYOND_LOGOUT_MS = 9000;

/** How long a stop may take before it hurries, in ms. */
export function stopLimitMs({ login }: Config): number {
  return login.quitTimeout * 1000 + BEYOND_LOGOUT_MS - HURRIED_CLEANING_MS;
}
