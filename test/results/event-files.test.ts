import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { SiteResult } from '../../src/model/test-result.ts';
import { EventFiles } from '../../src/results/event-files.ts';
import {
  eventsOf,
  formatEvent,
  isWarning,
  parseEvent,
  type TestEvent,
} from '../../src/results/test-event.ts';
import { recordingLog } from '../support/recording-log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TIME = new Date(2018, 10, 14, 0, 3, 40, 125);
const ABOUT = { version: 1, time: TIME, site: 'site1' } as const;
const FAILURE: TestEvent = { ...ABOUT, kind: 'failure', cause: 'refused', detail: 'no' };

function result(given: Partial<SiteResult>): SiteResult {
  const ok = { outcome: 'ok', ms: 5.213, detail: '' } as const;
  return {
    site: 'site1',
    time: TIME,
    stages: [ok, ok, ok],
    host: new Map(),
    left: [],
    transcript: '',
    ...given,
  };
}

function setUp(files: Partial<typeof fs> = {}) {
  const dir = temporaryFolder();
  const log = recordingLog();
  const file = path.join(dir, 'events', '181114.jsonl');
  const events = new EventFiles({ dir, files: { ...fs, ...files }, log });
  return { dir, log, file, events, read: () => fs.readFileSync(file, 'utf8') };
}

test('a success without loss and warnings has no events, and makes no file', () => {
  const { dir, events } = setUp();
  events.append(eventsOf(result({})));
  expect(fs.readdirSync(dir)).toEqual([]);
});

test('a test in a maintenance window has the window', () => {
  const [event] = eventsOf(result({}), { from: 0, to: 60_000, reason: 'new firmware' });
  if (event === undefined) throw new Error('no event');
  const line = formatEvent(event);
  expect(JSON.parse(line)).toMatchObject({
    kind: 'maintenance',
    from: '1970-01-01T00:00:00.000Z',
    to: '1970-01-01T00:01:00.000Z',
    reason: 'new firmware',
  });
  expect(parseEvent(line)).toEqual(event);
  expect(isWarning(event)).toBe(false);
});

test('a failure has its cause and words, a ping its loss, a log-in what the gateway warned of', () => {
  const day = 86_400_000;
  const found = eventsOf(
    result({
      stages: [
        { outcome: 'ok', ms: 5.213, loss: 0.2, detail: '' },
        { outcome: 'ok', ms: 900, detail: '' },
        { outcome: 'timeout', cause: 'inside-unreachable', detail: 'no reply\u001b[2J' },
      ],
      warnings: [
        { kind: 'password-expires', inMs: 5 * day, words: 'Your password will expire in 5 days.' },
        { kind: 'grace-logins', left: 3, words: 'You have 3 grace logins remaining.' },
        { kind: 'new-version', words: 'A new version (12.5) is available.' },
      ],
    }),
  );
  expect(found).toEqual([
    { ...ABOUT, kind: 'failure', cause: 'inside-unreachable', detail: 'no reply\\x1b[2J' },
    { ...ABOUT, kind: 'loss', stage: 1, loss_percent: 20 },
    { ...ABOUT, kind: 'loss', stage: 3, loss_percent: 100 },
    {
      ...ABOUT,
      kind: 'password-expires',
      expires: new Date(TIME.getTime() + 5 * day),
      detail: 'Your password will expire in 5 days.',
    },
    { ...ABOUT, kind: 'grace-logins', left: 3, detail: 'You have 3 grace logins remaining.' },
    { ...ABOUT, kind: 'new-version', detail: 'A new version (12.5) is available.' },
  ]);
  expect(found.map((event) => parseEvent(formatEvent(event)))).toEqual(found);
});

test('a line is one JSON object', () => {
  expect(formatEvent(FAILURE)).toBe(
    `{"version":1,"time":"${TIME.toISOString()}","site":"site1","kind":"failure","cause":"refused","detail":"no"}\n`,
  );
});

test.each([
  ['torn', formatEvent(FAILURE).slice(0, 40)],
  ['empty', ''],
  ['of a newer version', formatEvent(FAILURE).replace('"version":1', '"version":2')],
  ['of a kind that is not known', formatEvent(FAILURE).replace('"failure"', '"eclipse"')],
  ['without a time', formatEvent(FAILURE).replace(/"time":"[^"]*"/, '"time":"then"')],
  ['no object', '[1]'],
])('a line that is %s is no event', (_, line) => {
  expect(parseEvent(line)).toBeNull();
});

test('the file of a day is 0644, whatever the umask, and is continued', () => {
  const { events, file, read, log } = setUp();
  const umask = process.umask(0o077);
  try {
    events.append([FAILURE]);
    events.append([FAILURE]);
  } finally {
    process.umask(umask);
  }
  expect(read()).toBe(formatEvent(FAILURE).repeat(2));
  expect(fs.statSync(file).mode & 0o777).toBe(0o644);
  expect(log.lines).toEqual([]);
});

test('a torn last line is ended, so that the next event is whole', () => {
  const { events, file, read } = setUp();
  fs.mkdirSync(path.dirname(file));
  fs.writeFileSync(file, '{"version":1,"ti');
  events.append([FAILURE]);
  expect(read()).toBe(`{"version":1,"ti\n${formatEvent(FAILURE)}`);
});

test('what can’t be written is lost and said once, and again after it could be written', () => {
  let full = true;
  const { events, file, read, log } = setUp({
    writeSync: ((...given: Parameters<typeof fs.writeSync>) => {
      if (full) throw Object.assign(new Error('ENOSPC: no'), { code: 'ENOSPC', errno: -28 });
      return fs.writeSync(...given);
    }) as typeof fs.writeSync,
  });
  const lost = `WARNING Events can't be written to ${file} and are lost: no space left on device (ENOSPC)`;
  events.append([FAILURE]);
  events.append([FAILURE]);
  expect(log.lines).toEqual([lost]);
  full = false;
  events.append([FAILURE]);
  full = true;
  events.append([FAILURE]);
  expect(log.lines).toEqual([lost, 'WARNING Events can be written again', lost]);
  expect(read()).toBe(formatEvent(FAILURE));
});

test('a link in the place of the folder or of the file is not followed', () => {
  const { events, dir, file, log } = setUp();
  const other = temporaryFolder();
  fs.symlinkSync(other, path.join(dir, 'events'));
  events.append([FAILURE]);
  expect(fs.readdirSync(other)).toEqual([]);
  fs.rmSync(path.join(dir, 'events'));
  fs.mkdirSync(path.join(dir, 'events'));
  const victim = path.join(other, 'victim');
  fs.writeFileSync(victim, '');
  fs.symlinkSync(victim, file);
  events.append([FAILURE]);
  expect(fs.readFileSync(victim, 'utf8')).toBe('');
  expect(log.lines).toEqual([
    expect.stringContaining('events is a symbolic link, which is not followed: move it away'),
  ]);
});
