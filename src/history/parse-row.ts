import { HEADER, isStageValue, parseFields, separatorOf } from '../results/csv-row.ts';
import type { Measurement, StageValue } from './measurement.ts';
import type { RowTime } from './row-time.ts';

/** A row, and why its time is doubtful. */
export interface ParsedRow {
  readonly row: Measurement;
  readonly doubt: RowTime['doubt'];
}

/** What {@link parseRow} needs to read the lines of one file. */
export interface RowReader {
  /** A {@link rowTimeReader}. */
  readonly readTime: (text: string, before: number | null) => RowTime | null;
  /** Returns the same string object for equal names: a string cut from a file keeps that piece of the file in memory. */
  readonly nameOf: (name: string) => string;
}

/**
 * Parses one line of a CSV file; `null` if it is neither a row nor the header.
 *
 * @param before the time of the row above, in ms since the epoch
 */
export function parseRow(
  line: string,
  reader: RowReader,
  before: number | null,
): ParsedRow | 'header' | null {
  if (line === HEADER) return 'header';
  return parsePlainRow(line, reader, before) ?? parseSavedRow(line, reader, before);
}

/** Length of the time in a row. */
const TIME = 24;

/**
 * Parses a row as the monitor writes it, without quotes and with points. `null`: it is not one. Almost all rows are: it is taken
 * apart without a text for each field, of which a year of 100 sites has 31 million.
 */
function parsePlainRow(
  line: string,
  { readTime, nameOf }: RowReader,
  before: number | null,
): ParsedRow | null {
  if (line[TIME] !== ',' || line.includes('"')) return null;
  const name = TIME + 1;
  const summary = line.indexOf(',', name) + 1;
  const isSuccess = line.startsWith('SUCCESS,', summary);
  if (summary <= name + 1 || !(isSuccess || line.startsWith('FAILURE,', summary))) return null;
  const first = summary + 'SUCCESS,'.length;
  const second = line.indexOf(',', first) + 1;
  const third = line.indexOf(',', second) + 1;
  if (second === 0 || third <= second) return null;
  const outside = plainValue(line, first, second - 1);
  const login = plainValue(line, second, third - 1);
  const inside = plainValue(line, third, line.length);
  if (outside === null || login === null || inside === null) return null;
  const read = readTime(line.slice(0, TIME), before);
  if (read === null) return null;
  const failed =
    !isSuccess || typeof outside !== 'number' || typeof login !== 'number' || typeof inside !== 'number';
  const site = nameOf(line.slice(name, summary - 1));
  return { row: { time: read.time, site, failed, stages: [outside, login, inside] }, doubt: read.doubt };
}

const POINT = 0x2e;
/** The powers of ten that a number has exactly: a quotient of two exact numbers is rounded as `Number(text)` is. */
const POWERS = Array.from({ length: 15 }, (_, exponent) => 10 ** exponent);

/** Parses a stage's value within a line; `null`: it is not one, or longer than any that the monitor writes. */
function plainValue(line: string, from: number, to: number): StageValue | null {
  if (to - from > POWERS.length) return null;
  let digits = 0;
  let point = -1;
  for (let at = from; at < to; at += 1) {
    const code = line.charCodeAt(at);
    if (code === POINT && point < 0 && at > from) point = at;
    else if (code >= 0x30 && code <= 0x39) digits = 10 * digits + code - 0x30;
    else return wordAt(line, from, to);
  }
  if (point === to - 1 || from === to) return null;
  return point < 0 ? digits : digits / (POWERS[to - point - 1] ?? 1);
}

function wordAt(line: string, from: number, to: number): StageValue | null {
  const word = line.slice(from, to);
  return word === 'TIMEOUT' || word === 'ERROR' ? word : null;
}

/** Parses a row that a spreadsheet or another program has saved, or one with quotes. */
function parseSavedRow(
  line: string,
  { readTime, nameOf }: RowReader,
  before: number | null,
): ParsedRow | 'header' | null {
  const separator = separatorOf(line);
  const fields = line.includes('"') ? parseFields(line, separator) : line.split(separator);
  if (fields === null || fields.length !== 6) return null;
  const [text = '', site = '', summary, ...values] = fields;
  // A spreadsheet that separates by something else may write a decimal comma.
  const [outside = '', login = '', inside = ''] =
    separator === ',' ? values : values.map((value) => value.replace(',', '.'));
  if (summary !== 'SUCCESS' && summary !== 'FAILURE') return fields.join() === HEADER ? 'header' : null;
  if (site === '' || !isStageValue(outside) || !isStageValue(login) || !isStageValue(inside)) return null;
  const read = readTime(text, before);
  if (read === null) return null;
  const stages = [stageValue(outside), stageValue(login), stageValue(inside)] as const;
  const failed = summary === 'FAILURE' || stages.some((value) => typeof value !== 'number');
  return { row: { time: read.time, site: nameOf(site), failed, stages }, doubt: read.doubt };
}

function stageValue(text: string): StageValue {
  return text === 'TIMEOUT' || text === 'ERROR' ? text : Number(text);
}
