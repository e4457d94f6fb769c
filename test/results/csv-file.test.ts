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
  now = new Date(2018, 10, 14, 12);
});

/** Row number `n` of 14 November 2018 (or of `day`). */
function row(n: number, day = 14): Row {
  return {
    time: new Date(2018, 10, day, 0, 3, 40),
    line: `Wed Nov ${day} 00:03:40 2018,site${n},SUCCESS,5.213,10529.671,436.733\n`,
  };
}

/** The clock of the monitor. */
let now: Date;

const open = (files: typeof fs = fs) => csvFile({ dir, file: 'result', files, log, now: () => now });
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

  test.each([
    ['a mark of UTF-8', `\ufeff${HEADER}\n${row(1).line}`],
    ['quotes around its fields', `${HEADER.replace(/[^,]+/g, '"$&"')}\r\n${row(1).line}`],
    ['no header, as one that lost it', row(1).line],
  ])('that an editor has saved with %s is continued', (_, before) => {
    fs.writeFileSync(file, before);
    open().append(row(2));
    expect(read()).toBe(before + row(2).line);
    expect(log.lines).toEqual([]);
  });

  const utf16 = (text: string, mark = '\ufeff') => Buffer.from(mark + text, 'utf16le');
  test.each<[string, string | Buffer]>([
    ['another header', 'when;where\n1;2'],
    ['text and no line end', 'notes of mine'],
    ['semicolons', `${HEADER}\n${row(1).line}`.replaceAll(',', ';')],
    ['semicolons and no header', row(1).line.replaceAll(',', ';')],
    ['a column more', `Nr,${HEADER}\n1,${row(1).line}`],
    ['UTF-16', utf16(`${HEADER}\n${row(1).line}`)],
    ['UTF-16, the other way round', utf16(`${HEADER}\n${row(1).line}`).swap16()],
    ['UTF-16 without a mark', utf16(`${HEADER}\n${row(1).line}`, '')],
    ['zeros before its rows', `${'\0'.repeat(40)}\n${row(1).line}`],
  ])('with %s is set aside whole, under a name of its own, and a new one begins', (_, before) => {
    fs.writeFileSync(file, before);
    fs.writeFileSync(`${file}.set-aside`, 'of before');
    fs.symlinkSync('nowhere', `${file}.set-aside-2`);
    const csv = open();
    csv.append(row(2));
    csv.append(row(3));
    expect(csv.fault).toBeNull();
    expect(read()).toBe(`${HEADER}\n${rows(2, 3)}`);
    expect(fs.readFileSync(`${file}.set-aside-3`)).toEqual(Buffer.from(before));
    expect(read(`${file}.set-aside`)).toBe('of before');
    expect(log.lines).toEqual([
      expect.stringMatching(
        /^WARNING \/.*result_181114\.csv: its first line .* set aside as result_181114\.csv\.set-aside-3, and a new file begins: /,
      ),
    ]);
  });

  test('is looked at before each row: a spreadsheet may save it at any time', () => {
    const csv = open();
    csv.append(row(1));
    fs.writeFileSync(file, read().replaceAll(',', ';'));
    csv.append(row(2));
    expect(read()).toBe(`${HEADER}\n${rows(2)}`);
    expect(read(`${file}.set-aside`)).toContain('site1;SUCCESS');
  });

  test('that can not be set aside keeps its rows waiting', () => {
    fs.writeFileSync(file, 'when;where\n');
    const eacces = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', errno: -13 });
    let isDenied = true;
    const csv = open({
      ...fs,
      renameSync: (from, to) => {
        if (isDenied) throw eacces;
        fs.renameSync(from, to);
      },
    });
    csv.append(row(1));
    expect(csv.fault).toContain('permission denied (EACCES)');
    expect(read()).toBe('when;where\n');
    isDenied = false;
    csv.retry();
    expect(read()).toBe(`${HEADER}\n${rows(1)}`);
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
    const csv = csvFile({ dir: UNMAKEABLE, file: 'result', files: noRecursion, log, now: () => now });
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
  /** What stands beside a file. */
  const torn = () => read(`${file}.torn`);

  test.each([
    ['of the monitor', whole],
    ['of the script, with its CR', `${whole}\r`],
    ['that a spreadsheet shortened', 'Wed Nov 14 00:03:40 2018,site1,SUCCESS,5.2,10529.671,436.7'],
    ['of whole numbers', 'Wed Nov 14 00:03:40 2018,site1,SUCCESS,5,10529,436'],
    ['the header', HEADER],
  ])('gets one if it is whole, and nothing else changes: %s', (_, line) => {
    const before = line === HEADER ? line : `${HEADER}\n${line}`;
    fs.writeFileSync(file, before);
    open().append(row(2));
    expect(read()).toBe(`${before}\n${rows(2)}`);
    expect(log.lines).toEqual([expect.stringMatching(/had no line end; a line end was added: \w/)]);
    expect(fs.readdirSync(dir)).toEqual(['result_181114.csv']);
  });

  test.each([
    ['a part of a row', 'Wed Nov 14 00:03:59 2018,site3,SUCC'],
    ['a part of a number', whole.slice(0, -2)],
    ['zeros after a power loss', `${whole}\0\0\0`],
    ['bytes that are no text', Buffer.from([0x57, 0x65, 0xff, 0xfe, 0x80])],
  ])('is kept beside the file if it is torn: %s', (_, end) => {
    const start = Buffer.from(`${HEADER}\n${rows(1)}`);
    fs.writeFileSync(file, Buffer.concat([start, Buffer.from(end)]));
    fs.writeFileSync(`${file}.torn`, 'of before\n');
    open().append(row(2));
    expect(read()).toBe(`${HEADER}\n${rows(1, 2)}`);
    expect(fs.readFileSync(`${file}.torn`)).toEqual(
      Buffer.concat([Buffer.from('of before\n'), Buffer.from(end), Buffer.from('\n')]),
    );
    expect(log.lines).toEqual([
      expect.stringContaining(
        `${file}: the last row was torn and was moved to result_181114.csv.torn (${Buffer.byteLength(end)} bytes): W`,
      ),
    ]);
  });

  test.each([0o644, 0o640, 0o600])('is as private beside the file as in it: %o', (mode) => {
    fs.writeFileSync(file, `${HEADER}\nWed`);
    fs.chmodSync(file, mode);
    open().append(row(1));
    expect(fs.statSync(`${file}.torn`).mode & 0o7777).toBe(mode);
  });

  test('is not written through a link beside the file: the rows wait, and nothing is cut', () => {
    const other = path.join(dir, 'other');
    fs.writeFileSync(other, 'not ours\n');
    fs.symlinkSync(other, `${file}.torn`);
    fs.writeFileSync(file, `${HEADER}\nWed`);
    const csv = open();
    csv.append(row(1));
    expect(csv.fault).toContain('result_181114.csv.torn is a symbolic link, which is not followed');
    expect([read(other), read()]).toEqual(['not ours\n', `${HEADER}\nWed`]);
    fs.rmSync(`${file}.torn`);
    csv.retry();
    expect([torn(), read()]).toEqual(['Wed\n', `${HEADER}\n${rows(1)}`]);
  });

  test('is cut only when it stands on disk beside the file', () => {
    fs.writeFileSync(file, `${HEADER}\nWed`);
    const calls: string[] = [];
    const files = {
      ...fs,
      fsyncSync: (fd: number) => {
        calls.push(`sync ${path.basename(fs.readlinkSync(`/proc/self/fd/${fd}`))}`);
        fs.fsyncSync(fd);
      },
      ftruncateSync: (fd: number, length: number) => {
        calls.push('cut');
        fs.ftruncateSync(fd, length);
      },
    } as typeof fs;
    open(files).append(row(1));
    expect(calls).toEqual([
      'sync result_181114.csv.torn',
      `sync ${path.basename(dir)}`,
      'cut',
      'sync result_181114.csv',
    ]);
  });

  test('that is a torn header is replaced by a whole one', () => {
    for (const begin of [HEADER.slice(0, -3), `${HEADER.slice(0, 9)}\0\0\0`, '\0\0\0', '\ufeff']) {
      fs.writeFileSync(file, begin);
      fs.rmSync(`${file}.torn`, { force: true });
      open().append(row(1));
      expect(read()).toBe(`${HEADER}\n${rows(1)}`);
      expect(torn()).toBe(`${begin}\n`);
    }
  });

  test('of zeros, after a power loss, is moved at any length', () => {
    const before = `${HEADER}\n${rows(1)}`;
    fs.writeFileSync(file, before);
    fs.truncateSync(file, before.length + 5_000_000);
    open().append(row(2));
    expect(read()).toBe(`${HEADER}\n${rows(1, 2)}`);
    expect(log.lines.join()).toContain('(5000000 bytes): \\x00');
    expect(fs.statSync(`${file}.torn`).size).toBe(5_000_001);
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

describe('a file of a past day', () => {
  const NAMES = ['result_181113.csv', 'result_181112.csv', 'result_notes.csv'];

  test('that gets no row stays as it is, however it ends', () => {
    const before = [`${HEADER}\n${rows(1)}Tue Nov 13 23:59:59 2018,site3,SUCC`, 'a;b', '\0\0'];
    NAMES.forEach((name, index) => {
      const other = path.join(dir, name);
      fs.writeFileSync(other, before[index] ?? '');
      fs.utimesSync(other, 1, 1);
      fs.chmodSync(other, 0o444);
    });
    const csv = open();
    csv.append(row(2));
    csv.append(row(3));
    csv.close();
    expect(fs.readdirSync(dir)).toEqual([...NAMES, 'result_181114.csv'].sort());
    NAMES.forEach((name, index) => {
      expect(read(path.join(dir, name))).toBe(before[index]);
      expect(fs.statSync(path.join(dir, name)).mtimeMs).toBe(1000);
    });
    expect(log.lines).toEqual([]);
  });

  test('gets the row of a test that began before midnight; a torn line in it stays, with a line end', () => {
    now = new Date(2018, 10, 15, 0, 0, 30);
    fs.writeFileSync(file, `${HEADER}\n${rows(1)}Wed Nov 14 23:59:59 2018,site3,SUCC`);
    open().append(row(2));
    expect(read()).toBe(`${HEADER}\n${rows(1)}Wed Nov 14 23:59:59 2018,site3,SUCC\n${rows(2)}`);
    expect(fs.readdirSync(dir)).toEqual(['result_181114.csv']);
    expect(log.lines).toEqual([expect.stringMatching(/torn and stays .*; a line end was added: Wed/)]);
  });

  test.each(['when;where\n', HEADER.slice(0, 9)])(
    'to which no row can be appended is set aside: %j',
    (before) => {
      now = new Date(2018, 10, 15, 0, 0, 30);
      fs.writeFileSync(file, before);
      open().append(row(2));
      expect(read()).toBe(`${HEADER}\n${rows(2)}`);
      expect(read(`${file}.set-aside`)).toBe(before);
    },
  );
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
    expect(fs.readdirSync(dir)).toEqual(['result_181114.csv']);
  });

  test('leave what another program has put in the place of their half row', () => {
    const { files, broken } = breakable();
    const csv = open(files);
    csv.append(row(1));
    broken.at = 'ftruncateSync';
    csv.append(row(2));
    broken.at = null;
    const saved = `${HEADER}\n${rows(1)}${row(4).line}`;
    fs.writeFileSync(file, saved);
    csv.append(row(3));
    expect(read()).toBe(saved + rows(2, 3));
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
