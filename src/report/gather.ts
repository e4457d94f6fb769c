import { type Availability, addSpan, createAvailability, shareUp } from '../history/availability.ts';
import { AvailabilityParts } from '../history/availability-parts.ts';
import { bySite, isUnmeasured, type Measurement } from '../history/measurement.ts';
import { type Outage, outagesOf } from '../history/outages.ts';
import type { DayRows } from '../history/read-days.ts';
import { intervalOf, type Range, type Span, type Spans, spansOf } from '../history/spans.ts';
import { quantile, Values } from '../history/values.ts';
import { MINUTE_MS } from '../words/time.ts';
import { type Points, type Reducer, reducer } from './reduce.ts';

/** Figures of a stage over all tests in which it has a number; in ms, `null` if there is none. */
export interface StageFigures {
  /** Tests in which it has a number. */
  readonly count: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly timeouts: number;
  readonly errors: number;
}

/** Figures of one hour of the day, over all days. */
export interface HourFigures {
  readonly tests: number;
  readonly failed: number;
  /** Quantiles of the time to log in, in ms; `null` if no log-in succeeded. */
  readonly p5: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
}

/** The results of one site. */
export interface SiteReport {
  readonly name: string;
  readonly tests: number;
  readonly failed: number;
  readonly availability: Availability;
  /** The availability in each of {@link GatherOptions.parts}. */
  readonly parts: readonly Availability[];
  /** The median time to log in, in each of these parts, in ms; `null` if no log-in succeeded. */
  readonly logins: readonly (number | null)[];
  /** Failures in a row that reached `alerts.after`, the first one first. */
  readonly outages: readonly Outage[];
  /** Failures in a row that did not, the first one first. */
  readonly shortFailures: readonly Outage[];
  /** Times without tests, or without an uplink. */
  readonly gaps: readonly Range[];
  /** Ping outside, log in, ping inside. */
  readonly stages: readonly StageFigures[];
  /** 24, from midnight on, local time. */
  readonly hours: readonly HourFigures[];
  readonly points: Points;
}

/** Most points in a site's chart: for a month of tests every ten minutes, each test is a point. */
const MOST_POINTS = 4400;
/** Most points in all charts. Each adds about 50 bytes to the report. */
const MOST_POINTS_IN_ALL = 100_000;

const QUARTER_MS = 15 * MINUTE_MS;

/** What {@link gather} needs besides the rows. */
export interface GatherOptions {
  readonly range: Range;
  /** The range in parts, in order, for the overview: {@link partsOf}. */
  readonly parts: readonly Range[];
  /** `alerts.after`: failures in a row that make an outage. */
  readonly after: number;
  readonly frequencyMs: number;
  /** The approximate number of sites. */
  readonly sites: number;
}

/**
 * Returns the results of each site that has a test in the range, in the order of their first tests.
 *
 * @param days in order, from the day before the range on: its last tests may cover the start of the range
 */
export function gather(days: Iterable<DayRows>, options: GatherOptions): readonly SiteReport[] {
  const limit = Math.min(MOST_POINTS, Math.floor(MOST_POINTS_IN_ALL / Math.max(1, options.sites)));
  const collectors = new Map<string, SiteCollector>();
  for (const { rows } of days) {
    for (const [name, ofSite] of bySite(rows)) {
      let collector = collectors.get(name);
      if (collector === undefined) {
        collector = new SiteCollector(name, options, limit);
        collectors.set(name, collector);
      }
      collector.add(ofSite);
    }
  }
  return [...collectors.keys()].flatMap((name) => {
    const report = collectors.get(name)?.report();
    // Its numbers take more memory than all that is left of them.
    collectors.delete(name);
    return report === undefined || report.tests === 0 ? [] : [report];
  });
}

/** Collects the tests of one site. */
class SiteCollector {
  readonly #name: string;
  readonly #range: Range;
  readonly #frequencyMs: number;
  readonly #availability = createAvailability();
  readonly #ranges: readonly Range[];
  readonly #parts: AvailabilityParts;
  /** In each part, how many log-ins succeeded. A typed array ignores what is after the last part. */
  readonly #logins: Uint32Array;
  readonly #after: number;
  readonly #outages: Outage[] = [];
  readonly #gaps: Range[] = [];
  readonly #stages = [0, 1, 2].map(() => ({ values: new Values(), timeouts: 0, errors: 0 }));
  readonly #hours = Array.from({ length: 24 }, () => ({ tests: 0, failed: 0, values: new Values() }));
  readonly #points: Reducer;
  readonly #outage: ReturnType<typeof outagesOf>;
  readonly #spans: Spans;
  #interval: number;
  #tests = 0;
  #failed = 0;
  /** The quarter of an hour of the last test, since the epoch, and its hour of the day. */
  #quarter = Number.NaN;
  #hourOfDay = 0;
  /** The part of the last test: it moves forward only. */
  #partOfTest = 0;

  constructor(name: string, { range, parts, after, frequencyMs }: GatherOptions, limit: number) {
    this.#name = name;
    this.#range = range;
    this.#ranges = parts;
    this.#parts = new AvailabilityParts(parts);
    this.#logins = new Uint32Array(parts.length);
    this.#after = after;
    this.#frequencyMs = frequencyMs;
    this.#interval = frequencyMs;
    this.#points = reducer(range, limit);
    this.#outage = outagesOf(range, (outage) => this.#outages.push(outage));
    this.#spans = spansOf(range, (span) => this.#addSpan(span));
  }

  /** Adds the tests of the next day, in order. */
  add(rows: readonly Measurement[]): void {
    const { from, to } = this.#range;
    this.#interval = intervalOf(
      rows.map((row) => row.time),
      this.#frequencyMs,
      this.#interval,
    );
    for (const row of rows) {
      this.#spans.add(row, this.#interval);
      if (row.time >= from && row.time < to && !isUnmeasured(row)) this.#count(row);
    }
  }

  /** Returns the results of all tests. To be called once. */
  report(): SiteReport {
    this.#spans.end();
    this.#outage.end();
    return {
      name: this.#name,
      tests: this.#tests,
      failed: this.#failed,
      availability: this.#availability,
      parts: this.#parts.parts,
      logins: this.#mediansOfParts(),
      outages: this.#outages.filter(({ tests }) => tests >= this.#after),
      shortFailures: this.#outages.filter(({ tests }) => tests < this.#after),
      gaps: this.#gaps,
      stages: this.#stages.map(({ values, timeouts, errors }) => ({
        count: values.count,
        timeouts,
        errors,
        ...quantiles(values, { min: 0, p50: 0.5, p95: 0.95, p99: 0.99, max: 1 }),
      })),
      hours: this.#hours.map(({ values, ...counts }) => ({
        ...counts,
        ...quantiles(values, { p5: 0.05, p50: 0.5, p95: 0.95 }),
      })),
      points: this.#points.finish(),
    };
  }

  #addSpan(span: Span): void {
    addSpan(this.#availability, span, this.#range);
    this.#parts.add(span);
    this.#outage.add(span);
    if (span.state !== 'unknown') return;
    const before = this.#gaps.at(-1);
    if (before?.to === span.from) this.#gaps.splice(-1, 1, { from: before.from, to: span.to });
    else this.#gaps.push({ from: span.from, to: span.to });
    this.#points.interrupt(span.from);
  }

  #count(row: Measurement): void {
    this.#tests += 1;
    if (row.failed) this.#failed += 1;
    this.#points.add(row);
    for (let index = 0; index < row.stages.length; index += 1) {
      const [stage, value] = [this.#stages[index], row.stages[index]];
      if (stage === undefined) continue;
      if (typeof value === 'number') stage.values.add(value);
      else stage[value === 'TIMEOUT' ? 'timeouts' : 'errors'] += 1;
    }
    const hour = this.#hours[this.#hourOf(row.time)];
    if (hour === undefined) return;
    hour.tests += 1;
    if (row.failed) hour.failed += 1;
    if (typeof row.stages[1] !== 'number') return;
    hour.values.add(row.stages[1]);
    while ((this.#ranges[this.#partOfTest]?.to ?? Infinity) <= row.time) this.#partOfTest += 1;
    this.#logins[this.#partOfTest] = (this.#logins[this.#partOfTest] ?? 0) + 1;
  }

  /** The log-ins of a part are next to each other among those of all. */
  #mediansOfParts(): readonly (number | null)[] {
    const values = this.#stages[1]?.values;
    let end = 0;
    return [...this.#logins].map((count) => {
      end += count;
      return values === undefined ? null : quantile(values.sorted(end - count, end), 0.5);
    });
  }

  /** Asks the calendar once a quarter of an hour, since it is slow. No time zone changes its hour within a quarter. */
  #hourOf(time: number): number {
    const quarter = Math.floor(time / QUARTER_MS);
    if (quarter !== this.#quarter) this.#hourOfDay = new Date(time).getHours();
    this.#quarter = quarter;
    return this.#hourOfDay;
  }
}

function quantiles<Name extends string>(values: Values, wanted: Readonly<Record<Name, number>>) {
  const sorted = values.sorted();
  const found = Object.entries<number>(wanted).map(([name, q]) => [name, quantile(sorted, q)]);
  // Object.fromEntries loses the type of the names.
  return Object.fromEntries(found) as Record<Name, number | null>;
}

/** Sorts sites by availability, the lowest first; then by outages, the most first. Sites without results come last. */
export function worstFirst(sites: readonly SiteReport[]): readonly SiteReport[] {
  const share = (site: SiteReport) => shareUp(site.availability) ?? 2;
  return sites.toSorted((a, b) => share(a) - share(b) || b.outages.length - a.outages.length);
}
