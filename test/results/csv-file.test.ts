import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { csvFile, MOST_WAITING } from '../../src/results/csv-file.ts';
import { HEADER, type Row } from '../../src/results/csv-row.ts';
import { noRecursion, UNMAKEABLE } from '../files/unmakeable.ts';
import { recordingLog } from '../support/recording-log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let dir: string;
let file: string;
let log: ReturnType<typeof recordingLog>;

beforeEach(() => {
  dir = temporaryFolder();
  file = path.join(dir, 'result_181114.csv');
  log = recordingLog();
});

/** Row number `n` of 14 November 2018 (or of `day`). */
function row(n: number, day = 14): Row {
  return {
    time: new Date(2018, 10, day, 0, 3, 40),
    line: `Wed Nov ${day} 00:03:40 2018,site${n},SUCCESS,5.213,10529.671,436.733\n`,
  };
}

const open = (files: typeof fs = fs) => csvFile({ dir, file: 'result', files, log });
const read = (name = file) => fs.readFileSync(name, 'utf8');
const rows = (...numbers: number[]) => numbers.map((n) => row(n).line).join('');

describe('a day’s file', () => {
  test('the script’s fault: the first row of a day is written twice', () => {
    const csv = open();
    csv.append(row(1));
    csv.append(row(2));
    expect(read()).toBe(`${HEADER}\n${rows(1, 2)}`);
    expect(log.lines).toEqual([]);
    expect(csv.fault).toBeNull();
    expect(csv.pending).toBe(0);
  });

  test('the script’s fault: a second header into an existing file', () => {
    open().append(row(1));
    open().append(row(2));
    expect(read()).toBe(`${HEADER}\n${rows(1, 2)}`);
  });

  test('that the script began, with lines that end in CR LF, is continued', () => {
    const before = `${HEADER}\r\n${row(1).line.replace('\n', '\r\n')}`;
    fs.writeFileSync(file, before);
    open().append(row(2));
    expect(read()).toBe(before + row(2).line);
    expect(log.lines).toEqual([]);
  });

  test('with another header gets rows and no second header; the log says so once', () => {
    fs.writeFileSync(file, 'when;where\n');
    const csv = open();
    csv.append(row(1));
    csv.append(row(2));
    expect(read()).toBe(`when;where\n${rows(1, 2)}`);
    expect(log.lines).toEqual([expect.stringContaining('the header is not that of vpn-monitor')]);
  });

  test.each([0o000, 0o022, 0o077, 0o777])('is readable by all whatever the umask (%o)', (mask) => {
    const before = process.umask(mask);
    try {
      fs.chmodSync(dir, 0o755);
      open().append(row(1));
    } finally {
      process.umask(before);
    }
    expect(fs.statSync(file).mode & 0o7777).toBe(0o644);
  });

  test('that exists keeps its mode', () => {
    fs.writeFileSync(file, '');
    fs.chmodSync(file, 0o600);
    open().append(row(1));
    expect(fs.statSync(file).mode & 0o7777).toBe(0o600);
    expect(read()).toBe(`${HEADER}\n${rows(1)}`);
  });

  test('is not written through a link in its place', () => {
    const other = path.join(dir, 'other');
    fs.writeFileSync(other, 'not ours\n');
    fs.symlinkSync(other, file);
    const csv = open();
    csv.append(row(1));
    expect(read(other)).toBe('not ours\n');
    expect(csv.fault).toBe(
      `rows can't be written to ${file}: result_181114.csv is a symbolic link, which is not followed: move it away`,
    );
    expect(csv.pending).toBe(1);
    fs.rmSync(file);
    csv.append(row(2));
    expect(read()).toBe(`${HEADER}\n${rows(1, 2)}`);
    expect(csv.fault).toBeNull();
  });

  test('is not created behind a dangling link', () => {
    fs.symlinkSync(path.join(dir, 'nowhere'), file);
    const csv = open();
    csv.append(row(1));
    expect(csv.fault).toContain('is a symbolic link, which is not followed: move it away');
    expect(fs.existsSync(file)).toBe(false);
  });

  test('is started again after it was deleted or moved away', () => {
    const csv = open();
    csv.append(row(1));
    fs.renameSync(file, `${file}.bak`);
    csv.append(row(2));
    expect(read()).toBe(`${HEADER}\n${rows(2)}`);
  });
});

describe('the results folder', () => {
  test('is created, with the folders above it', () => {
    dir = path.join(dir, 'a', 'b');
    open().append(row(1));
    expect(read(path.join(dir, 'result_181114.csv'))).toBe(`${HEADER}\n${rows(1)}`);
    dir = path.join(dir, '..', '..');
  });

  test('the script’s fault: a missing folder kills it', () => {
    const csv = open();
    csv.append(row(1));
    fs.rmSync(dir, { recursive: true });
    csv.append(row(2));
    expect(read()).toBe(`${HEADER}\n${rows(2)}`);
  });

  test('that cannot be created although the folder above exists is a fault', () => {
    const csv = csvFile({ dir: UNMAKEABLE, file: 'result', files: noRecursion, log });
    csv.append(row(1));
    expect(csv.fault).toMatch(/no such file or directory \(ENOENT\)$/);
    expect(csv.pending).toBe(1);
  });

  test('that cannot be created is a fault, and its rows wait', () => {
    fs.rmSync(dir, { recursive: true });
    fs.writeFileSync(dir, 'a file in its place');
    const csv = open();
    csv.append(row(1));
    expect(csv.fault).toMatch(/result_181114\.csv: .+ \((EEXIST|ENOTDIR)\)$/);
    fs.rmSync(dir);
    csv.retry();
    expect(read()).toBe(`${HEADER}\n${rows(1)}`);
    expect(csv.fault).toBeNull();
  });
});

describe('a last line without a line end', () => {
  const whole = row(1).line.trimEnd();

  test('is completed if it is a whole row, and the log says so', () => {
    fs.writeFileSync(file, `${HEADER}\n${whole}`);
    open().append(row(2));
    expect(read()).toBe(`${HEADER}\n${rows(1, 2)}`);
    expect(log.lines).toEqual([expect.stringMatching(/no line end and was completed: Wed Nov 14/)]);
  });

  test('of the script, with its CR, is completed', () => {
    fs.writeFileSync(file, `${HEADER}\r\n${whole}\r`);
    open().append(row(2));
    expect(read()).toBe(`${HEADER}\r\n${whole}\r\n${rows(2)}`);
  });

  test('is cut off if it is torn, and the log says what was cut', () => {
    fs.writeFileSync(file, `${HEADER}\n${rows(1)}Wed Nov 14 00:03:59 2018,site3,SUCC`);
    open().append(row(2));
    expect(read()).toBe(`${HEADER}\n${rows(1, 2)}`);
    expect(log.lines).toEqual([
      expect.stringMatching(/cut off \(35 bytes\): Wed Nov 14 00:03:59 2018,site3,SUCC$/),
    ]);
  });

  test('that ends in zeros after a power loss is cut off', () => {
    fs.writeFileSync(file, `${HEADER}\n${whole}\0\0\0`);
    open().append(row(2));
    expect(read()).toBe(`${HEADER}\n${rows(2)}`);
    expect(log.lines).toEqual([expect.stringMatching(/cut off \(\d+ bytes\): Wed .*436\.733\\x00/)]);
  });

  test('in the file of another day is repaired once, with the first row; other files stay as they are', () => {
    const yesterday = path.join(path.dirname(file), 'result_181113.csv');
    const notes = path.join(path.dirname(file), 'result_notes.csv');
    fs.writeFileSync(yesterday, `${HEADER}\n${rows(1)}Tue Nov 13 23:59:59 2018,site3,SUCC`);
    fs.writeFileSync(notes, 'no line end');
    const csv = open();
    csv.append(row(2));
    expect(fs.readFileSync(yesterday, 'utf8')).toBe(`${HEADER}\n${rows(1)}`);
    expect(fs.readFileSync(notes, 'utf8')).toBe('no line end');
    expect(log.lines).toEqual([
      expect.stringMatching(/result_181113\.csv: the last row was torn and was cut off/),
    ]);
    fs.appendFileSync(yesterday, 'by hand');
    csv.append(row(3));
    expect(fs.readFileSync(yesterday, 'utf8')).toBe(`${HEADER}\n${rows(1)}by hand`);
    expect(read()).toBe(`${HEADER}\n${rows(2, 3)}`);
  });

  test('that is a torn header is replaced by a whole one', () => {
    fs.writeFileSync(file, HEADER.slice(0, -3));
    open().append(row(1));
    expect(read()).toBe(`${HEADER}\n${rows(1)}`);
  });

  test('that is the header is completed', () => {
    fs.writeFileSync(file, HEADER);
    open().append(row(1));
    expect(read()).toBe(`${HEADER}\n${rows(1)}`);
  });

  test('of zeros, after a power loss, is cut off at any length', () => {
    const before = `${HEADER}\n${rows(1)}`;
    fs.writeFileSync(file, before);
    fs.truncateSync(file, before.length + 5_000_000);
    open().append(row(2));
    expect(read()).toBe(`${HEADER}\n${rows(1, 2)}`);
    expect(log.lines.join()).toContain('cut off (5000000 bytes): \\x00');
  });

  test('of a sparse file of 1 TB is not searched for: the rows wait', () => {
    fs.writeFileSync(file, `${HEADER}\n`);
    fs.truncateSync(file, 1e12);
    const csv = open();
    csv.append(row(1));
    expect(csv.fault).toMatch(
      /^rows can't be written to .*: its last line is longer than 64 MB: move it away$/,
    );
    fs.rmSync(file);
    csv.retry();
    expect(read()).toBe(`${HEADER}\n${rows(1)}`);
  });
});

describe('rows that can’t be written', () => {
  /** A file system that fails at one of its functions while `broken.at` names it. */
  function breakable() {
    const broken: { at: 'writeSync' | 'fsyncSync' | 'ftruncateSync' | 'shortWrite' | null } = {
      at: null,
    };
    const eio = Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO', errno: -5 });
    const files = {
      ...fs,
      writeSync: (fd: number, bytes: Buffer, from: number, length: number) => {
        if (broken.at === 'writeSync' || broken.at === 'ftruncateSync') {
          fs.writeSync(fd, bytes, from, Math.min(20, length));
          throw eio;
        }
        return fs.writeSync(fd, bytes, from, broken.at === 'shortWrite' ? Math.min(7, length) : length);
      },
      fsyncSync: (fd: number) => {
        if (broken.at === 'fsyncSync') throw eio;
        fs.fsyncSync(fd);
      },
      ftruncateSync: (fd: number, length: number) => {
        if (broken.at === 'ftruncateSync') throw eio;
        fs.ftruncateSync(fd, length);
      },
    } as unknown as typeof fs;
    return { files, broken };
  }

  test('continue after a write that accepts only a part', () => {
    const { files, broken } = breakable();
    broken.at = 'shortWrite';
    open(files).append(row(1));
    expect(read()).toBe(`${HEADER}\n${rows(1)}`);
  });

  test.each(['writeSync', 'fsyncSync'] as const)(
    'leave no half row when %s fails, and the log says so once',
    (at) => {
      const { files, broken } = breakable();
      const csv = open(files);
      csv.append(row(1));
      broken.at = at;
      csv.append(row(2));
      csv.append(row(3));
      csv.retry();
      expect(read()).toBe(`${HEADER}\n${rows(1)}`);
      expect(csv.pending).toBe(2);
      expect(csv.fault).toBe(`rows can't be written to ${file}: i/o error (EIO)`);
      expect(log.lines).toEqual([`ERROR ${csv.fault}; they wait in memory`]);
      broken.at = null;
      csv.retry();
      expect(read()).toBe(`${HEADER}\n${rows(1, 2, 3)}`);
      expect(csv.pending).toBe(0);
      expect(csv.fault).toBeNull();
      expect(log.lines.slice(1)).toEqual([expect.stringContaining('can be written again')]);
    },
  );

  test('leave no header without a row', () => {
    const { files, broken } = breakable();
    const csv = open(files);
    broken.at = 'fsyncSync';
    csv.append(row(1));
    expect(read()).toBe('');
    broken.at = null;
    csv.append(row(2));
    expect(read()).toBe(`${HEADER}\n${rows(1, 2)}`);
  });

  test('leave a half row only until the next row, if removing it fails too', () => {
    const { files, broken } = breakable();
    const csv = open(files);
    csv.append(row(1));
    broken.at = 'ftruncateSync';
    csv.append(row(2));
    expect(read()).toBe(`${HEADER}\n${rows(1)}${row(2).line.slice(0, 20)}`);
    broken.at = null;
    csv.append(row(3));
    expect(read()).toBe(`${HEADER}\n${rows(1, 2, 3)}`);
    expect(log.lines.join()).not.toContain('cut off');
  });

  test('go to the file of their own date, in order', () => {
    const { files, broken } = breakable();
    const csv = open(files);
    broken.at = 'fsyncSync';
    for (const [n, day] of [
      [1, 14],
      [2, 14],
      [3, 15],
      [4, 14],
    ] as const) {
      csv.append(row(n, day));
    }
    broken.at = null;
    csv.append(row(5, 16));
    expect(read()).toBe(`${HEADER}\n${rows(1, 2, 4)}`);
    expect(read(path.join(dir, 'result_181115.csv'))).toBe(`${HEADER}\n${row(3, 15).line}`);
    expect(read(path.join(dir, 'result_181116.csv'))).toBe(`${HEADER}\n${row(5, 16).line}`);
  });

  test('hold back the rows of the next day', () => {
    fs.mkdirSync(file);
    const csv = open();
    csv.append(row(1, 14));
    csv.append(row(2, 15));
    expect(csv.pending).toBe(2);
    expect(fs.existsSync(path.join(dir, 'result_181115.csv'))).toBe(false);
    fs.rmdirSync(file);
    csv.retry();
    expect(read()).toBe(`${HEADER}\n${rows(1)}`);
    expect(read(path.join(dir, 'result_181115.csv'))).toBe(`${HEADER}\n${row(2, 15).line}`);
  });

  test('wait in memory, at most 10,000; the oldest is lost, and the log says which', () => {
    const { files, broken } = breakable();
    const csv = open(files);
    broken.at = 'fsyncSync';
    for (let n = 1; n <= MOST_WAITING + 2; n++) csv.append(row(n));
    expect(csv.pending).toBe(10_000);
    expect(log.lines.slice(1)).toEqual(
      [1, 2].map((n) => expect.stringContaining(`lost: ${row(n).line.trimEnd()}`)),
    );
    broken.at = null;
    csv.retry();
    const numbers = Array.from({ length: MOST_WAITING }, (_, index) => index + 3);
    expect(read()).toBe(`${HEADER}\n${rows(...numbers)}`);
  });

  test('that still wait at the end are in the log', () => {
    const { files, broken } = breakable();
    const csv = open(files);
    broken.at = 'fsyncSync';
    csv.append(row(1));
    csv.close();
    expect(log.lines.at(-1)).toBe(`ERROR Row lost: ${row(1).line.trimEnd()}`);
    expect(csv.pending).toBe(0);
  });
});
