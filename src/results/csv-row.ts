import { stringify } from 'csv-stringify/sync';
import { type SiteResult, stageValues, succeeded } from '../model/test-result.ts';
import { twoDigits } from '../words/numbers.ts';
import { MONTHS, WEEKDAYS } from '../words/time.ts';

/** First line of every CSV file, without its line end. */
export const HEADER = 'Time,CPE Name,Summary,Stage 1 in ms,Stage 2 in ms,Stage 3 in ms';

/** A row for a CSV file. */
export interface Row {
  /** Start of the test. Its local date chooses the file. */
  readonly time: Date;
  /** The text of the row, with its LF. */
  readonly line: string;
}

/** Formats a local time as C's asctime does, without the newline: `Wed Nov  4 00:03:40 2018`. */
export function asctime(date: Date): string {
  const day = String(date.getDate()).padStart(2, ' ');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  return `${WEEKDAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${day} ${clock} ${date.getFullYear()}`;
}

/** Returns the six fields of a result, in the order of {@link HEADER}. */
export function fieldsOf(result: SiteResult): readonly string[] {
  return [
    asctime(result.time),
    result.site,
    succeeded(result) ? 'SUCCESS' : 'FAILURE',
    ...stageValues(result),
  ];
}

/** Returns the row of a result, quoted as in RFC 4180. */
export function csvRow(result: SiteResult): Row {
  return { time: result.time, line: csvLine(fieldsOf(result)) };
}

/** Returns fields as a line with its LF, quoted as in RFC 4180. */
export function csvLine(fields: readonly string[]): string {
  // `escape_formulas` stays off: it changes fields that begin with a sign, and the config already refuses names that a
  // spreadsheet would run. Without `cast.boolean`, `true` is written as 1.
  return stringify([fields], { cast: { boolean: String } });
}

/** Between the fields, as patterns: RFC 4180's, and what spreadsheets save. */
const FIELD = {
  ',': /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y,
  ';': /(?:"((?:[^"]|"")*)"|([^";]*))(;|$)/y,
  '\t': /(?:"((?:[^"]|"")*)"|([^"\t]*))(\t|$)/y,
} as const;
/** What stands between the fields of a line. */
export type Separator = keyof typeof FIELD;

/** Returns the fields of one line of CSV (without its line end); `null` if its quotes don't match. */
export function parseFields(line: string, separator: Separator = ','): readonly string[] | null {
  const field = FIELD[separator];
  field.lastIndex = 0;
  const fields: string[] = [];
  for (;;) {
    const match = field.exec(line);
    if (match === null) return null;
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '') return fields;
  }
}

/** A number with any decimals. */
const NUMBER = /^\d+(\.\d+)?$/;
/** A number with the three decimals that stageValue and ping print. */
const WHOLE_NUMBER = /^\d+\.\d{3}$/;

/** Longest row, in bytes: a name has at most 1000 characters. */
export const LONGEST_ROW = 16 * 1024;

/** What separates the fields of a line. The time, which is the first one, contains none. Spreadsheets save files with semicolons or tabs. */
export function separatorOf(line: string): Separator {
  const found = /[,;\t]/.exec(line)?.[0];
  return found === ';' || found === '\t' ? found : ',';
}

/**
 * Whether a last line without a line end is complete: the header, or a row. A power loss may leave a part of a line, zeros after
 * it, or anything.
 *
 * The last number of a torn row may lack digits. It is complete with three decimals, as vpn-monitor and ping print all numbers, and in a row that
 * another program saved: one with another separator, or with other decimals in its first number.
 */
export function isWholeRow(line: string): boolean {
  if (line === HEADER) return true;
  const separator = separatorOf(line);
  if (/\p{Cc}/u.test(separator === '\t' ? line.replaceAll('\t', '') : line)) return false;
  const [, site = '', summary = '', ...values] = parseFields(line, separator) ?? [];
  const stages = separator === ',' ? values : values.map((value) => value.replace(',', '.'));
  const [outside = '', , inside = ''] = stages;
  if (site === '' || stages.length !== 3 || !stages.every(isStageValue)) return false;
  if (summary !== 'SUCCESS' && summary !== 'FAILURE') return false;
  const isSaved = separator !== ',' || (NUMBER.test(outside) && !WHOLE_NUMBER.test(outside));
  return isWord(inside) || WHOLE_NUMBER.test(inside) || isSaved;
}

/** Whether a text is the value of a stage: TIMEOUT, ERROR, or a number with any decimals, as the script writes them. */
export function isStageValue(value: string): boolean {
  return isWord(value) || NUMBER.test(value);
}

function isWord(value: string): boolean {
  return value === 'TIMEOUT' || value === 'ERROR';
}
