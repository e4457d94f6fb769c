import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { addSpan, createAvailability } from '../../src/history/availability.ts';
import type { Measurement } from '../../src/history/measurement.ts';
import { type Outage, outagesOf } from '../../src/history/outages.ts';
import { rowTimeReader } from '../../src/history/row-time.ts';
import { type Span, spansOf } from '../../src/history/spans.ts';
import { asctime } from '../../src/results/csv-row.ts';
import { CASES } from '../support/property.ts';

afterEach(() => vi.unstubAllEnvs());

const rows = fc
  .array(fc.record({ time: fc.integer({ min: -500, max: 1500 }), failed: fc.boolean() }), { maxLength: 30 })
  .map((all) =>
    all
      .toSorted((a, b) => a.time - b.time)
      .map(
        ({ time, failed }): Measurement => ({
          time,
          site: 's',
          failed,
          stages: [1, failed ? 'ERROR' : 1, 1],
        }),
      ),
  );

test('the spans fill the range for any tests, and up, down and unknown make up its length', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 200 }), (all, interval) => {
      const range = { from: 0, to: 1000 };
      const spans: Span[] = [];
      const outages: Outage[] = [];
      const outage = outagesOf(range, (each) => outages.push(each));
      const filled = spansOf(range, (span) => {
        spans.push(span);
        outage.add(span);
      });
      for (const row of all) filled.add(row, interval);
      filled.end();
      outage.end();
      expect([0, ...spans.map((span) => span.to)]).toEqual([...spans.map((span) => span.from), 1000]);
      const sum = createAvailability();
      for (const span of spans) addSpan(sum, span, range);
      expect(sum.up + sum.down + sum.unknown).toBe(1000);
      expect(outages.reduce((total, { from, to }) => total + to - from, 0)).toBe(sum.down);
      for (const [index, { from, tests }] of outages.entries()) {
        expect(tests).toBeGreaterThan(0);
        expect(from).toBeGreaterThanOrEqual(outages[index - 1]?.to ?? 0);
      }
    }),
    CASES,
  );
});

test.each(['UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu'])(
  'a written time is the same when read, unless the clock showed it twice: %s',
  (zone) => {
    vi.stubEnv('TZ', zone);
    const read = rowTimeReader();
    const second = fc.integer({ min: Date.parse('2018-01-01') / 1000, max: Date.parse('2030-01-01') / 1000 });
    fc.assert(
      fc.property(second, (at) => {
        const time = at * 1000;
        const found = read(asctime(new Date(time)), null);
        expect(found?.doubt).not.toBe('never');
        if (found?.doubt === null) expect(found.time).toBe(time);
        // The row above decides between the two.
        expect(read(asctime(new Date(time)), time - 1000)?.time).toBe(time);
      }),
      CASES,
    );
  },
);
