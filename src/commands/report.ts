import path from 'node:path';
import type { Config } from '../config/config.ts';
import { reason } from '../files/reason.ts';
import { writeOutput } from '../files/write-output.ts';
import { type DayFile, findDayFiles, readDays } from '../history/read-days.ts';
import { createNotes, notesInWords } from '../history/read-notes.ts';
import type { Range } from '../history/spans.ts';
import { dayName, dayOf, type LocalDay } from '../model/local-day.ts';
import { letHeapGrow } from '../process/heap.ts';
import { readAssets } from '../report/assets.ts';
import { summaryText } from '../report/figures-text.ts';
import { gather } from '../report/gather.ts';
import { page } from '../report/page.ts';
import { partsOf } from '../report/parts.ts';
import type { System } from '../system/system.ts';
import { counted } from '../words/numbers.ts';
import { startWithConfig } from './load-config.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/** The options of `report`. */
export interface ReportCommandOptions extends CommonOptions {
  /** The first day; `undefined`: 29 days before the last day. */
  readonly from: LocalDay | undefined;
  /** The last day; `undefined`: today. */
  readonly to: LocalDay | undefined;
  /** The heading of the report; `undefined`: the days. */
  readonly title: string | undefined;
  /** Availability to reach, 0 to 1; `undefined`: none. */
  readonly target: number | undefined;
  /** Path of the HTML file. */
  readonly output: string;
  /** Path of a text file with availability and outages; `undefined`: none. */
  readonly summary: string | undefined;
}

/** The number of days in a report without `--from`. */
const DEFAULT_DAYS = 30;

/**
 * Writes an HTML report of the CSV files of a range of days, and its figures as text. Exit status: 0: written; 1: no results, or the report can't be
 * written; 2: a bad config or wrong days.
 */
export async function report(options: ReportCommandOptions, shell: Shell): Promise<number> {
  const { screen, version } = shell;
  const started = startWithConfig(options.config, shell, { configOnly: true });
  if (!started.ok) return started.status;
  const { config, system } = started.value;
  const { files } = system;
  const now = system.now().getTime();
  const { dir, file } = config.logging;
  const fail = (words: string, status: number = EXIT.failed) => {
    screen.diagnose(`error: ${words}`);
    return status;
  };
  const lastDay = options.to ?? dayOf(now);
  const firstDay = options.from ?? dayOf(lastDay.start, 1 - DEFAULT_DAYS);
  if (firstDay.start > lastDay.start) {
    return fail(`--from ${dayName(firstDay)} is after --to ${dayName(lastDay)}`, EXIT.usage);
  }
  letHeapGrow();
  shell.endOnSignal();
  let all: readonly DayFile[];
  try {
    all = findDayFiles({ dir, file, files });
  } catch (error) {
    return fail(`${dir} can't be read: ${reason(error)}`);
  }
  try {
    const range = rangeOf(all, firstDay, lastDay, now, files);
    if (range === null) return fail(noResults(all, config, firstDay, lastDay));
    const notes = createNotes(now);
    const near = { from: dayOf(range.from, -2).start, to: dayOf(range.to, 2).start };
    const wanted = all.filter(({ day }) => day.start >= near.from && day.start < near.to);
    const shown = { range, parts: partsOf(range), after: config.alerts.after };
    const sites = gather(readDays(wanted, files, notes), {
      ...shown,
      frequencyMs: config.frequency * 1000,
      sites: config.sites.length,
    });
    const words = notesInWords(notes);
    for (const note of words) screen.diagnose(`note: ${note}`);
    if (sites.length === 0) return fail(noResults(all, config, firstDay, lastDay));
    const bytes = writeOutput(
      files,
      options.output,
      page(sites, {
        ...shown,
        title: options.title,
        target: options.target,
        now,
        hostname: system.hostname,
        zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        version,
        notes: words,
        assets: readAssets(files),
      }),
    );
    if (options.summary !== undefined) writeOutput(files, options.summary, [summaryText(sites, range)]);
    const size = bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
    const days = `${dayName(dayOf(range.from))} to ${dayName(dayOf(range.to - 1))}`;
    screen.print(`${options.output}: ${days}, ${counted(sites.length, 'site')}, ${size}`);
    return EXIT.good;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return fail(`${path.resolve(options.output)} was not written: ${reason(error)}`);
  }
}

/**
 * The requested days for which there are files, up to `now`; `null` if there are none. On the first day of all, from the first row on:
 * nothing was to be measured before it.
 */
function rangeOf(
  all: readonly DayFile[],
  first: LocalDay,
  last: LocalDay,
  now: number,
  files: System['files'],
): Range | null {
  const inside = all.filter(({ day }) => day.start >= first.start && day.start <= last.start);
  const [oldest] = inside;
  if (oldest === undefined) return null;
  const to = Math.min(last.end, now);
  const from = oldest === all[0] ? Math.max(first.start, firstRowOf(all, now, files)) : oldest.day.start;
  return from < to ? { from, to } : null;
}

/** The time of the first row of the oldest day; the start of that day if it has none. */
function firstRowOf(all: readonly DayFile[], now: number, files: System['files']): number {
  const start = all[0]?.day.start ?? 0;
  const ofDay = all.filter(({ day }) => day.start === start);
  for (const { rows } of readDays(ofDay, files, createNotes(now))) return rows[0]?.time ?? start;
  return start;
}

function noResults(all: readonly DayFile[], { logging }: Config, first: LocalDay, last: LocalDay): string {
  const [oldest, newest] = [all[0], all.at(-1)];
  const there =
    oldest === undefined || newest === undefined
      ? `there is no ${logging.file}_YYMMDD.csv`
      : `it has files from ${dayName(oldest.day)} to ${dayName(newest.day)}`;
  return `no results from ${dayName(first)} to ${dayName(last)} in ${logging.dir}: ${there}`;
}
