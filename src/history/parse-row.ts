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
  { readTime, nameOf }: RowReader,
  before: number | null,
): ParsedRow | 'header' | null {
  if (line === HEADER) return 'header';
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
