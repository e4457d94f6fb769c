/** What {@link writeDays} takes. */
export interface WrittenDays {
  /** The results folder; made if it is missing. */
  readonly folder: string;
  /** Base name of the files: `result` unless said. */
  readonly file?: string;
  readonly sites: readonly string[];
  /** The first cycle. */
  readonly from: Date;
  /** No test begins at or after it. */
  readonly to: Date;
  /** Seconds from one cycle to the next. */
  readonly frequency: number;
  /** The same number makes the same files: 1 unless said. */
  readonly seed?: number;
  /** Of each site, about: 0.12 unless said. */
  readonly outagesPerDay?: number;
  /** Times in which the monitor did not run: 0.05 unless said. */
  readonly gapsPerDay?: number;
  /** LF unless said. */
  readonly lineEnd?: '\n' | '\r\n';
}

/** Writes CSV files as a monitor of many months leaves them, in the local time of this process; returns how many rows. */
export function writeDays(options: WrittenDays): number;
