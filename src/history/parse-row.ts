import { HEADER, isStageValue, parseFields } from '../results/csv-row.ts';
import type { Measurement, StageValue } from './measurement.ts';
import type { RowTime } from './row-time.ts';

/** A row, and what is doubtful about its time. */
export interface ParsedRow {
  readonly row: Measurement;
  readonly doubt: RowTime['doubt'];
}

/** What turns the lines of one file into rows. */
export interface RowReader {
  /** See {@link rowTimeReader}. */
  readonly readTime: (text: string, before: number | null) => RowTime | null;
  /** A name as it was first met: each text cut out of a file else keeps that piece of the file in memory. */
  readonly nameOf: (name: string) => string;
}

/**
 * One line of a CSV file: a row, the header, or neither.
 *
 * @param before the time of the row above it
 */
export function parseRow(
  line: string,
  { readTime, nameOf }: RowReader,
  before: number | null,
): ParsedRow | 'header' | null {
  if (line === HEADER) return 'header';
  const fields = line.includes('"') ? parseFields(line) : line.split(',');
  if (fields === null || fields.length !== 6) return null;
  const [text = '', site = '', summary, outside = '', login = '', inside = ''] = fields;
  if (summary !== 'SUCCESS' && summary !== 'FAILURE') return null;
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
