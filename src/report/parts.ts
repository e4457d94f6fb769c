import type { Range } from '../history/spans.ts';
import { dayOf, type LocalDay } from '../model/local-day.ts';
import { HOUR_MS } from '../words/time.ts';

/** Most bars in a row: more would be narrower than a pixel on a phone. */
const MOST = 93;
/** A range of at most so many days has a bar for each hour. */
const HOURLY_DAYS = 3;

/** Cuts a range into the bars of the overview: hours, days, or for a long range the same number of days each. */
export function partsOf(range: Range): readonly Range[] {
  const days = daysOf(range);
  if (days.length <= HOURLY_DAYS)
    return days.flatMap((day) => hoursOf(day)).flatMap((part) => within(part, range));
  const each = Math.ceil(days.length / MOST);
  const firsts = days.filter((_, index) => index % each === 0);
  return firsts.flatMap((first, index) =>
    within({ from: first.start, to: firsts[index + 1]?.start ?? range.to }, range),
  );
}

function daysOf({ from, to }: Range): readonly LocalDay[] {
  const days: LocalDay[] = [];
  for (let day = dayOf(from); day.start < to; day = dayOf(day.start, 1)) days.push(day);
  return days;
}

function hoursOf({ start, end }: LocalDay): readonly Range[] {
  const count = Math.ceil((end - start) / HOUR_MS);
  return Array.from({ length: count }, (_, hour) => ({
    from: start + hour * HOUR_MS,
    to: Math.min(end, start + (hour + 1) * HOUR_MS),
  }));
}

function within({ from, to }: Range, range: Range): readonly Range[] {
  const part = { from: Math.max(from, range.from), to: Math.min(to, range.to) };
  return part.from < part.to ? [part] : [];
}
