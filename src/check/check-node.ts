import { type Finding, ok, warning } from './finding.ts';

/** The day after which each line of Node gets no security fixes (schedule.json of github.com/nodejs/Release, November 2026). */
const LAST_DAYS: Readonly<Record<string, string>> = {
  20: '2026-04-30',
  21: '2024-06-01',
  22: '2027-04-30',
  23: '2025-06-01',
  24: '2028-04-30',
  25: '2026-06-01',
  26: '2029-04-30',
};
/** A line with fixes for as long as the list goes. */
const ADVISED = '24';

/**
 * Whether a version of Node, such as 22.23.3, still gets security fixes. Of a line that is not in the list, which is newer than it,
 * this is not known.
 */
export function checkNode(version: string, now: Date): Finding {
  const last = LAST_DAYS[version.split('.', 1)[0] ?? ''];
  if (last === undefined) return ok(`node: ${version}`);
  if (now.toISOString().slice(0, 10) <= last) return ok(`node: ${version}, security fixes until ${last}`);
  return warning(
    `node: ${version} gets no security fixes since ${last}`,
    `install Node ${ADVISED} (security fixes until ${LAST_DAYS[ADVISED]}), then print the unit again: vpn-monitor systemd`,
  );
}
