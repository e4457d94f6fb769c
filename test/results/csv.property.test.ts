import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { StageResult } from '../../src/model/test-result.ts';
import { csvFile } from '../../src/results/csv-file.ts';
import { csvRow, fieldsOf, HEADER, isWholeRow, parseFields } from '../../src/results/csv-row.ts';
import { csvFileName } from '../../src/results/file-name.ts';
import { loadFromMemory } from '../config/memory-files.ts';
import { shortConfig } from '../config/write-config.ts';
import { CASES } from '../support/property.ts';
import { recordingLog } from '../support/recording-log.ts';
import { resultOf } from '../support/results.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const dir = temporaryFolder(afterAll);

const anyName = fc.string({
  unit: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...'",;\t\\\'=+-@: \u00a0\u2003') },
    { weight: 1, arbitrary: fc.constantFrom('true', 'NaN', '""', '",', '\r\n') },
    { weight: 3, arbitrary: fc.string({ unit: 'grapheme', minLength: 1 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1 }) },
  ),
  maxLength: 8,
});

/** The site names that the config accepts, as it reads them. */
const siteName = anyName
  .map((name) => loadFromMemory(shortConfig().replace('site1:', `${JSON.stringify(name)}:`)))
  .filter((loaded) => loaded.ok)
  .map(({ config }) => config.sites[0]?.name ?? '');

const stage: fc.Arbitrary<StageResult> = fc.oneof(
  fc
    .double({ min: 0, max: 1e9, noNaN: true, noDefaultInfinity: true })
    .map((ms) => ({ outcome: 'ok', ms, detail: '' }) as const),
  fc.constant({ outcome: 'timeout', cause: 'unreachable', detail: '' } as const),
  fc.constant({ outcome: 'error', cause: 'refused', detail: '' } as const),
);

// Two days, for more than one file.
const time = fc.integer({ min: 0, max: 48 * 3600 }).map((seconds) => new Date(2018, 10, 14, 0, 0, seconds));
const resultAt = (site: fc.Arbitrary<string>) =>
  fc
    .tuple(site, time, fc.tuple(stage, stage, stage))
    .map(([site, time, stages]) => ({ ...resultOf(site, stages), time }));

/** Parses CSV strictly by RFC 4180, also with LF as the end of a record. Throws at anything else. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let at = 0;
  const quoted = () => {
    let field = '';
    for (at += 1; ; at += 1) {
      if (at >= text.length) throw new Error('a quote is not closed');
      if (text[at] !== '"') field += text[at];
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else break;
    }
    at += 1;
    return field;
  };
  const plain = () => {
    let field = '';
    for (; at < text.length && !/[",\r\n]/.test(text.charAt(at)); at += 1) field += text[at];
    if (text[at] === '"') throw new Error('a quote in a field without quotes');
    return field;
  };
  while (at < text.length) {
    const fields: string[] = [];
    for (;;) {
      fields.push(text[at] === '"' ? quoted() : plain());
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text[at] === '\r') at += 1;
    if (text[at] !== '\n') throw new Error('no end of line after a record');
    at += 1;
    records.push(fields);
  }
  return records;
}

test('any site name that the config accepts is the same when read from a CSV file', () => {
  fc.assert(
    fc.property(resultAt(siteName), (given) => {
      const { line } = csvRow(given);
      const fields = [...fieldsOf(given)];
      expect(fields[1]).toBe(given.site);
      expect(parseCsv(line)).toEqual([fields]);
      expect(Buffer.from(line).toString()).toBe(line);
      // The reader for torn files agrees.
      expect(parseFields(line.slice(0, -1))).toEqual(fields);
      expect(isWholeRow(line.slice(0, -1))).toBe(true);
    }),
    CASES,
  );
});

/** What may happen to a file between two rows. `tear`: bytes lost at its end; `fill`: zeros in their place. */
const between = fc.oneof(
  { weight: 4, arbitrary: fc.constant('nothing' as const) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
  { weight: 1, arbitrary: fc.constant('deleted' as const) },
  { weight: 3, arbitrary: fc.record({ tear: fc.nat({ max: 200 }), fill: fc.constantFrom(0, 0, 1, 4096) }) },
);

test('any rows, restarts and torn ends: one header, whole rows only, in order', () => {
  let folder = 0;
  // Syncing a thousand files would take long.
  const files = { ...fs, fsyncSync: () => undefined };
  fc.assert(
    fc.property(
      fc.array(fc.tuple(resultAt(fc.constantFrom('site1', 'a "b", c', 'ü')), between), { maxLength: 8 }),
      (steps) => {
        folder += 1;
        const at = path.join(dir, String(folder));
        const log = recordingLog();
        const open = () => csvFile({ dir: at, file: 'result', files, log, now: () => new Date(0) });
        let csv = open();
        const expected = new Map<string, string[]>();
        for (const [given, event] of steps) {
          const { line } = csvRow(given);
          const target = path.join(at, csvFileName('result', given.time));
          const rows = expected.get(target) ?? [];
          expected.set(target, rows);
          csv.append(csvRow(given));
          rows.push(line);
          expect(csv.fault).toBeNull();
          expect(fs.readFileSync(target, 'utf8')).toBe(`${HEADER}\n${rows.join('')}`);
          if (event === 'restart') csv = open();
          if (event === 'deleted') {
            fs.rmSync(target);
            rows.length = 0;
          }
          if (typeof event === 'string') continue;
          // At most the last row: earlier rows were synced, a power loss does not touch them.
          const lost = Math.min(event.tear, Buffer.byteLength(line));
          fs.truncateSync(target, fs.statSync(target).size - lost);
          fs.appendFileSync(target, Buffer.alloc(event.fill));
          // A row that lacks only its line end is completed.
          if (lost > 1 || (lost === 1 && event.fill > 0)) rows.pop();
        }
      },
    ),
    CASES,
  );
});
