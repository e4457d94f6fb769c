import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findDayFiles, readDays } from '../../src/history/read-days.ts';
import { createNotes, notesInWords } from '../../src/history/read-notes.ts';
import { HEADER } from '../../src/results/csv-row.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let dir: string;
beforeEach(() => {
  dir = temporaryFolder();
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const write = (name: string, ...lines: string[]) =>
  fs.writeFileSync(path.join(dir, name), lines.map((line) => `${line}\n`).join(''));

/** Reads all files. Returns each row as `UTC time site values`, by local day, and the notes. */
function read(now = Date.now()) {
  const notes = createNotes(now);
  const days = [...readDays(findDayFiles({ dir, file: 'result', files: fs }), fs, notes)].map(
    ({ day, rows }) =>
      [
        `${day.month}-${day.day}`,
        ...rows.map(
          ({ time, site, stages }) =>
            `${new Date(time).toISOString().slice(5, 19)} ${site} ${stages.join(' ')}`,
        ),
      ] as const,
  );
  return { days, notes, words: notesInWords(notes) };
}

const row = (time: string, site = 'site1', values = '5.213,10529.671,436.733') =>
  `Wed Nov 14 ${time} 2018,${site},${/[TE]/.test(values) ? 'FAILURE' : 'SUCCESS'},${values}`;

/** With tabs, each text field in quotes. */
const quoted = (text: string) =>
  text.replace(/[^,\n]+/g, (field) => (/^[\d.]+$/.test(field) ? field : `"${field}"`)).replaceAll(',', '\t');

test.each(['result_181114.csv.gz', 'result_181114.csv.xz', 'result_181114.csv.set-aside.gz'])(
  'a compressed file is named: %s',
  (name) => {
    write(name, 'x');
    write('result_181114.csv.txt', 'x');
    expect(read().words).toEqual([`can't read ${name}: it is compressed: unpack it`]);
  },
);

describe('the rows of a results folder', () => {
  beforeEach(() => vi.stubEnv('TZ', 'UTC'));

  test.each<[string, (text: string) => string | Buffer]>([
    ['a mark of UTF-8', (text) => `\ufeff${text}`],
    ['CR LF and semicolons', (text) => text.replaceAll(',', ';').replaceAll('\n', '\r\n')],
    ['semicolons and decimal commas', (text) => text.replaceAll(',', ';').replaceAll('.', ',')],
    ['UTF-16, tabs and quotes', (text) => Buffer.from(`\ufeff${quoted(text)}`, 'utf16le')],
  ])('are read from what a spreadsheet saved: %s', (_, saved) => {
    const text = [
      HEADER,
      row('00:03:40', 'Zürich 1'),
      row('00:10:00', 'site2', 'TIMEOUT,ERROR,5.25'),
      '',
    ].join('\n');
    fs.writeFileSync(path.join(dir, 'result_181114.csv'), saved(text));
    expect(read()).toMatchObject({
      days: [
        [
          '11-14',
          '11-14T00:03:40 Zürich 1 5.213 10529.671 436.733',
          '11-14T00:10:00 site2 TIMEOUT ERROR 5.25',
        ],
      ],
      words: [],
    });
  });

  test('come day after day, ordered by time; other files are ignored', () => {
    write('result_181115.csv', HEADER, 'Thu Nov 15 00:00:09 2018,site1,SUCCESS,1,2,3');
    write('result_181114.csv', HEADER, row('00:10:00'), row('00:03:40', 'site2', 'TIMEOUT,ERROR,ERROR'));
    for (const other of [
      'result_181131.csv',
      'result_181114.csv.old',
      'other_181114.csv',
      'result_1811145.csv',
    ]) {
      write(other, HEADER, row('00:20:00'));
    }
    expect(read()).toMatchObject({
      days: [
        ['11-14', '11-14T00:03:40 site2 TIMEOUT ERROR ERROR', '11-14T00:10:00 site1 5.213 10529.671 436.733'],
        ['11-15', '11-15T00:00:09 site1 1 2 3'],
      ],
      words: [],
      notes: { rows: 3 },
    });
  });

  test('without a folder there are none', () => {
    fs.rmdirSync(dir);
    expect(read()).toMatchObject({ days: [], words: [] });
    fs.mkdirSync(dir);
  });

  test('of the script: CR LF, a second header, its first row twice, all its decimals', () => {
    const lines = [
      HEADER,
      row('00:03:40'),
      row('00:03:40'),
      HEADER,
      row('00:13:40', 'site1', '5.2,10529.67112,4'),
    ];
    fs.writeFileSync(path.join(dir, 'result_181114.csv'), lines.map((line) => `${line}\r\n`).join(''));
    expect(read()).toMatchObject({
      days: [
        ['11-14', '11-14T00:03:40 site1 5.213 10529.671 436.733', '11-14T00:13:40 site1 5.2 10529.67112 4'],
      ],
      words: [],
      notes: { rows: 2, repeated: 1, invalid: 0 },
    });
  });

  test('a base name with a character of regular expressions matches only itself', () => {
    write('result_181114.csv', HEADER, row('00:03:40'));
    expect(findDayFiles({ dir, file: 'r.sult', files: fs })).toEqual([]);
  });

  test('with quoted names', () => {
    write('result_181114.csv', HEADER, row('00:03:40', '"a ""b"", c"'));
    expect(read().days).toEqual([['11-14', '11-14T00:03:40 a "b", c 5.213 10529.671 436.733']]);
  });

  test.each([
    ['no row', 'hello'],
    ['too few fields', 'Wed Nov 14 00:03:40 2018,site1,SUCCESS,1,2'],
    ['too many fields', row('00:03:40', 'a,b')],
    ['open quotes', row('00:03:40', '"a')],
    ['no name', row('00:03:40', '')],
    ['no number', row('00:03:40', 'site1', '1.2.3abc,2,3')],
    ['an empty value', row('00:03:40', 'site1', ',2,3')],
    ['another summary', row('00:03:40').replace('SUCCESS', 'GOOD')],
    ['another weekday', row('00:03:40').replace('Wed', 'Thu')],
    ['no such day', row('00:03:40').replace('Wed Nov 14', 'Sat Nov 31')],
    ['no such hour', row('24:03:40')],
    ['no such minute', row('00:60:40')],
    ['another form of time', row('00:03:40').replace('Wed Nov 14 00:03:40 2018', '2018-11-14 00:03:40')],
    ['zeros after a power loss', '\0'.repeat(500)],
    ['escape sequences', '\x1b[2J'],
    ['a very long line', 'x'.repeat(200_000)],
  ])('a line that is not a row is counted, the rest is read: %s', (_name, line) => {
    write('result_181114.csv', HEADER, row('00:01:00'), line, row('00:05:00'));
    const { days, notes, words } = read();
    expect(days[0]).toHaveLength(3);
    expect(notes).toMatchObject({ rows: 2, invalid: 1 });
    expect(words).toEqual([
      expect.stringMatching(/^skipped 1 line that is not a row; the first: result_181114\.csv:3: /),
    ]);
    expect(words[0]).not.toMatch(/[^\x20-\x7e]/);
    expect(words[0]?.length).toBeLessThan(1000);
  });

  test('a torn last line is skipped, a whole one without line end is read', () => {
    const file = path.join(dir, 'result_181114.csv');
    fs.writeFileSync(file, `${HEADER}\n${row('00:01:00')}\n${row('00:05:00').slice(0, -2)}`);
    expect(read()).toMatchObject({ notes: { rows: 1, invalid: 1 } });
    fs.writeFileSync(file, `${HEADER}\n${row('00:01:00')}\n${row('00:05:00')}\r`);
    expect(read()).toMatchObject({ notes: { rows: 2, invalid: 0 } });
  });

  test('letters that the end of a read cuts in two', () => {
    const lines = Array.from({ length: 4000 }, () => row('00:01:00', '東京'));
    lines.push(row('00:02:00', 'é'));
    write('result_181114.csv', HEADER, ...lines);
    expect(read()).toMatchObject({
      days: [['11-14', expect.stringContaining('東京'), expect.stringContaining('é')]],
      notes: { repeated: 3999, invalid: 0 },
    });
  });

  test('a file that cannot be read is noted, the others are read', () => {
    write('result_181114.csv', HEADER, row('00:01:00'));
    fs.mkdirSync(path.join(dir, 'result_181113.csv'));
    execFileSync('mkfifo', [path.join(dir, 'result_181112.csv')]);
    fs.symlinkSync('nowhere', path.join(dir, 'result_181111.csv'));
    fs.writeFileSync(path.join(dir, 'result_181110.csv'), '');
    fs.truncateSync(path.join(dir, 'result_181110.csv'), 2 ** 40);
    expect(read()).toMatchObject({
      notes: { rows: 1 },
      words: [
        "can't read result_181110.csv: larger than 32 MB",
        "can't read result_181111.csv: no such file or directory (ENOENT)",
        "can't read result_181112.csv: not a regular file",
        "can't read result_181113.csv: not a regular file",
      ],
    });
  });

  test('a file in which no line is a row is noted as one that cannot be read; of the others each with lines that are none', () => {
    for (const [day, ...lines] of [
      ['10', 'when|where', '1|2'],
      ['11', HEADER],
      ['12', HEADER, '12.11.2018 00:03;site1;SUCCESS;1;2;3'],
      ['13', HEADER, 'x', 'y', row('00:01:00').replace('Wed Nov 14', 'Tue Nov 13')],
      ['14', HEADER, row('00:01:00'), 'x'],
    ] as const) {
      write(`result_1811${day}.csv`, ...lines);
    }
    expect(read().words).toEqual([
      "can't read result_181110.csv: no line of it is a row; the first: result_181110.csv:1: when|where",
      "can't read result_181112.csv: no line of it is a row; the first: result_181112.csv:2: 12.11.2018 00:03;site1;SUCCESS;1;2;3",
      'skipped 3 lines that are not rows; the first: result_181113.csv:2: x; also in result_181114.csv',
    ]);
  });

  test('of a file that was set aside come with those of the file that took its place', () => {
    fs.writeFileSync(
      path.join(dir, 'result_181114.csv.set-aside'),
      `${HEADER}\n${row('00:01:00')}\n`.replaceAll(',', ';'),
    );
    fs.writeFileSync(
      path.join(dir, 'result_181114.csv.set-aside-2'),
      Buffer.from(`\ufeff${HEADER}\n${row('00:02:00')}`, 'utf16le'),
    );
    write('result_181114.csv', HEADER, row('00:03:00'));
    write('result_181114.csv.torn', row('00:04:00'));
    expect(read()).toMatchObject({ notes: { rows: 3 }, words: [] });
    expect(
      read()
        .days[0]?.slice(1)
        .map((each) => each.slice(6, 14)),
    ).toEqual(['00:01:00', '00:02:00', '00:03:00']);
  });

  test('two tests of a site in one second are two rows', () => {
    write('result_181114.csv', HEADER, row('00:01:00'), row('00:01:00', 'site1', '5.213,10529.671,436.734'));
    expect(read().notes).toMatchObject({ rows: 2, repeated: 0 });
  });

  test('rows of another day than the file are skipped', () => {
    write('result_181114.csv', HEADER, row('00:01:00').replace('Wed Nov 14', 'Fri Nov 16'), row('00:02:00'));
    expect(read()).toMatchObject({
      notes: { rows: 1, otherDay: 1 },
      words: ['skipped 1 row of another day than the file'],
    });
  });

  test('rows later than the clock, as of a monitor with another time zone, are noted', () => {
    write(
      'result_181114.csv',
      HEADER,
      ...['10:00:00', '10:00:30', '12:00:00', '12:10:00'].map((at) => row(at)),
    );
    expect(read(new Date(2018, 10, 14, 10).getTime()).words).toEqual([
      'left out 2 rows later than the clock of this host: written in another time zone, or before the clock was set back?',
    ]);
  });
});

test('the script changed files at midnight UTC: its rows come under their own local day, also in a file with ours', () => {
  vi.stubEnv('TZ', 'America/Los_Angeles');
  // 16:00 in Los Angeles is midnight UTC.
  write('result_181114.csv', row('15:00:00'), row('17:30:00', 'ours'));
  write('result_181115.csv', row('16:10:00'), row('17:00:00'), 'Thu Nov 15 00:10:00 2018,ours,SUCCESS,1,2,3');
  const days = read().days.map(([day, ...rows]) => [
    day,
    rows.map((each) => each.slice(6, 25).split(' ').slice(0, 2).join(' ')),
  ]);
  expect(days).toEqual([
    ['11-14', ['23:00:00 site1', '00:10:00 site1', '01:00:00 site1', '01:30:00 ours']],
    ['11-15', ['08:10:00 ours']],
  ]);
});

describe('a day on which the clock changes', () => {
  const values = 'site1,SUCCESS,1,2,3';
  const times = () => read().days.flatMap(([, ...rows]) => rows.map((each) => each.slice(6, 14)));

  test('back: the order in the file decides between the two hours', () => {
    vi.stubEnv('TZ', 'Europe/Berlin');
    const clock = ['01:50', '02:10', '02:50', '02:00', '02:10', '02:50', '03:10'];
    write('result_261025.csv', ...clock.map((at) => `Sun Oct 25 ${at}:00 2026,${values}`));
    expect(times()).toEqual([
      '23:50:00',
      '00:10:00',
      '00:50:00',
      '01:00:00',
      '01:10:00',
      '01:50:00',
      '02:10:00',
    ]);
    expect(read().words).toEqual([
      '5 rows in an hour that the clock showed twice: their order in the file decides which',
    ]);
  });

  test('back by half an hour', () => {
    vi.stubEnv('TZ', 'Australia/Lord_Howe');
    const clock = ['01:20', '01:40', '01:31', '01:50', '02:00'];
    write('result_260405.csv', ...clock.map((at) => `Sun Apr  5 ${at}:00 2026,${values}`));
    expect(times()).toEqual(['14:20:00', '14:40:00', '15:01:00', '15:20:00', '15:30:00']);
    expect(read().notes).toMatchObject({ ambiguous: 3, nonexistent: 0 });
  });

  test('forward: a time that the clock skipped is of another time zone', () => {
    vi.stubEnv('TZ', 'Europe/Berlin');
    const clock = ['01:50', '02:30', '03:10'];
    write('result_260329.csv', ...clock.map((at) => `Sun Mar 29 ${at}:00 2026,${values}`));
    expect(times()).toEqual(['00:50:00', '01:10:00', '01:30:00']);
    expect(read().words).toEqual(['1 row at a time that the clock skipped: written in another time zone?']);
  });

  test('back at midnight', () => {
    vi.stubEnv('TZ', 'America/Havana');
    write(
      'result_261101.csv',
      ...['00:30', '00:50', '00:10', '02:00'].map((at) => `Sun Nov  1 ${at}:00 2026,${values}`),
    );
    expect(times()).toEqual(['04:30:00', '04:50:00', '05:10:00', '07:00:00']);
  });
});
