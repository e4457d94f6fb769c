import { daysLater, instantOf, type WallTime, wallTimeAt, weekdayOf } from './zone-time.ts';

const MINUTE_MS = 60_000;

/** When a maintenance window is: once, or on some days of each week. Times are in ms since the epoch. */
export type WindowTimes =
  | { readonly kind: 'once'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'weekly';
      /** As `Date.getDay()` counts them: the days on which it begins. */
      readonly days: readonly number[];
      /** Minutes after midnight. `to` is at most 1440; one that is not after `from` is on the next day. */
      readonly from: number;
      readonly to: number;
      /** `null`: the zone of this host. */
      readonly zone: string | null;
    };

/** Planned work, about which nobody is told. */
export interface MaintenanceWindow {
  readonly times: WindowTimes;
  /** `null`: all sites. */
  readonly sites: readonly string[] | null;
  /** `null`: none was given. */
  readonly reason: string | null;
}

/** A window at a certain time: it began at `from` and ends at `to`, in ms since the epoch. */
export interface Maintenance {
  readonly from: number;
  readonly to: number;
  readonly reason: string | null;
}

/**
 * The maintenance of a site at a time, in ms since the epoch; `null`: none. Of several windows, the one that ends last. The end
 * is not part of a window.
 */
export function maintenanceAt(
  windows: readonly MaintenanceWindow[],
  site: string,
  time: number,
): Maintenance | null {
  let last: Maintenance | null = null;
  for (const { sites, times, reason } of windows) {
    if (sites !== null && !sites.includes(site)) continue;
    for (const { from, to } of occurrencesAround(times, time)) {
      if (from <= time && time < to && to > (last?.to ?? Number.NEGATIVE_INFINITY))
        last = { from, to, reason };
    }
  }
  return last;
}

/** The occurrences of a window that may contain a time: those that begin on its day or on the day before. */
function occurrencesAround(times: WindowTimes, time: number): readonly Pick<Maintenance, 'from' | 'to'>[] {
  if (times.kind === 'once') return [times];
  const { days, from, to, zone } = times;
  const today = wallTimeAt(time, zone);
  return [daysLater(today, -1), today].flatMap((day) => {
    if (!days.includes(weekdayOf(day))) return [];
    const at = (on: WallTime, minutes: number) => instantOf({ ...on, minutes }, zone);
    const begin = at(day, from);
    const end = at(to > from ? day : daysLater(day, 1), to);
    // It begins in an hour that the change to summer time leaves out, and ends after that: it is as long as ever.
    return [{ from: begin, to: end > begin ? end : begin + (to - from) * MINUTE_MS }];
  });
}
