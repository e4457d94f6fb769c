import fs from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { LOG_CLOSE_MS } from '../../src/model/limits.ts';
import { noRecursion, UNMAKEABLE } from '../files/unmakeable.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { PATIENT } from '../support/until.ts';
import { logFiles, messagesOf, openLog } from './open-log.ts';

let dir: string;
beforeEach(() => {
  dir = path.join(temporaryFolder(), 'results');
});

const read = () => fs.readFileSync(path.join(dir, 'monitoring.log'), 'utf8');
const numbers = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => `DEBUG - line ${n + from}`);
const year = new Date().getFullYear();

describe('the log', () => {
  test('has the script’s lines under the script’s name', async () => {
    const { log } = openLog(dir);
    log.debug('Running vpn gw delay test for site2');
    log.critical('Something went bad when connecting: Timeout exceeded.\npid: 52873');
    await log.close();
    expect(read()).toBe(
      [
        '=2018-11-14 05:18:06,378 - vpn-monitor - DEBUG - Running vpn gw delay test for site2',
        '=2018-11-14 05:18:06,378 - vpn-monitor - CRITICAL - Something went bad when connecting: Timeout exceeded.',
        'pid: 52873\n',
      ].join('\n'),
    );
  });

  test('omits lines below its level', async () => {
    const { log, messages } = openLog(dir, { level: () => 'warning' });
    for (const level of ['debug', 'info', 'warning', 'error', 'critical'] as const) log[level](level);
    expect(await messages()).toEqual(['WARNING - warning', 'ERROR - error', 'CRITICAL - critical']);
  });

  test.each([0o000, 0o077])('is for its owner and group only, whatever the umask (%o)', async (mask) => {
    const before = process.umask(mask);
    try {
      const { log } = openLog(dir);
      log.info('x');
      await log.close();
    } finally {
      process.umask(before);
    }
    expect(fs.statSync(path.join(dir, 'monitoring.log')).mode & 0o7777).toBe(0o640);
    expect(fs.statSync(path.join(dir, '.state')).mode & 0o7777).toBe(0o700);
    expect(fs.readdirSync(dir).sort()).toEqual(['.state', `monitoring-${year}.log`, 'monitoring.log']);
  });

  test('is continued after a restart', async () => {
    for (const line of [0, 1]) {
      const { log } = openLog(dir);
      log.debug(`line ${line}`);
      await log.close();
    }
    expect(messagesOf(read())).toEqual(numbers(2));
  });

  test('starts a new line after a cut one', async () => {
    fs.mkdirSync(dir);
    fs.writeFileSync(path.join(dir, `monitoring-${year}.log`), 'DEBUG - torn');
    const { log, messages } = openLog(dir);
    log.debug('line 0');
    expect(await messages()).toEqual(['DEBUG - torn', 'DEBUG - line 0']);
  });

  test('is closed only when every one of 10,000 lines is in it', async () => {
    const { log, messages, stderr } = openLog(dir);
    for (let n = 0; n < 10_000; n++) log.debug(`line ${n}`);
    expect(await messages()).toEqual(numbers(10_000));
    expect(stderr()).toBe('');
  });

  test('writes each line at once, so that a crash drops none', async () => {
    const { log } = openLog(dir);
    log.debug('line 0');
    await new Promise(setImmediate);
    log.debug('line 1');
    expect(messagesOf(read())).toEqual(numbers(2));
    await log.close();
  });

  test('is written in a folder of any name, under any name', async () => {
    dir = path.join(dir, 'a [b (c+ "d" <e>|%DATE% *?:\\');
    const { log } = openLog(dir, { name: 'vpn [%DATE%] (ü)?.log' });
    log.info('x');
    await log.close();
    expect(messagesOf(fs.readFileSync(path.join(dir, 'vpn [%DATE%] (ü)?.log'), 'utf8'))).toEqual([
      'INFO - x',
    ]);
    dir = path.join(dir, '..');
  });

  test('replaces the script’s log, keeps it under another name, and logs that', async () => {
    fs.mkdirSync(dir);
    fs.writeFileSync(path.join(dir, 'monitoring.log'), 'the script’s\n');
    const { log } = openLog(dir, { level: () => 'critical' });
    log.critical('x');
    await log.close();
    expect(fs.readFileSync(path.join(dir, 'monitoring-script.log'), 'utf8')).toBe('the script’s\n');
    expect(messagesOf(read())).toEqual([
      'CRITICAL - x',
      `WARNING - ${dir}/monitoring.log was an ordinary file, renamed to monitoring-script.log`,
    ]);
  });
});

describe('rotation', () => {
  test('by size drops no line, and the name points to the last file', async () => {
    const { log, messages } = openLog(dir, { maxSize: '64k' });
    for (let n = 0; n < 5000; n++) {
      log.debug(`line ${n}`);
      if (n % 100 === 0) await new Promise(setImmediate);
    }
    expect(await messages()).toEqual(numbers(5000));
    const files = logFiles(dir);
    expect(files.length).toBeGreaterThan(4);
    expect(fs.readlinkSync(path.join(dir, 'monitoring.log'))).toBe(files.at(-1));
    for (const file of files) {
      expect(fs.statSync(path.join(dir, file)).size).toBeLessThan(66 * 1024);
      expect(fs.statSync(path.join(dir, file)).mode & 0o7777).toBe(0o640);
    }
  });

  test('in the middle of a burst drops no line', async () => {
    const { log, messages } = openLog(dir, { maxSize: '64k' });
    for (let n = 0; n < 5000; n++) log.debug(`line ${n}`);
    expect((await messages()).sort()).toEqual(numbers(5000).sort());
  });

  test.each(['as it was', 'deleted', 'damaged'])(
    'keeps ten files, also over restarts; the list of them is %s',
    async (list) => {
      for (let n = 0; n < 15; n++) {
        const { log } = openLog(dir, { maxSize: '1k' });
        log.debug(`line ${n} ${'x'.repeat(2000)}`);
        await log.close();
        if (list === 'deleted') fs.rmSync(path.join(dir, '.state'), { recursive: true });
        if (list === 'damaged') fs.writeFileSync(path.join(dir, '.state', 'log-files.json'), '');
      }
      const kept = Array.from({ length: 10 }, (_, n) => `monitoring-${year}.${n + 5}.log`);
      expect(logFiles(dir)).toEqual(kept);
      expect(messagesOf(read())).toEqual([expect.stringMatching(/^DEBUG - line 14 /)]);
    },
  );

  test('deletes nothing but its own files', async () => {
    fs.mkdirSync(dir, { recursive: true });
    const others = [
      'monitoring-script.log',
      'result_181114.csv',
      'monitoring-2018.log.gz',
      'xmonitoring-2018.log',
    ];
    for (const name of others) fs.writeFileSync(path.join(dir, name), name);
    const { log } = openLog(dir, { maxSize: '1k' });
    for (let n = 0; n < 15; n++) {
      log.debug('x'.repeat(2000));
      await new Promise(setImmediate);
    }
    await log.close();
    for (const name of others) expect(fs.readFileSync(path.join(dir, name), 'utf8')).toBe(name);
    expect(logFiles(dir)).toHaveLength(10);
  });
});

describe('what is done to it from outside', () => {
  const attacks: Readonly<Record<string, () => void>> = {
    'its file deleted': () => fs.rmSync(path.join(dir, `monitoring-${year}.log`)),
    'its file moved': () => fs.renameSync(path.join(dir, `monitoring-${year}.log`), path.join(dir, 'old')),
    'its name deleted': () => fs.rmSync(path.join(dir, 'monitoring.log')),
    'another file in its place': () => {
      fs.rmSync(path.join(dir, 'monitoring.log'));
      fs.writeFileSync(path.join(dir, 'monitoring.log'), 'other');
    },
    'the folder deleted': () => fs.rmSync(dir, { recursive: true }),
    'the folder moved': () => fs.renameSync(dir, `${dir}-old`),
  };

  test.each(Object.entries(attacks))('%s: the next line is there all the same', async (_, attack) => {
    const { log, stderr } = openLog(dir);
    log.debug('line 0');
    await new Promise(setImmediate);
    attack();
    log.debug('line 1');
    await log.close();
    const messages = messagesOf(read()).filter((message) => !message.includes('was an ordinary file'));
    expect(messages.slice(-2)).toEqual([
      `WARNING - The log ${dir}/monitoring.log was deleted, moved or replaced by another program and is created again`,
      'DEBUG - line 1',
    ]);
    expect(stderr()).toBe('');
    expect(log.fault()).toBeNull();
  });

  test('leaves no descriptor open', async () => {
    const descriptors = () =>
      fs.readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(dir);
        } catch {
          return false;
        }
      });
    const { log, clock } = openLog(dir);
    for (let n = 0; n < 20; n++) {
      log.debug('x');
      await new Promise(setImmediate);
      fs.rmSync(dir, { recursive: true });
      if (n % 2 === 0) {
        fs.writeFileSync(dir, '');
        log.debug('x');
        fs.rmSync(dir);
        clock.ms += 5000;
      }
    }
    log.debug('x');
    await log.close();
    await expect.poll(descriptors, PATIENT).toEqual([]);
  });
});

describe('a log that can’t be written', () => {
  test('is reported once on stderr, where its lines go; later it is tried again', async () => {
    fs.writeFileSync(dir, 'a file in the folder’s place');
    const { log, clock, stderr } = openLog(dir);
    log.debug('line 0');
    log.debug('line 1');
    expect(log.fault()).toMatch(/results\/monitoring\.log can't be written: file already exists \(EEXIST\)$/);
    expect(messagesOf(stderr())).toEqual([
      `ERROR - ${log.fault()}; its lines go to stderr until it can`,
      ...numbers(2),
    ]);

    fs.rmSync(dir);
    clock.ms = 4999;
    log.debug('line 2');
    expect(fs.existsSync(dir)).toBe(false);
    clock.ms = 5000;
    log.debug('line 3');
    log.debug('line 4');
    await log.close();
    expect(log.fault()).toBeNull();
    expect(messagesOf(stderr()).slice(1)).toEqual(numbers(3));
    expect(messagesOf(read())).toEqual([
      expect.stringMatching(/^WARNING - The log can be written again; 3 lines went to stderr only: .*EEXIST/),
      ...numbers(2, 3),
    ]);
  });

  test('is reported if a link is in the place of its file', async () => {
    fs.mkdirSync(dir);
    fs.symlinkSync('/nowhere', path.join(dir, `monitoring-${year}.log`));
    const { log } = openLog(dir);
    log.debug('line 0');
    await log.close();
    expect(log.fault()).toMatch(
      /monitoring-\d{4}\.log is a symbolic link, which is not followed: move it away$/,
    );
  });

  test('is reported if its folder can not be created', async () => {
    const { log, stderr } = openLog(UNMAKEABLE, { files: noRecursion });
    log.debug('line 0');
    await log.close();
    expect(log.fault()).toMatch(/no such file or directory \(ENOENT\)$/);
    expect(messagesOf(stderr()).slice(1)).toEqual(numbers(1));
  });

  test('only while it is opened drops no line', async () => {
    const eacces = Object.assign(new Error('EACCES: permission denied, open'), {
      code: 'EACCES',
      errno: -13,
    });
    const files = {
      ...fs,
      openSync: (file: string, flags: number | string, mode?: number) => {
        if (file.includes('monitoring-')) throw eacces;
        return fs.openSync(file, flags, mode);
      },
    } as unknown as typeof fs;
    const { log, stderr } = openLog(dir, { files });
    for (let n = 0; n < 100; n++) log.debug(`line ${n}`);
    await log.close();
    expect(log.fault()).toMatch(/permission denied \(EACCES\)$/);
    expect(messagesOf(stderr())).toEqual([expect.stringContaining('permission denied'), ...numbers(100)]);
  });

  test('in the middle of a line removes the written half', async () => {
    const eio = Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO', errno: -5 });
    let broken = false;
    const files = {
      ...fs,
      writeSync: (fd: number, bytes: Buffer, from: number, length: number) => {
        if (!broken) return fs.writeSync(fd, bytes, from, length);
        if (from === 0) return fs.writeSync(fd, bytes, 0, 10);
        throw eio;
      },
    } as unknown as typeof fs;
    const { log, clock, stderr } = openLog(dir, { files });
    log.debug('line 0');
    await new Promise(setImmediate);
    broken = true;
    log.debug('line 1');
    log.debug('line 2');
    clock.ms = 5000;
    log.debug('line 3');
    await new Promise(setImmediate);
    log.debug('line 4');
    broken = false;
    clock.ms = 10_000;
    log.debug('line 5');
    await log.close();
    expect(messagesOf(stderr())).toEqual([expect.stringContaining('i/o error (EIO)'), ...numbers(4, 1)]);
    expect(messagesOf(read())).toEqual([
      'DEBUG - line 0',
      expect.stringContaining('4 lines went to stderr only'),
      'DEBUG - line 5',
    ]);
  });
});

test('the end waits for a disk that hangs, but only for a limited time', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const hung: (() => void)[] = [];
    const files = {
      ...fs,
      fsync: (_fd: number, done: () => void) => void hung.push(done),
    } as unknown as typeof fs;
    const { log } = openLog(dir, { files });
    log.debug('line 0');
    const closed = log.close();
    while (hung.length === 0) await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(LOG_CLOSE_MS);
    await closed;
    expect(messagesOf(read())).toEqual(numbers(1));
    for (const done of hung) done();
  } finally {
    vi.useRealTimers();
  }
});

describe('stderr', () => {
  test('gets every line for the journal, none twice when the log can’t be written', async () => {
    fs.writeFileSync(dir, '');
    const { log, clock, stderr } = openLog(dir, { toStderr: true });
    log.debug('line 0');
    fs.rmSync(dir);
    clock.ms = 5000;
    log.debug('line 1');
    await log.close();
    expect(messagesOf(stderr())).toEqual([
      'DEBUG - line 0',
      expect.stringContaining("can't be written"),
      'DEBUG - line 1',
    ]);
  });

  test.each(['EPIPE', 'EIO'])('that is dead (%s) ends nothing', async (code) => {
    const stderr = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })),
    });
    const { log, messages } = openLog(dir, { toStderr: true, stderr });
    for (const line of [0, 1]) {
      log.debug(`line ${line}`);
      await new Promise(setImmediate);
    }
    expect(await messages()).toEqual(numbers(2));
  });

  test('gets what is logged after the end', async () => {
    const { log, stderr, messages } = openLog(dir);
    log.debug('line 0');
    await log.close();
    log.debug('line 1');
    await log.close();
    expect(messagesOf(stderr())).toEqual(numbers(1, 1));
    expect(await messages()).toEqual(numbers(1));
  });
});
