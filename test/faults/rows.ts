import { HEADER } from '../../src/results/csv-row.ts';
import type { Recording, TextFile } from './recording.ts';
import { gatewayOf, type Schedule } from './schedule.ts';
import type { Violation } from './violation.ts';

/** A row as it stands in a file. */
export interface SeenRow {
  /**
   * The test that it tells of, by the times that ping gave; `null`: the site was not tested, for a fault of
   * the host.
   */
  readonly test: number | null;
  /** The index of its site. */
  readonly site: number;
  /** Local wall clock, as if it were UTC, in ms. */
  readonly time: number;
  readonly success: boolean;
  readonly values: readonly [string, string, string];
}

const TIME = String.raw`\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}`;
const VALUE = String.raw`\d+\.\d{3}|TIMEOUT|ERROR`;

/** A line that is no row: a kill tore it. */
interface TornLine {
  readonly file: string;
  readonly line: string;
}

/** The rows of all files, each file's in its order; and what is wrong with the files as such. */
export function readRows(
  { sites }: Schedule,
  { csv, notes }: Recording,
): { readonly rows: readonly (readonly SeenRow[])[]; readonly violations: Violation[] } {
  const violations: Violation[] = [];
  const torn: TornLine[] = [];
  const names = new Map(sites.map(({ name }, index) => [quoted(name), index]));
  const pattern = new RegExp(`^(${TIME}),(.*),(SUCCESS|FAILURE),(${VALUE}),(${VALUE}),(${VALUE})$`);
  const readFile = ({ name, text }: TextFile): SeenRow[] => {
    const wrong = (invariant: string, words: string) =>
      void violations.push({ invariant, words: `${name}: ${words}` });
    const lines = text.split('\n');
    const unended = lines.pop() ?? '';
    if (unended !== '') torn.push({ file: name, line: unended });
    // A header that was torn, on a day to which no row came again.
    if (lines.length === 0) return [];
    if (lines[0] !== HEADER) wrong('one header', `begins with ${lines[0]}`);
    return lines.slice(1).flatMap((line) => {
      if (line === HEADER) {
        wrong('one header', 'has a second one');
        return [];
      }
      const [, time = '', quotedName = '', summary, one = '', two = '', three = ''] =
        pattern.exec(line) ?? [];
      const site = names.get(quotedName);
      if (site === undefined) {
        torn.push({ file: name, line });
        return [];
      }
      if (!name.includes(`result_${dayOf(time)}.csv`)) wrong('rows are in the file of their day', line);
      const values = [one, two, three] as const;
      const success = values.every((value) => /^\d/.test(value));
      if (success !== (summary === 'SUCCESS')) wrong('the summary fits', line);
      const untested = values.every((value) => value === 'ERROR');
      const tests = new Set([...testIn(one, '001'), ...testIn(three, '003')]);
      const [test = null] = tests;
      if (tests.size !== (untested ? 0 : 1)) wrong('rows tell of one test', line);
      return [{ test, site, time: Date.parse(`${time} UTC`), success, values }];
    });
  };
  const rows = csv.map(readFile);
  return { rows, violations: [...violations, ...judgeTorn(torn, newestOf(csv, rows), notes)] };
}

/** The name of the file with the last row. */
function newestOf(csv: Recording['csv'], rows: readonly (readonly SeenRow[])[]): string | undefined {
  const last = (index: number) => Math.max(0, ...(rows[index] ?? []).map(({ test }) => test ?? 0));
  return csv.map(({ name }, index) => ({ name, last: last(index) })).sort((a, b) => b.last - a.last)[0]?.name;
}

/** A torn line may stay in a file of a past day, from which nothing is cut; and only where a kill has struck in the middle of a row. */
function judgeTorn(
  torn: readonly TornLine[],
  newest: string | undefined,
  notes: Recording['notes'],
): Violation[] {
  const strikes = notes.filter(({ what }) => /^struck effect \d+ \d+ 0\.\d+$/.test(what)).length;
  return torn
    .filter(({ file }, index) => file === newest || index >= strikes)
    .map(({ file, line }) => ({ invariant: 'rows are whole', words: `${file}: this is no row: ${line}` }));
}

/**
 * Every finished test has exactly one row, in order; at most what is in flight is lost to an end of the monitor.
 */
export function judgeRows(
  { atOnce }: Schedule,
  files: readonly (readonly SeenRow[])[],
  { notes, lives }: Recording,
): Violation[] {
  const violations: Violation[] = [];
  const wrong = (invariant: string, words: string) => void violations.push({ invariant, words });
  const begun = notes.filter(({ by, what }) => by === 'outside' && what === 'begun');
  const found = new Map<number, SeenRow>();
  for (const rows of files) {
    const last = new Map<number, number>();
    for (const row of rows) {
      if (row.test === null) continue;
      if (found.has(row.test)) wrong('exactly one row', `test ${row.test} has two`);
      found.set(row.test, row);
      // Of tests at the same time the first to end has the first row.
      const queue = atOnce === 1 ? 0 : row.site;
      const before = last.get(queue) ?? 0;
      if (row.test < before) wrong('rows are in order', `test ${row.test} stands behind ${before}`);
      last.set(queue, row.test);
      const note = begun.find(({ test }) => test === row.test);
      if (note?.gateway !== gatewayOf(row.site)) {
        wrong(
          'exactly one row',
          `test ${row.test} was of ${note?.gateway}, its row is of ${gatewayOf(row.site)}`,
        );
      }
    }
  }
  for (const { test, daemon, gateway } of begun) {
    const after = begun.filter((later) => later.daemon === daemon && later.test > test);
    const finished =
      after.some((later) => atOnce === 1 || later.gateway === gateway) || daemon === lives.at(-1)?.pid;
    if (finished && !found.has(test)) wrong('exactly one row', `test ${test} was finished and has none`);
  }
  return violations;
}

function quoted(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

function testIn(value: string, decimals: string): number[] {
  const [whole, part] = value.split('.');
  return part === decimals ? [Number(whole)] : [];
}

/** YYMMDD of an asctime. */
function dayOf(time: string): string {
  const date = new Date(`${time} UTC`);
  return Number.isNaN(date.getTime()) ? 'none' : date.toISOString().slice(2, 10).replaceAll('-', '');
}
