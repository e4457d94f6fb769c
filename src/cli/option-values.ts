import { InvalidArgumentError } from 'commander';
import { LEVELS, type Level } from '../log/log.ts';
import { type LocalDay, localDay } from '../model/local-day.ts';
import { nearest } from '../words/nearest.ts';
import { printableLine } from '../words/printable.ts';

/** A log level, in upper or lower case. Throws InvalidArgumentError, which commander reports as wrong usage. */
export function parseLevel(text: string): Level {
  const level = LEVELS.find((known) => known === text.toLowerCase());
  if (level === undefined) {
    const guess = nearest(text, LEVELS);
    throw new InvalidArgumentError(
      `Expected one of ${LEVELS.join(', ')}.${guess === undefined ? '' : ` Did you mean ${guess}?`}`,
    );
  }
  return level;
}

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time such as `90m`, `2h` or `1d`, in ms. Throws InvalidArgumentError, which commander reports as wrong usage. */
export function parseDuration(text: string): number {
  const match = /^(\d{1,5})([mhd])$/.exec(text);
  const ms = match === null ? 0 : Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  if (ms === 0) throw new InvalidArgumentError('Expected a time such as 30m, 2h or 1d.');
  return ms;
}

/** A day such as `2026-10-01`, in local time. Throws InvalidArgumentError, which commander reports as wrong usage. */
export function parseDay(text: string): LocalDay {
  const match = /^(\d{4})-(\d\d?)-(\d\d?)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Expected a day as 2026-10-01.');
  const day = localDay(Number(match[1]), Number(match[2]), Number(match[3]));
  if (day === null) throw new InvalidArgumentError('There is no such day.');
  return day;
}

/** A heading. Throws InvalidArgumentError for an empty one. */
export function parseTitle(text: string): string {
  const title = printableLine(text);
  if (title === '') throw new InvalidArgumentError('Expected a text.');
  return title;
}

/** An availability in percent such as `99.9`, as a share. Throws InvalidArgumentError, which commander reports as wrong usage. */
export function parseTarget(text: string): number {
  const percent = /^\d+(?:\.\d+)?\s*%?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (!(percent > 0 && percent <= 100)) throw new InvalidArgumentError('Expected a percentage such as 99.9.');
  return percent / 100;
}
