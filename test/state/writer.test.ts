import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { NEVER_TESTED } from '../../src/alerts/policy.ts';
import { DONE } from '../../src/model/result.ts';
import { lastSaved, openState, readState, type StateStore } from '../../src/state/store.ts';
import type { System } from '../../src/system/system.ts';
import { machine } from '../support/machine.ts';
import { recordingLog } from '../support/recording-log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let dir: string;
beforeEach(() => {
  dir = temporaryFolder();
});

const at = (name: string) => path.join(dir, '.state', name);
const names = () => fs.readdirSync(at('')).sort();
const time = (n: number) => new Date(Date.UTC(2018, 10, 14, 0, 0, n)).toISOString();

function open(files: typeof fs = fs, log = recordingLog()): StateStore {
  return openState(dir, { ...machine, files } as System, log);
}

/** Sets the `n`th result of a site. */
function tested({ state }: StateStore, site: string, n: number): void {
  state.sites.set(site, { ...NEVER_TESTED, lastSuccess: time(n), lastResult: time(n) });
}

/** A new message. */
function posted({ state }: StateStore): void {
  const key = `key-${state.outbox.length}`;
  state.outbox.push({
    key,
    channel: 'mail',
    about: null,
    also: [],
    events: [],
    subject: 's',
    text: 't',
    created: time(0),
    replyTo: null,
    tries: 0,
    doubts: 0,
    nextTry: null,
    delivered: false,
    content: null,
  });
}

/** What a start reads. */
function stored() {
  const log = recordingLog();
  const { state } = open(fs, log);
  expect(log.lines).toEqual([]);
  const read = readState(dir, machine as System);
  expect(read).toEqual({ ok: true, value: state });
  return {
    results: [...state.sites].map(([name, { lastResult }]) => [name, lastResult]),
    mails: state.outbox.length,
  };
}

/** A store with two sites whose state was written, and one change of a site. */
function store(files?: typeof fs): StateStore {
  const made = open(files);
  tested(made, 'a', 1);
  tested(made, '__proto__', 2);
  expect(made.save()).toEqual(DONE);
  tested(made, 'a', 3);
  expect(made.save()).toEqual(DONE);
  return made;
}

test('the result of a site is appended, for its owner only, and is read after the state file', () => {
  const made = store();
  const { ino } = fs.statSync(at('state.json'));
  tested(made, 'new', 4);
  made.save();
  expect(fs.statSync(at('state.json')).ino).toBe(ino);
  expect(names()).toEqual(['changes-a.jsonl', 'state.json']);
  expect(fs.readFileSync(at('changes-a.jsonl'), 'utf8').trim().split('\n')).toHaveLength(2);
  expect(fs.statSync(at('changes-a.jsonl')).mode & 0o777).toBe(0o600);
  expect(lastSaved(dir, machine as System)).toBe(fs.statSync(at('changes-a.jsonl')).mtimeMs);
  expect(stored()).toEqual({
    results: [
      ['a', time(3)],
      ['__proto__', time(2)],
      ['new', time(4)],
    ],
    mails: 0,
  });
});

test.each<[string, (made: StateStore) => void]>([
  ['a message', posted],
  ['a site that is gone', ({ state }) => state.sites.delete('a')],
  [
    'a fault of the host',
    ({ state }) =>
      void Object.assign(state, { host: { since: time(0), first: {}, announced: [], faults: [] } }),
  ],
  ['nothing', () => undefined],
])('the whole state is written where more than the results of sites has changed: %s', (_, change) => {
  const made = store();
  change(made);
  expect(made.save()).toEqual(DONE);
  expect(names()).toEqual(['state.json']);
  expect(JSON.parse(fs.readFileSync(at('state.json'), 'utf8')).sites).toHaveLength(made.state.sites.size);
  const { state } = open();
  expect(state).toEqual(made.state);
});

test('the changes do not grow beyond a hundred, or the number of sites', () => {
  const made = store();
  const most = { bytes: 0, lines: 0 };
  for (let n = 0; n < 350; n += 1) {
    tested(made, n % 2 ? 'a' : 'b', n);
    made.save();
    const changes = names().filter((name) => name.startsWith('changes'));
    expect(changes.length).toBeLessThan(2);
    for (const name of changes) {
      most.lines = Math.max(most.lines, fs.readFileSync(at(name), 'utf8').split('\n').length - 1);
    }
  }
  expect(most.lines).toBe(100);
  expect(stored().results).toEqual([
    ['a', time(349)],
    ['__proto__', time(2)],
    ['b', time(348)],
  ]);
});

test('a line that was torn at any place costs only itself', () => {
  store();
  const whole = fs.readFileSync(at('changes-a.jsonl'));
  for (let length = 0; length < whole.length - 1; length += 7) {
    fs.writeFileSync(at('changes-a.jsonl'), whole.subarray(0, length));
    expect(stored().results).toEqual([
      ['a', time(1)],
      ['__proto__', time(2)],
    ]);
  }
});

test('changes that no state file names are not read, and are gone with the next one', () => {
  const made = store();
  fs.writeFileSync(at('changes-b.jsonl'), `${JSON.stringify({ name: 'b', ...NEVER_TESTED })}\n`);
  expect(stored().results).toHaveLength(2);
  posted(made);
  made.save();
  expect(names()).toEqual(['state.json']);
  expect(stored()).toMatchObject({
    mails: 1,
    results: [
      ['a', time(3)],
      ['__proto__', time(2)],
    ],
  });
});

test.each(['the folder', 'the file'])('if %s was moved away, the whole state is written', (what) => {
  const made = store();
  fs.renameSync(at(what === 'the folder' ? '' : 'state.json'), path.join(dir, 'moved'));
  tested(made, 'a', 5);
  expect(made.save()).toEqual(DONE);
  expect(stored().results).toEqual([
    ['a', time(5)],
    ['__proto__', time(2)],
  ]);
});

test('changes that can not be read are not overwritten', () => {
  store();
  fs.renameSync(at('changes-a.jsonl'), at('kept'));
  fs.mkdirSync(at('changes-a.jsonl'));
  const log = recordingLog();
  const made = open(fs, log);
  expect(log.lines).toEqual([
    expect.stringContaining("can't be read (not a regular file): nothing is stored"),
  ]);
  tested(made, 'a', 9);
  expect(made.save().ok).toBe(false);
  fs.rmdirSync(at('changes-a.jsonl'));
  fs.renameSync(at('kept'), at('changes-a.jsonl'));
  expect(made.save()).toEqual(DONE);
  expect(stored().results).toEqual([
    ['a', time(9)],
    ['__proto__', time(2)],
  ]);
});

/** A file system that ends at its `n`th effect: before it, or in the middle of a write. */
function endingAt(n: number) {
  let left = n;
  const effect = (part?: () => void) => {
    left -= 1;
    if (left > 0) return;
    if (left === 0) part?.();
    throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
  };
  const files = {
    ...fs,
    writeSync: (fd: number, bytes: Buffer, from: number, length: number) => {
      effect(() => fs.writeSync(fd, bytes, from, length >> 1));
      return fs.writeSync(fd, bytes, from, length);
    },
    writeFileSync: (fd: number, text: string) => {
      effect(() => fs.writeFileSync(fd, text.slice(0, text.length >> 1)));
      fs.writeFileSync(fd, text);
    },
    fsyncSync: (fd: number) => {
      effect();
      fs.fsyncSync(fd);
    },
    renameSync: (from: string, to: string) => {
      effect();
      fs.renameSync(from, to);
    },
    rmSync: (file: string, options?: fs.RmOptions) => {
      effect();
      fs.rmSync(file, options);
    },
  } as unknown as typeof fs;
  const mend = () => {
    left = Number.POSITIVE_INFINITY;
  };
  return { files, mend };
}

test.each([
  ['a result', (made: StateStore) => tested(made, 'a', 7)],
  [
    'a result and its message',
    (made: StateStore) => {
      tested(made, 'a', 7);
      posted(made);
    },
  ],
])('an end at any effect leaves the state before or after, and a later write all of it: %s', (_, change) => {
  const before = {
    results: [
      ['a', time(3)],
      ['__proto__', time(2)],
    ],
    mails: 0,
  };
  let ends = 0;
  for (let n = 1; ; n += 1) {
    fs.rmSync(at(''), { recursive: true, force: true });
    const files = { ...fs };
    const made = store(files);
    const effects = endingAt(n);
    Object.assign(files, effects.files);
    change(made);
    const saved = made.save();
    const after = {
      results: [
        ['a', time(7)],
        ['__proto__', time(2)],
      ],
      mails: made.state.outbox.length,
    };
    const found = stored();
    if (saved.ok) expect(found).toEqual(after);
    else expect([before, after]).toContainEqual(found);
    effects.mend();
    tested(made, 'b', 8);
    expect(made.save()).toEqual(DONE);
    expect(stored()).toEqual({ ...after, results: [...after.results, ['b', time(8)]] });
    if (saved.ok && n > 2) break;
    ends += saved.ok ? 0 : 1;
  }
  expect(ends).toBeGreaterThan(1);
});
