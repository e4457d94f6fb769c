import { describe, expect, test } from 'vitest';
import { judgeExpiry } from '../../src/alerts/expiry-policy.ts';
import { expiryMessage } from '../../src/alerts/message.ts';
import type { SessionWarning, SiteResult, StageResult } from '../../src/model/test-result.ts';
import type { SiteState } from '../../src/state/store.ts';
import { DAY_MS, HOUR_MS } from '../../src/words/time.ts';
import { SENDER } from './support.ts';

const OK: StageResult = { outcome: 'ok', ms: 5, detail: '' };
const FAILED: StageResult = { outcome: 'error', cause: 'refused', detail: 'no' };
/** The moment from which the tables count, in days. */
const START = Date.parse('2026-11-01T08:00:00Z');

const inDays = (days: number): SessionWarning => ({
  kind: 'password-expires',
  inMs: days * DAY_MS,
  words: `Your password will expire in ${days} days.`,
});
const grace = (left: number): SessionWarning => ({
  kind: 'grace-logins',
  left,
  words: `You have ${left} grace logins remaining before you must change your password.`,
});

function result(day: number, warnings: readonly SessionWarning[], login = OK): SiteResult {
  const time = new Date(START + day * DAY_MS);
  return {
    site: 'site1',
    time,
    stages: [OK, login, OK],
    host: new Map(),
    left: [],
    transcript: '',
    ...(warnings.length > 0 && { warnings }),
  };
}

/** Plays a log-in every six hours, `said` of it by the day. Returns the days on which a message was due. */
function daysTold(said: (day: number) => readonly SessionWarning[], until: number, days = 14) {
  let expiry: SiteState['expiry'] = null;
  const told: number[] = [];
  for (let day = 0; day < until; day += 0.25) {
    const test = result(day, said(day));
    const judged = judgeExpiry(expiry, test, days, test.time);
    expiry = judged.expiry;
    if (judged.event !== null) told.push(day);
  }
  return told;
}

describe('people are told', () => {
  test.each([
    ['from 14 days before, weekly, and daily in the last three days', 14, [6, 13, 17, 18, 19]],
    ['from as many days before as the config says', 5, [15, 17, 18, 19]],
    ['never with 0', 0, []],
    ['at once, if it begins late', 365, [0, 7, 14, 17, 18, 19]],
  ])('%s', (_, days, expected) => {
    // The gateway counts the whole days until day 20.
    expect(daysTold((day) => [inDays(Math.floor(20 - day))], 20, days)).toEqual(expected);
  });

  test('weekly while a gateway counts log-ins, daily from three on', () => {
    expect(daysTold((day) => [grace(day < 10 ? 5 : 3)], 13)).toEqual([0, 7, 10, 11, 12]);
  });

  test('again for a password that was changed and expires again soon', () => {
    const said = (day: number) => (day < 2 ? [inDays(Math.floor(9 - day))] : [inDays(Math.floor(14 - day))]);
    expect(daysTold(said, 6)).toEqual([0, 2]);
  });

  test('nothing after the password was changed, nor of a new version', () => {
    expect(daysTold((day) => (day < 1 ? [inDays(2)] : [{ kind: 'new-version', words: 'new' }]), 6)).toEqual([
      0,
    ]);
  });

  test('not because the clock was set', () => {
    const first = judgeExpiry(null, result(5, [inDays(9)]), 14, new Date(START + 5 * DAY_MS));
    const back = judgeExpiry(first.expiry, result(4.9, [inDays(9)]), 14, new Date(START + 4.9 * DAY_MS));
    expect(back.event).toBeNull();
    // A step of weeks may tell once more, and does not silence the next message.
    const far = judgeExpiry(first.expiry, result(-30, [inDays(9)]), 14, new Date(START - 30 * DAY_MS));
    expect(far.event).not.toBeNull();
  });
});

describe('the expiry', () => {
  test('stays where it is while the gateway counts whole days', () => {
    let expiry: SiteState['expiry'] = null;
    const seen = new Set<string | null | undefined>();
    for (let day = 0; day < 10; day += 0.25) {
      expiry = judgeExpiry(expiry, result(day, [inDays(Math.floor(20.5 - day))]), 14, new Date()).expiry;
      seen.add(expiry?.at);
    }
    expect([...seen]).toEqual([new Date(START + 20 * DAY_MS).toISOString()]);
  });

  test('becomes exact when the gateway counts hours', () => {
    const known = judgeExpiry(null, result(0, [inDays(1)]), 14, new Date()).expiry;
    const hours: SessionWarning = { kind: 'password-expires', inMs: 5 * HOUR_MS, words: '5 hours' };
    const at = judgeExpiry(known, result(1, [hours]), 14, new Date()).expiry?.at;
    expect(at).toBe(new Date(START + DAY_MS + 5 * HOUR_MS).toISOString());
  });

  test('stays known while log-ins fail, and is forgotten when one works without a warning', () => {
    const known = judgeExpiry(null, result(0, [inDays(3)]), 14, new Date(START)).expiry;
    expect(known).not.toBeNull();
    expect(judgeExpiry(known, result(1, [], FAILED), 14, new Date(START))).toEqual({
      expiry: known,
      event: null,
    });
    expect(judgeExpiry(known, result(1, []), 14, new Date(START))).toEqual({ expiry: null, event: null });
  });
});

describe('the message', () => {
  const sender = { ...SENDER, hostname: 'host1' };
  const message = (warnings: readonly SessionWarning[]) => {
    const { event } = judgeExpiry(null, result(0, warnings), 14, new Date(START));
    if (event === null) throw new Error('no event');
    return expiryMessage(event, sender);
  };

  test('says when, for which site, and what to do', () => {
    expect(message([inDays(5), grace(2)])).toMatchObject({
      subject: 'The password for site1 expires in 5 days',
      text: expect.stringMatching(
        new RegExp(
          [
            "^site1: the monitor's password will expire \\(Your password will expire in 5 days\\. You have 2 grace logins .*\\)",
            '',
            'Site: +site1',
            'Monitored by: +host1',
            'Expires: +2026-11-06 .*',
            'Log-ins left: +2',
            '',
            'Change it at the gateway, then where the config of the monitor has it',
          ].join('\n'),
        ),
      ),
    });
  });

  test('counts the days as the gateway does, some seconds after it has', () => {
    const { event } = judgeExpiry(null, result(0, [inDays(5)]), 14, new Date(START + 9000));
    if (event === null) throw new Error('no event');
    expect(expiryMessage(event, sender).subject).toBe('The password for site1 expires in 5 days');
  });

  test.each([
    [[{ ...inDays(1) }], 'The password for site1 expires in 1 day'],
    [
      [{ kind: 'password-expires', inMs: 5 * HOUR_MS + 60_000, words: 'soon' }],
      'The password for site1 expires in 5 h 1 min',
    ],
    [[grace(1)], '1 log-in left before the password for site1 must be changed'],
  ] as const)('has one of these subjects: %j', (warnings, subject) => {
    expect(message(warnings).subject).toBe(subject);
  });
});
