import { type Availability, addSpan, createAvailability, shareUp } from '../history/availability.ts';
import { bySite, type Measurement } from '../history/measurement.ts';
import { type Outage, outagesOf } from '../history/outages.ts';
import type { DayRows } from '../history/read-days.ts';
import { intervalOf, type Range, type Span, spansOf } from '../history/spans.ts';
import { createValues, quantile, type Values } from '../history/values.ts';
import { MINUTE_MS } from '../words/time.ts';
import { type Points, reducer } from './reduce.ts';

/** What a stage took, of all tests in which it has a number; in ms, `null` where there is none. */
export interface StageFigures {
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly timeouts: number;
  readonly errors: number;
}

/** The tests of one hour of the day, of all days together. */
export interface HourFigures {
  readonly tests: number;
  readonly failed: number;
  /** Of the log-in times, in ms; `null` where there is none. */
  readonly p5: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
}

/** All that a report says about one site. */
export interface SiteReport {
  readonly name: string;
  readonly tests: number;
  readonly failed: number;
  readonly availability: Availability;
  /** The range in {@link CELLS} equal parts. */
  readonly cells: readonly Availability[];
  /** All of them, the first one first. */
  readonly outages: readonly Outage[];
  /** Times in which nothing was measured. */
  readonly gaps: readonly Range[];
  /** Ping outside, log in, ping inside. */
  readonly stages: readonly StageFigures[];
  /** 24, from midnight on, local time. */
  readonly hours: readonly HourFigures[];
  readonly points: Points;
}

/** Parts of the range in the overview's strip. */
const CELLS = 60;
/** Points in a site's chart: a month of tests every ten minutes is drawn test by test. */
const MOST_POINTS = 4400;
/** Points in all charts: they decide about the size of the report, about 50 bytes each. */
const MOST_POINTS_IN_ALL = 100_000;

const QUARTER = 15 * MINUTE_MS;

/** What {@link gather} needs beside the rows. */
export interface GatherOptions {
  readonly range: Range;
  readonly frequencyMs: number;
  /** How many sites there will be, about. */
  readonly sites: number;
}

/**
 * Makes the figures of every site that has a test in the range, in the order in which they come.
 *
 * @param days in order; beginning a day before the range, so that its first moments are known
 */
export function gather(days: Iterable<DayRows>, options: GatherOptions): readonly SiteReport[] {
  const { range, frequencyMs } = options;
  const limit = Math.min(MOST_POINTS, Math.floor(MOST_POINTS_IN_ALL / Math.max(1, options.sites)));
  const collectors = new Map<string, Collector>();
  for (const { rows } of days) {
    for (const [name, ofSite] of bySite(rows)) {
      let collector = collectors.get(name);
      if (collector === undefined) {
        collector = createCollector(name, { range, limit, frequencyMs });
        collectors.set(name, collector);
      }
      collector.add(ofSite);
    }
  }
  return [...collectors.values()].map((each) => each.finish()).filter(({ tests }) => tests > 0);
}

interface Collector {
  /** The tests of one day. */
  add(rows: readonly Measurement[]): void;
  finish(): SiteReport;
}

interface CollectorOptions {
  readonly range: Range;
  /** Points of the chart. */
  readonly limit: number;
  readonly frequencyMs: number;
}

function createCollector(name: string, { range, limit, frequencyMs }: CollectorOptions): Collector {
  const availability = createAvailability();
  const cells = Array.from({ length: CELLS }, createAvailability);
  const outages: Outage[] = [];
  const gaps: Range[] = [];
  const stages = [0, 1, 2].map(() => ({ values: createValues(), timeouts: 0, errors: 0 }));
  const hours = Array.from({ length: 24 }, () => ({ tests: 0, failed: 0, values: createValues() }));
  const points = reducer(range, limit);
  const outage = outagesOf(range, (each) => outages.push(each));
  let interval = frequencyMs;
  let tests = 0;
  let failed = 0;
  const spans = spansOf(range, (span) => {
    addSpan(availability, span, range);
    addToCells(cells, span, range);
    outage.add(span);
    if (span.state !== 'unknown') return;
    gaps.push({ from: span.from, to: span.to });
    points.interrupt(span.from);
  });
  let quarter = Number.NaN;
  let hourOfDay = 0;
  const hourOf = (time: number) => {
    // The calendar is slow, and no zone changes its hour within a quarter of one.
    const next = Math.floor(time / QUARTER);
    if (next !== quarter) hourOfDay = new Date(time).getHours();
    quarter = next;
    return hours[hourOfDay];
  };
  const count = (row: Measurement) => {
    tests += 1;
    if (row.failed) failed += 1;
    points.add(row);
    for (const [index, stage] of stages.entries()) {
      const value = row.stages[index];
      if (typeof value === 'number') stage.values.add(value);
      else stage[value === 'TIMEOUT' ? 'timeouts' : 'errors'] += 1;
    }
    const hour = hourOf(row.time);
    if (hour === undefined) return;
    hour.tests += 1;
    if (row.failed) hour.failed += 1;
    if (typeof row.stages[1] === 'number') hour.values.add(row.stages[1]);
  };
  return {
    add: (rows) => {
      interval = intervalOf(
        rows.map((row) => row.time),
        frequencyMs,
        interval,
      );
      for (const row of rows) {
        spans.add(row, interval);
        if (row.time >= range.from && row.time < range.to) count(row);
      }
    },
    finish: () => {
      spans.end();
      outage.end();
      return {
        name,
        tests,
        failed,
        availability,
        cells,
        outages,
        gaps,
        stages: stages.map(figures),
        hours: hours.map(({ values, ...counts }) => ({
          ...counts,
          ...quantiles(values, { p5: 0.05, p50: 0.5, p95: 0.95 }),
        })),
        points: points.finish(),
      };
    },
  };
}

function figures({
  values,
  timeouts,
  errors,
}: {
  values: Values;
  timeouts: number;
  errors: number;
}): StageFigures {
  return { count: values.count, timeouts, errors, ...quantiles(values, { p50: 0.5, p95: 0.95, p99: 0.99 }) };
}

function quantiles<Name extends string>(values: Values, wanted: Readonly<Record<Name, number>>) {
  const sorted = values.sorted();
  const found = Object.entries<number>(wanted).map(([name, q]) => [name, quantile(sorted, q)]);
  // Object.fromEntries forgets the names.
  return Object.fromEntries(found) as Record<Name, number | null>;
}

function addToCells(cells: readonly Availability[], span: Span, { from, to }: Range): void {
  const width = (to - from) / cells.length;
  const first = Math.floor((span.from - from) / width);
  const last = Math.min(cells.length - 1, Math.floor((span.to - from) / width));
  for (let index = first; index <= last; index += 1) {
    const cell = cells[index];
    if (cell !== undefined)
      addSpan(cell, span, { from: from + index * width, to: from + (index + 1) * width });
  }
}

/** The least available first; of equals those with more outages; sites of which nothing is known last. */
export function worstFirst(sites: readonly SiteReport[]): readonly SiteReport[] {
  const share = (site: SiteReport) => shareUp(site.availability) ?? 2;
  return sites.toSorted((a, b) => share(a) - share(b) || b.outages.length - a.outages.length);
}
