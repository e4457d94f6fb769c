import * as v from 'valibot';
import type { MaintenanceWindow } from '../../model/maintenance.ts';
import { failed, good, type Result } from '../../model/result.ts';
import { instantOf, isZone } from '../../model/zone-time.ts';
import { mapping, optional, parsed, required, string } from './parts-schema.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const SITES = 'a list of names of sites';

const moment = v.pipe(
  string,
  v.regex(
    /^(?:\d\d:\d\d|\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?:Z|[+-]\d\d:\d\d)?)$/,
    'a time such as 22:00 (with days), 2026-12-24 22:00 or 2026-12-24T22:00+01:00',
  ),
);

const windowKeys = mapping({
  sites: optional(
    v.pipe(v.array(string, SITES), v.nonEmpty(SITES)),
    'The sites that are worked at. Default: all.',
  ),
  days: optional(
    v.pipe(
      v.array(v.picklist(DAYS, 'mon, tue, wed, thu, fri, sat or sun'), 'a list of days: mon, tue, ...'),
      v.nonEmpty('a list of days: mon, tue, ...'),
    ),
    'The days on which a repeated window begins. Without: the window is once.',
  ),
  from: required(moment, 'Its begin: with days a time of day such as 22:00, otherwise a date and a time.'),
  to: required(
    moment,
    'Its end, as from. A time of day that is not after from is on the next day; 24:00 is midnight.',
  ),
  zone: optional(
    v.pipe(string, v.check(isZone, 'a time zone such as Europe/Berlin')),
    'The time zone of from and to. Default: that of this host.',
  ),
  reason: optional(string, 'What is planned, for status, report and events.'),
});

type WindowKeys = v.InferOutput<typeof windowKeys>;

/** One entry of `maintenance`, as the program uses it. */
const maintenanceWindow = v.pipe(windowKeys, parsed(windowOf));

/** `maintenance`. */
export const MaintenanceSchema = v.array(maintenanceWindow, 'a list of maintenance windows');

function windowOf({ sites, days, from, to, zone, reason }: WindowKeys): Result<MaintenanceWindow> {
  const about = { sites: sites ?? null, reason: reason ?? null };
  if (days === undefined) {
    const [begin, end] = [instantIn(from, zone ?? null), instantIn(to, zone ?? null)];
    if (begin === null || end === null) {
      return failed('from and to as a date and a time such as 2026-12-24 22:00, or days with times of day');
    }
    return begin < end
      ? good({ ...about, times: { kind: 'once', from: begin, to: end } })
      : failed('a window whose to is after its from');
  }
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  if (begin === null || end === null || begin === 24 * 60) {
    return failed('from and to as times of day such as 22:00, since the window has days');
  }
  const numbers = days.map((day) => DAYS.indexOf(day));
  return begin === end
    ? failed('a window whose to differs from its from')
    : good({ ...about, times: { kind: 'weekly', days: numbers, from: begin, to: end, zone: zone ?? null } });
}

/** A date and a time in ms since the epoch; `null`: it is none. */
function instantIn(text: string, zone: string | null): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d:\d\d)(Z|[+-]\d\d:\d\d)?$/.exec(text);
  const minutes = minutesOf(match?.[4] ?? '');
  if (match === null || minutes === null) return null;
  const [year, month, day] = match.slice(1, 4).map(Number);
  if (year === undefined || month === undefined || day === undefined) return null;
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  if (match[5] === undefined) return instantOf({ year, month, day, minutes }, zone);
  const time = Date.parse(`${text.slice(0, 10)}T00:00${match[5]}`);
  return Number.isNaN(time) ? null : time + minutes * 60_000;
}

/** A time of day in minutes, at most 1440; `null`: it is none. */
export function minutesOf(text: string): number | null {
  const match = /^(\d\d):(\d\d)$/.exec(text);
  if (match === null) return null;
  const [hours, minutes] = [Number(match[1]), Number(match[2])];
  const all = hours * 60 + minutes;
  return minutes < 60 && all <= 24 * 60 ? all : null;
}
