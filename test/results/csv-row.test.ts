import { afterEach, describe, expect, test } from 'vitest';
import { type SiteResult, type StageResult, stageValues } from '../../src/model/test-result.ts';
import { asctime, csvRow, fieldsOf, HEADER, isWholeRow, parseFields } from '../../src/results/csv-row.ts';
import { csvFileName } from '../../src/results/file-name.ts';

const zone = process.env['TZ'];
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

const ok = (ms: number): StageResult => ({ outcome: 'ok', ms, detail: '' });
const timeout: StageResult = { outcome: 'timeout', cause: 'unreachable', detail: 'no reply' };
const error: StageResult = { outcome: 'error', cause: 'refused', detail: 'refused' };

function result(
  stages: SiteResult['stages'],
  site = 'site1',
  time = new Date(2018, 10, 14, 5, 18, 2),
): SiteResult {
  return { site, time, stages, host: new Map(), left: [], transcript: '' };
}

test('the header is that of the script, to the letter', () => {
  expect(HEADER).toBe('Time,CPE Name,Summary,Stage 1 in ms,Stage 2 in ms,Stage 3 in ms');
});

test('a success has three numbers with three decimals', () => {
  expect(csvRow(result([ok(5.213), ok(10529.6714), ok(436.7)])).line).toBe(
    'Wed Nov 14 05:18:02 2018,site1,SUCCESS,5.213,10529.671,436.700\n',
  );
});

test('a failure has ERROR and TIMEOUT in place of numbers', () => {
  const failure = result([ok(5.002), error, timeout]);
  expect(csvRow(failure).line).toBe('Wed Nov 14 05:18:02 2018,site1,FAILURE,5.002,ERROR,TIMEOUT\n');
  expect(stageValues(failure)).toEqual(['5.002', 'ERROR', 'TIMEOUT']);
});

test('a row has the time of its result, which chooses the file', () => {
  const time = new Date(2026, 0, 2);
  expect(csvRow(result([ok(1), ok(2), ok(3)], 'a', time)).time).toBe(time);
});

test.each(['a,b', 'the "main" site', 'a\nb', 'a\rb', "it's", '-5', 'Zürich', ' x '])(
  'a name is quoted as in RFC 4180 and is the same when read: %j',
  (name) => {
    const site = result([ok(0), error, error], name);
    const { line } = csvRow(site);
    expect(parseFields(line.slice(0, -1))).toEqual(fieldsOf(site));
    expect(line.endsWith('\n')).toBe(true);
  },
);

describe('time', () => {
  test('is C’s asctime: the day is padded with a space', () => {
    expect(asctime(new Date(2018, 10, 4, 0, 3, 40))).toBe('Sun Nov  4 00:03:40 2018');
    expect(asctime(new Date(2028, 1, 29, 23, 59, 59))).toBe('Tue Feb 29 23:59:59 2028');
  });

  test('the script’s fault: files rotate on UTC while Time is local', () => {
    const midnightInTokyo = new Date('2018-11-13T15:00:00Z');
    process.env['TZ'] = 'Asia/Tokyo';
    expect(asctime(midnightInTokyo)).toBe('Wed Nov 14 00:00:00 2018');
    expect(csvFileName('result', midnightInTokyo)).toBe('result_181114.csv');
    process.env['TZ'] = 'America/New_York';
    expect(asctime(midnightInTokyo)).toBe('Tue Nov 13 10:00:00 2018');
    expect(csvFileName('result', midnightInTokyo)).toBe('result_181113.csv');
  });

  test('the year of a file has two digits', () => {
    expect(csvFileName('r', new Date(2005, 0, 9))).toBe('r_050109.csv');
    expect(csvFileName('r', new Date(2100, 11, 31))).toBe('r_001231.csv');
  });
});

describe('a last line without a line end', () => {
  const row = 'Wed Nov 14 05:18:02 2018,site1,FAILURE,5.002,ERROR,TIMEOUT';

  test.each([
    row,
    HEADER,
    'Wed Nov 14 00:03:40 2018,site1,SUCCESS,5.213,10529.671,436.733',
    'Wed Nov 14 00:03:40 2018,"site ""1"", main",SUCCESS,0.000,0.001,0.000',
    'Wed Nov 14 00:03:40 2018,Zürich,FAILURE,TIMEOUT,ERROR,ERROR',
    // As the script may print the time of a log-in.
    'Wed Nov 14 00:03:40 2018,site1,SUCCESS,5.213,10529.67,436.733',
    // As other programs save them.
    'Wed Nov 14 00:03:40 2018,site1,SUCCESS,5.2,10529.671,4',
    'Wed Nov 14 00:03:40 2018;site1;SUCCESS;5,213;10529,671;436,7',
    'Wed Nov 14 00:03:40 2018\tsite1\tSUCCESS\t5.213\tERROR\t436.7',
  ])('is a whole row: %s', (line) => {
    expect(isWholeRow(line)).toBe(true);
  });

  test.each([
    '',
    HEADER.slice(0, -1),
    HEADER.slice(0, 8),
    row.slice(0, -1),
    row.slice(0, -7),
    row.slice(0, -8),
    `${row},`,
    `${row.slice(0, -7)}436.73`,
    `${row.slice(0, -7)}436.733\0\0\0`,
    `${row.slice(0, -7)}436.7331`,
    `${row.slice(0, -7)}TIMEOUTS`,
    `\0\0${row}`,
    row.replace('site1', 'si\0te1'),
    row.replace('FAILURE', 'FAIL'),
    row.replace('FAILURE', ''),
    row.replace('5.002', '5.002abc'),
    row.replace('5.002', ''),
    row.replace('ERROR', 'ERR'),
    row.replace('FAILURE,', ''),
    'a,"b,c,d,e,f',
    'a,b"c",d,1,2,3',
    '\0\0\0\0',
  ])('is torn: %j', (line) => {
    expect(isWholeRow(line)).toBe(false);
  });
});
