import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { NEVER_TESTED } from '../../src/alerts/policy.ts';
import { DONE, failed, good, type Result } from '../../src/model/result.ts';
import { freshState, openState, readState, type State } from '../../src/state/store.ts';
import { testSystem } from '../alerts/support.ts';
import { noRecursion, UNMAKEABLE } from '../files/unmakeable.ts';
import { recordingLog } from '../support/recording-log.ts';
import { mountSmallDisk, smallDiskUnavailable } from '../support/small-disk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const system = testSystem();
let dir: string;
let file: string;

beforeEach(() => {
  dir = temporaryFolder();
  file = path.join(dir, '.state', 'state.json');
});

const T = '2018-11-14T05:18:02.000Z';

function fill(state: State): void {
  state.sites.set('site1', {
    consecutiveFailures: 2,
    since: T,
    cause: 'refused',
    withheld: 'maintenance',
    slow: { tests: 2, since: T, told: true, fast: 0, first: { mail: 'slow@b' } },
    flap: { changes: [{ at: T, down: true, ago: 5 }], since: null, first: {} },
    recovering: { successes: 1, since: T },
    lastSuccess: null,
    lastResult: T,
    announced: { first: { mail: 'a@b' }, at: T, lastReminder: T },
    rejectedAt: T,
    expiry: { at: T, left: 3, told: T },
    certificates: [
      { owner: 'gateway', fingerprint: 'AA:BB', from: T, until: T, wrongName: null, told: T, open: true },
    ],
    interval: 600_123,
  });
  for (const name of ['__proto__', '10', '2', 'constructor']) {
    state.sites.set(name, { ...NEVER_TESTED, lastSuccess: T, lastResult: T });
  }
  state.host = {
    since: T,
    first: { mail: 'c@d' },
    announced: ['ping', 'client startct'],
    faults: [{ kind: 'client startct', words: 'not in PATH' }],
  };
  state.outbox.push({
    key: 'a@b',
    channel: 'mail',
    about: 'site1',
    also: ['2'],
    events: [{ kind: 'failure', site: 'site1', summary: 'down', at: T, since: T, cause: null }],
    subject: '2 consecutive failures for site1',
    text: 'ä\n',
    created: T,
    replyTo: null,
    tries: 3,
    doubts: 0,
    nextTry: T,
    delivered: false,
    content: {
      recipients: ['noc@example.com'],
      from: 'vpn-monitor@example.com',
      raw: 'Subject: ...\r\n\r\nä\r\n',
    },
  });
}

/** The state as a value that can be compared. */
const plain = (state: State) => ({ ...state, sites: [...state.sites] });
const plainly = (read: Result<State>) => (read.ok ? good(plain(read.value)) : read);

describe('the state', () => {
  test('begins afresh where there is no file, and creates nothing before it is saved', () => {
    const log = recordingLog();
    expect(plain(openState(dir, system, log).state)).toEqual(plain(freshState()));
    expect(fs.readdirSync(dir)).toEqual([]);
    expect(log.lines).toEqual([]);
  });

  test('comes back as it was saved, names like __proto__ and their order too', () => {
    const store = openState(dir, system, recordingLog());
    fill(store.state);
    expect(store.save()).toEqual(DONE);
    const log = recordingLog();
    const again = openState(dir, system, log).state;
    expect(plain(again)).toEqual(plain(store.state));
    expect([...again.sites.keys()]).toEqual(['site1', '__proto__', '10', '2', 'constructor']);
    expect(log.lines).toEqual([]);
  });

  test('of a program that knew neither rejections, expiries nor doubts is read', () => {
    const store = openState(dir, system, recordingLog());
    fill(store.state);
    store.save();
    const older = JSON.parse(fs.readFileSync(file, 'utf8'));
    for (const site of older.sites) {
      delete site.rejectedAt;
      delete site.expiry;
      delete site.certificates;
      delete site.interval;
    }
    for (const entry of older.outbox) delete entry.doubts;
    fs.writeFileSync(file, JSON.stringify(older));
    const log = recordingLog();
    const { state } = openState(dir, system, log);
    expect(log.lines).toEqual([]);
    expect(state.sites.get('site1')).toEqual({
      ...store.state.sites.get('site1'),
      rejectedAt: null,
      expiry: null,
      certificates: [],
      interval: null,
    });
    expect(state.outbox).toEqual(store.state.outbox);
  });

  test('is for its owner only, whatever the umask, in a results folder that is for all to read', () => {
    const before = process.umask(0);
    try {
      const below = path.join(dir, 'results');
      expect(openState(below, system, recordingLog()).save()).toEqual(DONE);
      const mode = (name: string) => fs.statSync(path.join(below, name)).mode & 0o777;
      expect(mode('.state').toString(8)).toBe('700');
      expect(mode('.state/state.json').toString(8)).toBe('600');
      expect(mode('.').toString(8)).toBe('755');
    } finally {
      process.umask(before);
    }
  });

  test('restricts a state folder that another part made', () => {
    fs.mkdirSync(path.join(dir, '.state'), { mode: 0o755 });
    expect(openState(dir, system, recordingLog()).save()).toEqual(DONE);
    expect((fs.statSync(path.join(dir, '.state')).mode & 0o777).toString(8)).toBe('700');
  });

  test('is replaced whole: a reader that holds the old file still has all of it', () => {
    const store = openState(dir, system, recordingLog());
    store.save();
    const before = fs.readFileSync(file, 'utf8');
    const held = fs.openSync(file, 'r');
    fill(store.state);
    store.save();
    expect(fs.readFileSync(held, 'utf8')).toBe(before);
    fs.closeSync(held);
    expect(fs.readFileSync(file, 'utf8')).not.toBe(before);
    expect(fs.readdirSync(path.dirname(file))).toEqual(['state.json']);
  });

  test('reaches the disk before it takes the place of the old one', () => {
    const calls: string[] = [];
    const files = {
      ...fs,
      fsyncSync: (fd: number) => {
        calls.push('fsync');
        fs.fsyncSync(fd);
      },
      renameSync: (from: fs.PathLike, to: fs.PathLike) => {
        calls.push('rename');
        fs.renameSync(from, to);
      },
    };
    fs.mkdirSync(path.dirname(file));
    openState(dir, { ...system, files }, recordingLog()).save();
    expect(calls).toEqual(['fsync', 'rename', 'fsync']);
  });

  test('is saved where the file system refuses to sync a folder', () => {
    const files = {
      ...fs,
      fsyncSync: (fd: number) => {
        if (fs.fstatSync(fd).isDirectory()) throw Object.assign(new Error('EINVAL'), { code: 'EINVAL' });
        fs.fsyncSync(fd);
      },
    };
    const store = openState(dir, { ...system, files }, recordingLog());
    fill(store.state);
    expect(store.save()).toEqual(DONE);
    expect(plain(openState(dir, system, recordingLog()).state)).toEqual(plain(store.state));
  });

  test.each([
    ['a file', () => fs.writeFileSync(`${file}.new`, '{"half')],
    ['a folder', () => fs.mkdirSync(`${file}.new`)],
    ['a dangling link', () => fs.symlinkSync('/nowhere/else', `${file}.new`)],
  ])('is saved over what a kill left behind: %s', (_, leave) => {
    fs.mkdirSync(path.dirname(file));
    leave();
    const store = openState(dir, system, recordingLog());
    expect(store.save()).toEqual(DONE);
    expect(fs.readdirSync(path.dirname(file))).toEqual(['state.json']);
    expect(fs.lstatSync(file).isFile()).toBe(true);
  });

  describe('that is damaged', () => {
    const good = () => {
      const store = openState(dir, system, recordingLog());
      fill(store.state);
      store.save();
      return JSON.parse(fs.readFileSync(file, 'utf8'));
    };
    test.each<[string, (json: ReturnType<typeof good>) => unknown]>([
      ['empty', () => ''],
      ['not JSON', () => '{"version": 2, '],
      ['a list', () => []],
      ['null', () => null],
      ['without a version', ({ version: _, ...rest }) => rest],
      ['of version 0', (json) => ({ ...json, version: 0 })],
      ['without an outbox', ({ outbox: _, ...rest }) => rest],
      ['of version 1 with the outbox of version 2', (json) => ({ ...json, version: 1 })],
      ['with a time that is none', (json) => ({ ...json, host: { ...json.host, since: 'yesterday' } })],
      [
        'with half a failure',
        (json) => ({ ...json, sites: [{ ...json.sites[0], consecutiveFailures: 1.5 }] }),
      ],
      [
        'with a message to nobody',
        (json) => ({ ...json, outbox: [{ ...json.outbox[0], content: { recipients: [] } }] }),
      ],
      [
        'with content that is a text',
        (json) => ({ ...json, outbox: [{ ...json.outbox[0], content: 'noc@example.com' }] }),
      ],
      [
        'with a fault of an unknown kind',
        (json) => ({ ...json, host: { ...json.host, announced: ['gremlins'] } }),
      ],
    ])('(%s) is set aside, and said', (_, damage) => {
      const damaged = damage(good());
      const text = typeof damaged === 'string' ? damaged : JSON.stringify(damaged);
      fs.writeFileSync(file, text);
      const log = recordingLog();
      const store = openState(dir, system, log);
      expect(plain(store.state)).toEqual(plain(freshState()));
      expect(fs.readFileSync(path.join(dir, '.state', 'state-damaged-20181114T051802Z.json'), 'utf8')).toBe(
        text,
      );
      expect(log.lines).toEqual([
        `CRITICAL The state file ${file} is damaged: set aside as state-damaged-20181114T051802Z.json; streaks and mails not yet sent begin afresh`,
      ]);
      expect(store.save()).toEqual(DONE);
    });
  });

  test('of a newer version is set aside, under a name that is free', () => {
    fs.mkdirSync(path.dirname(file));
    const log = recordingLog();
    for (const n of [1, 2]) {
      fs.writeFileSync(file, JSON.stringify({ version: 3, n }));
      openState(dir, system, log);
    }
    expect(log.lines[0]).toContain('is of the newer version 3: set aside as');
    expect(fs.readdirSync(path.dirname(file)).sort()).toEqual([
      'state-version-3-20181114T051802Z-2.json',
      'state-version-3-20181114T051802Z.json',
    ]);
  });

  test('is a folder: it is set aside too', () => {
    fs.mkdirSync(file, { recursive: true });
    const log = recordingLog();
    const store = openState(dir, system, log);
    expect(log.lines).toEqual([expect.stringContaining('is a folder: set aside as state-damaged-')]);
    expect(store.save()).toEqual(DONE);
  });
});

describe('a state file that cannot be had for a while', () => {
  /** The files, of which state.json refuses to be read or renamed while `broken.is`. */
  function breakable(...calls: ('readFileSync' | 'renameSync')[]) {
    const broken = { is: true };
    const refuse = (call: 'readFileSync' | 'renameSync') => {
      return (name: string, ...rest: never[]) => {
        if (broken.is && name === file)
          throw Object.assign(new Error('EMFILE'), { code: 'EMFILE', errno: -24 });
        return (fs[call] as (...given: unknown[]) => unknown)(name, ...rest);
      };
    };
    const files = { ...fs, ...Object.fromEntries(calls.map((call) => [call, refuse(call)])) };
    return { broken, system: { ...system, files: files as typeof fs } };
  }
  const WHY = `too many open files (EMFILE)`;

  /** Saves a state and gives the text of its file. */
  function stored(change: (state: State) => void = fill): string {
    const store = openState(dir, system, recordingLog());
    change(store.state);
    expect(store.save()).toEqual(DONE);
    return fs.readFileSync(file, 'utf8');
  }

  test('is left as it is, and nothing is stored over it', () => {
    const before = stored();
    const { system } = breakable('readFileSync');
    const log = recordingLog();
    const store = openState(dir, system, log);
    expect(log.lines).toEqual([
      `CRITICAL The state file ${file} can't be read (${WHY}): nothing is stored until it can be, streaks begin afresh`,
    ]);
    expect(plain(store.state)).toEqual(plain(freshState()));
    expect(store.save()).toEqual(failed(`the state can't be written: ${file} can't be read (${WHY})`));
    expect(fs.readFileSync(file, 'utf8')).toBe(before);
    expect(fs.readdirSync(path.dirname(file))).toEqual(['state.json']);
  });

  test('comes back with all it holds, before what came since', () => {
    stored();
    const { broken, system } = breakable('readFileSync');
    const log = recordingLog();
    const store = openState(dir, system, log);
    const held = freshState();
    fill(held);
    const streak = {
      ...NEVER_TESTED,
      since: T,
      lastSuccess: null,
      lastResult: T,
      consecutiveFailures: 1,
    };
    const [message] = held.outbox;
    if (message === undefined) throw new Error('no message');
    for (const name of ['site1', '2', 'new']) store.state.sites.set(name, streak);
    store.state.outbox.push({ ...message, key: 'since@b' });
    const host = { since: T, first: { mail: 'since@d' }, announced: ['records' as const], faults: [] };
    store.state.host = host;
    broken.is = false;
    expect(store.save()).toEqual(DONE);
    expect(log.lines.slice(1)).toEqual([`WARNING The state file ${file} can be used again`]);
    for (const { state } of [store, openState(dir, system, log)]) {
      expect(state.outbox.map(({ key }) => key)).toEqual(['a@b', 'since@b']);
      expect(state.host).toEqual(host);
      // People were told of its outage; of the others the newer is what counts.
      expect(state.sites.get('site1')).toEqual(held.sites.get('site1'));
      expect(state.sites.get('2')).toEqual(streak);
      expect(state.sites.get('new')).toEqual(streak);
      expect(state.sites.get('10')).toEqual(held.sites.get('10'));
    }
    expect(store.save()).toEqual(DONE);
    expect(store.state.outbox).toHaveLength(2);
  });

  test.each([
    ['damaged', 'nonsense', 'is damaged'],
    ['of a newer version', '{"version":3}', 'is of the newer version 3'],
  ])('because it is %s and cannot be set aside: it is not overwritten', (_, text, what) => {
    stored();
    fs.writeFileSync(file, text);
    const { broken, system } = breakable('renameSync');
    const log = recordingLog();
    const store = openState(dir, system, log);
    const why = `${file} ${what} and can't be set aside (${WHY})`;
    expect(log.lines).toEqual([
      `CRITICAL The state file ${why}: nothing is stored until it can be, streaks begin afresh`,
    ]);
    expect(store.save()).toEqual(failed(`the state can't be written: ${why}`));
    expect(fs.readFileSync(file, 'utf8')).toBe(text);
    broken.is = false;
    expect(store.save()).toEqual(DONE);
    expect(fs.readdirSync(path.dirname(file))).toHaveLength(2);
  });
});

describe('the state of a folder that somebody else owns', () => {
  /** A machine on which nothing may be changed. */
  const readOnly = (() => {
    const reading = ['readFileSync', 'existsSync', 'statSync', 'constants'] as const;
    const files = Object.fromEntries(reading.map((name) => [name, fs[name]]));
    return { ...system, files: files as unknown as typeof fs };
  })();

  test('is read', () => {
    const store = openState(dir, system, recordingLog());
    fill(store.state);
    store.save();
    expect(plainly(readState(dir, readOnly))).toEqual(good(plain(store.state)));
  });

  test.each([
    ['missing', () => undefined, null],
    ['damaged', () => fs.writeFileSync(file, 'nonsense'), 'is damaged'],
    ['newer', () => fs.writeFileSync(file, '{"version":3}'), 'is of the newer version 3'],
    ['a folder', () => fs.mkdirSync(file), 'is a folder'],
  ])('is not known, or fresh, where the file is %s, which stays as it is', (_, make, why) => {
    fs.mkdirSync(path.dirname(file));
    make();
    const before = fs.readdirSync(path.dirname(file));
    expect(plainly(readState(dir, readOnly))).toEqual(
      why === null ? good(plain(freshState())) : failed(`${file} ${why}`),
    );
    expect(fs.readdirSync(path.dirname(file))).toEqual(before);
  });
});

describe('a state that cannot be saved', () => {
  test('says why and does not throw: a file is in the way of the folder', () => {
    fs.writeFileSync(path.join(dir, '.state'), '');
    expect(openState(dir, system, recordingLog()).save()).toEqual(
      failed("the state can't be written: file already exists (EEXIST)"),
    );
  });

  test('says why and does not throw: a folder that can never be made', () => {
    const store = openState(UNMAKEABLE, { ...system, files: noRecursion }, recordingLog());
    expect(store.save()).toEqual(failed("the state can't be written: no such file or directory (ENOENT)"));
  });

  test('says why and does not throw: a folder that may not be written to', () => {
    const files = {
      ...fs,
      openSync: () => {
        throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
      },
    } as unknown as typeof fs;
    const store = openState(dir, { ...system, files }, recordingLog());
    expect(store.save()).toEqual(failed("the state can't be written: EACCES: permission denied"));
  });

  test('on a read-only file system', ({ skip }) => {
    skip(smallDiskUnavailable !== undefined, smallDiskUnavailable);
    const disk = mountSmallDisk('ro');
    onTestFinished(disk.unmount);
    expect(openState(disk.dir, system, recordingLog()).save()).toEqual(
      failed("the state can't be written: read-only file system (EROFS)"),
    );
  });

  test('on a full disk keeps the old one, and goes on when there is room', ({ skip }) => {
    skip(smallDiskUnavailable !== undefined, smallDiskUnavailable);
    const disk = mountSmallDisk();
    onTestFinished(disk.unmount);
    const file = path.join(disk.dir, '.state', 'state.json');
    const store = openState(disk.dir, system, recordingLog());
    fill(store.state);
    expect(store.save()).toEqual(DONE);
    const before = fs.readFileSync(file, 'utf8');
    const [message] = store.state.outbox;
    if (message === undefined) throw new Error('no message');
    store.state.outbox = [{ ...message, text: 'x'.repeat(200_000) }];
    expect(store.save()).toEqual(failed("the state can't be written: no space left on device (ENOSPC)"));
    expect(fs.readFileSync(file, 'utf8')).toBe(before);
    expect(fs.readdirSync(path.dirname(file))).toEqual(['state.json']);
    store.state.outbox = [];
    expect(store.save()).toEqual(DONE);
  });
});
