import { describe, expect, test } from 'vitest';
import type { MailFailure } from '../../src/alerts/mail/smtp/mail-failure.ts';
import {
  backoffMs,
  dueAt,
  firstDue,
  holdMs,
  isSpent,
  type PreparedEntry,
  remainder,
} from '../../src/alerts/outbox.ts';

const now = new Date('2018-11-14T05:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000).toISOString();

function entry(more: Partial<PreparedEntry> = {}): PreparedEntry {
  return {
    key: 'a@b',
    channel: 'mail',
    about: 'site1',
    also: [],
    events: [],
    subject: 's',
    text: '',
    created: now.toISOString(),
    replyTo: null,
    content: { recipients: ['a', 'b', 'c'], raw: 'r' },
    tries: 0,
    doubts: 0,
    nextTry: null,
    delivered: false,
    ...more,
  };
}

test('the back-off doubles from 30 s to 30 min', () => {
  expect([1, 2, 3, 6, 7, 8, 500].map((tries) => backoffMs(tries) / 1000)).toEqual([
    30, 60, 120, 960, 1800, 1800, 1800,
  ]);
});

test.each([
  ['nothing', 1, 0, 30],
  ['less than the back-off', 3, 5, 120],
  ['more', 1, 90, 90],
  ['more than the longest back-off', 1, 86_400, 1800],
])('a receiver that asks for %s', (_, tries, asked, seconds) => {
  expect(holdMs(tries, asked * 1000) / 1000).toBe(seconds);
});

test.each([
  [99, 8, false],
  [100, 6.9, false],
  [100, 7, true],
  [5000, 1, false],
  [336, 7, true],
])('a mail after %d tries and %d days is given up: %s', (tries, days, spent) => {
  const created = new Date(now.getTime() - days * 86_400_000).toISOString();
  expect(isSpent(entry({ tries, created }), now)).toBe(spent);
});

test.each<[string, PreparedEntry[], string | null]>([
  ['an empty queue: never', [], null],
  ['a new mail: now', [entry()], later(0)],
  ['one that was tried: later', [entry({ nextTry: later(60) })], later(60)],
  ['one that was due: then', [entry({ nextTry: later(-60) })], later(-60)],
  ['a time that the clock was set back from: now', [entry({ nextTry: later(86_400) })], later(0)],
  [
    'what follows about any site of a message waits',
    [entry({ also: ['site2'], nextTry: later(60) }), entry({ about: 'site2' })],
    later(60),
  ],
  [
    'and what follows about a site of what waits',
    [
      entry({ nextTry: later(60) }),
      entry({ about: 'site2', also: ['site1'] }),
      entry({ about: 'site2', nextTry: later(30) }),
    ],
    later(60),
  ],
  ['what follows about a site waits', [entry({ nextTry: later(60) }), entry()], later(60)],
  [
    'but not for one that has reached somebody',
    [entry({ nextTry: later(60), delivered: true }), entry()],
    later(0),
  ],
  [
    'nor for one that may have reached somebody',
    [entry({ nextTry: later(3600), doubts: 1 }), entry()],
    later(0),
  ],
  [
    'a try that may have delivered it: after its hour',
    [entry({ nextTry: later(3600), doubts: 1 })],
    later(3600),
  ],
  ['a second one: after twelve', [entry({ nextTry: later(43_200), doubts: 2 })], later(43_200)],
  [
    'a first one that the clock was set back from: now',
    [entry({ nextTry: later(3601), doubts: 1 })],
    later(0),
  ],
  ['nor for another site', [entry({ nextTry: later(60) }), entry({ about: 'site2' })], later(0)],
])('when there is something to do: %s', (_, mails, due) => {
  expect(firstDue(mails, now)?.toISOString() ?? null).toBe(due);
});

test('a mail is due at its time', () => {
  expect(dueAt(entry({ nextTry: later(1800) }), now).toISOString()).toBe(later(1800));
});

describe('what is left of a mail', () => {
  const failure = (permanent: boolean): MailFailure => ({
    cause: 'recipient-rejected',
    words: '',
    setting: null,
    permanent,
  });
  const gone = (recipient: string) => ({ recipient, failure: failure(true) });
  const busy = (recipient: string) => ({ recipient, failure: failure(false) });
  const again = { tries: 1, nextTry: later(30) };

  test.each<[string, PreparedEntry, Parameters<typeof remainder>[1], Partial<PreparedEntry> | null]>([
    ['all took it', entry(), { kind: 'delivered', reply: '', refused: [] }, null],
    [
      'some did, the others never will',
      entry(),
      { kind: 'delivered', reply: '', refused: [gone('a'), gone('b')] },
      null,
    ],
    [
      'some did, the others may',
      entry(),
      { kind: 'delivered', reply: '', refused: [gone('a'), busy('b')] },
      { ...again, content: { recipients: ['b'], raw: 'r' }, delivered: true },
    ],
    [
      'nobody: all of it, also those refused for good',
      entry(),
      { kind: 'refused', failure: failure(true), refused: [gone('a'), gone('b'), gone('c')] },
      { ...again, content: { recipients: ['a', 'b', 'c'], raw: 'r' }, delivered: false },
    ],
    [
      'nobody more: those who may still',
      entry({ delivered: true }),
      { kind: 'refused', failure: failure(false), refused: [gone('a'), busy('b'), busy('c')] },
      { ...again, content: { recipients: ['b', 'c'], raw: 'r' }, delivered: true },
    ],
    [
      'nobody ever more',
      entry({ delivered: true, content: { recipients: ['a'], raw: 'r' } }),
      { kind: 'refused', failure: failure(true), refused: [gone('a')] },
      null,
    ],
    [
      'refused before anybody was asked',
      entry({ delivered: true }),
      { kind: 'refused', failure: failure(true), refused: [] },
      { ...again, content: { recipients: ['a', 'b', 'c'], raw: 'r' }, delivered: true },
    ],
    [
      'lost before the message',
      entry({ tries: 3 }),
      { kind: 'disconnected', failure: failure(false), sent: 'nothing' },
      { tries: 4, nextTry: later(240) },
    ],
    [
      'lost within the message: no server takes half of one',
      entry({ tries: 3 }),
      { kind: 'disconnected', failure: failure(false), sent: 'part' },
      { tries: 4, nextTry: later(240) },
    ],
    [
      'sent whole, and no answer: an hour',
      entry({ tries: 3 }),
      { kind: 'disconnected', failure: failure(false), sent: 'all' },
      { tries: 4, doubts: 1, nextTry: later(3600) },
    ],
    [
      'sent whole a second time: twelve hours',
      entry({ tries: 4, doubts: 1 }),
      { kind: 'disconnected', failure: failure(false), sent: 'all' },
      { tries: 5, doubts: 2, nextTry: later(43_200) },
    ],
    [
      'sent whole a third time: not again',
      entry({ tries: 5, doubts: 2 }),
      { kind: 'disconnected', failure: failure(false), sent: 'all' },
      null,
    ],
    [
      'refused at the second try, so not taken by that one',
      entry({ tries: 1, doubts: 1 }),
      { kind: 'refused', failure: failure(false), refused: [busy('a'), busy('b'), busy('c')] },
      { tries: 2, doubts: 1, nextTry: later(60) },
    ],
    [
      'some had it before, and the others may have it now',
      entry({ delivered: true, content: { recipients: ['b'], raw: 'r' } }),
      { kind: 'disconnected', failure: failure(false), sent: 'all' },
      { tries: 1, doubts: 1, nextTry: later(3600) },
    ],
  ])('%s', (_, before, outcome, left) => {
    const rest = remainder(before, outcome, now);
    expect(rest).toEqual(left === null ? null : { ...before, ...left });
  });
});
