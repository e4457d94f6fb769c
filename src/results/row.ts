import { stringify } from 'csv-stringify/sync';
import { type SiteResult, stageValues, succeeded } from '../model/test-result.ts';
import { twoDigits } from '../words/numbers.ts';
import { MONTHS, WEEKDAYS } from '../words/time.ts';

/** First line of every CSV file, without its line end. */
export const HEADER = 'Time,CPE Name,Summary,Stage 1 in ms,Stage 2 in ms,Stage 3 in ms';

/** A row on its way to a file. */
export interface Row {
  /** Start of the test: its local date chooses the file. */
  readonly time: Date;
  /** The row as it stands in the file, with its LF. */
  readonly line: string;
}

/** A time as C's asctime prints it, in local time, without the newline: `Wed Nov 14 00:03:40 2018`, the day padded with a space. */
export function asctime(date: Date): string {
  const day = String(date.getDate()).padStart(2, ' ');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  return `${WEEKDAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${day} ${clock} ${date.getFullYear()}`;
}

/** The six fields of a result, as {@link HEADER} names them. */
export function fieldsOf(result: SiteResult): readonly string[] {
  return [
    asctime(result.time),
    result.site,
    succeeded(result) ? 'SUCCESS' : 'FAILURE',
    ...stageValues(result),
  ];
}

/** A result as a row, quoted as in RFC 4180. */
export function csvRow(result: SiteResult): Row {
  // No `escape_formulas`: the config refuses names that a spreadsheet would run, and the option rewrites what
  // begins with a sign. `cast.boolean` as else `true` is printed as 1.
  const line = stringify([fieldsOf(result)], { cast: { boolean: String } });
  return { time: result.time, line };
}

/** The fields of one line of CSV (RFC 4180, without its line end), or `null` if its quotes don't match. */
export function parseFields(line: string): readonly string[] | null {
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  const fields: string[] = [];
  for (;;) {
    const match = field.exec(line);
    if (match === null) return null;
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '') return fields;
  }
}

/** A number of a stage that has a comma behind it, so that it is all there, however many decimals it was given. */
const NUMBER = /^\d+(\.\d+)?$/;
/** A number as stageValue and ping print it: the last one could else have lost its end. */
const WHOLE_NUMBER = /^\d+\.\d{3}$/;

/**
 * Whether the last line of a file, found without a line end, is all there: the header, or a row, ours or the script's.
 * A power loss may leave its beginning, zeros behind it, or anything.
 */
export function isWholeRow(line: string): boolean {
  if (line === HEADER) return true;
  const [, , summary = '', outside = '', login = '', inside = '', ...more] = parseFields(line) ?? [];
  return (
    !/\p{Cc}/u.test(line) &&
    more.length === 0 &&
    ['SUCCESS', 'FAILURE'].includes(summary) &&
    [outside, login].every(isStageValue) &&
    (isWord(inside) || WHOLE_NUMBER.test(inside))
  );
}

/** Whether a text is what stageValue makes, or the script, with any number of decimals. */
export function isStageValue(value: string): boolean {
  return isWord(value) || NUMBER.test(value);
}

function isWord(value: string): boolean {
  return value === 'TIMEOUT' || value === 'ERROR';
}
