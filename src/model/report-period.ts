import { DAY_MS } from '../words/time.ts';
import { dayName, dayOf, type LocalDay } from './local-day.ts';
import { instantOf } from './zone-time.ts';

/** The periods that a report by mail may be about: a calendar day, a week from Monday to Sunday (ISO 8601), or a calendar month. */
export const REPORT_EVERY = ['day', 'week', 'month'] as const;
/** One of {@link REPORT_EVERY}. */
export type ReportEvery = (typeof REPORT_EVERY)[number];

/** When reports are due. */
export interface ReportSchedule {
  readonly every: ReportEvery;
  /** The local time of day on the day after a period, in minutes from midnight. */
  readonly at: number;
}

/** A period that has ended, by its days in local time. */
export interface ReportPeriod {
  readonly every: ReportEvery;
  readonly first: LocalDay;
  readonly last: LocalDay;
  /** When its report is due, in ms since the epoch. */
  readonly due: number;
}

/** The last period whose report was made, or needs none. */
export interface Reported {
  readonly every: ReportEvery;
  /** Its first day: `2026-11-23`. */
  readonly first: string;
}

/** After this time a report is not made any more, in ms: a weekly one outlasts a long weekend. */
export const REPORT_LATE_MS = 3 * DAY_MS;

/** The latest period whose report was due at a time (ms since the epoch) or before. Pure, but for the time zone of this host. */
export function periodBefore(time: number, { every, at }: ReportSchedule): ReportPeriod {
  const current = firstDay(every, dayOf(time));
  const next = dueOn(current, at) <= time ? current : before(every, current);
  return { every, first: before(every, next), last: dayOf(next.start, -1), due: dueOn(next, at) };
}

/** When the next report is due after a time, both in ms since the epoch. */
export function nextReport(time: number, { every, at }: ReportSchedule): number {
  const current = firstDay(every, dayOf(time));
  const due = dueOn(current, at);
  // 31 days after the first of a month is the next month.
  const next = firstDay(every, dayOf(current.start, { day: 1, week: 7, month: 31 }[every]));
  return due > time ? due : dueOn(next, at);
}

/** What is to be done about the latest period. */
export type ReportVerdict =
  | { readonly kind: 'make'; readonly period: ReportPeriod }
  /** Nothing is made: `begin`: reports begin with the next period; `missed`: it is too late. */
  | { readonly kind: 'begin' | 'missed'; readonly period: ReportPeriod };

/**
 * Judges whether a report is due. `null`: none is. At first, after a change of `every`, and if the clock was ahead, reports begin with the next
 * period. A change of `at` repeats none.
 *
 * @param last `null`: none was made yet
 */
export function judgeReport(
  last: Reported | null,
  schedule: ReportSchedule,
  now: number,
): ReportVerdict | null {
  const period = periodBefore(now, schedule);
  const first = dayName(period.first);
  if (last === null || last.every !== schedule.every || last.first > dayName(dayOf(now))) {
    return { kind: 'begin', period };
  }
  if (first <= last.first) return null;
  return { kind: now - period.due > REPORT_LATE_MS ? 'missed' : 'make', period };
}

/** A period as it is stored. */
export function reportedOf({ every, first }: ReportPeriod): Reported {
  return { every, first: dayName(first) };
}

/** The first day of the period that a day is in. */
function firstDay(every: ReportEvery, day: LocalDay): LocalDay {
  switch (every) {
    case 'day':
      return day;
    case 'week':
      return dayOf(day.start, -((new Date(day.start).getDay() + 6) % 7));
    case 'month':
      return dayOf(day.start, 1 - day.day);
  }
}

/** The first day of the period before the one that begins on a day. */
function before(every: ReportEvery, first: LocalDay): LocalDay {
  return firstDay(every, dayOf(first.start, -1));
}

function dueOn({ year, month, day }: LocalDay, minutes: number): number {
  return instantOf({ year, month, day, minutes }, null);
}
