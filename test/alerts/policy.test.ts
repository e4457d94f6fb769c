import { describe, expect, test } from 'vitest';
import {
  type AlertSettings,
  agesByWallClock,
  counts,
  judgeSite,
  NEVER_TESTED,
  pruneSites,
} from '../../src/alerts/policy.ts';
import type { Cause, HostFaultKind, SiteResult, StageResult } from '../../src/model/test-result.ts';
import { freshState, type SiteState } from '../../src/state/store.ts';
import { REJECTED } from '../support/results.ts';
import { down, emailConfig, OK, result, unsent, up } from './support.ts';

const settings = {
  after: 2,
  remindMs: 24 * 3600_000,
  recovery: true,
  intervalMs: 600_000,
  recoverAfter: 1,
  maintenance: false,
  silenced: false,
  acknowledged: false,
  orders: [],
  flap: { changes: 0, hours: 3 },
};
const start = Date.parse('2018-11-14T05:00:00Z');
const minute = (n: number) => new Date(start + n * 60_000);

/** Judges a result on a clock that was never stepped, unless `changes` says what the ages are. */
function judge(before: SiteState, result: SiteResult, now: Date, changes: Partial<AlertSettings> = {}) {
  return judgeSite(
    before,
    result,
    { ...settings, ages: agesByWallClock(before, result, now), ...changes },
    now,
  );
}

/** Plays results, one each ten minutes: `+` a success, `-` a failure, `h` one with a fault of this host, `.` no test. */
function play(tests: string, changes: Partial<AlertSettings> = {}, from: SiteState = NEVER_TESTED) {
  const events: string[] = [];
  let state = from;
  [...tests].forEach((test, index) => {
    if (test === '.') return;
    const time = minute(index * 10);
    const unmeasured = result(time, [OK, REJECTED, OK], { host: new Map([['cleaning', 'java lives']]) });
    const given = test === '+' ? up(time) : test === '-' ? down(time) : unmeasured;
    const judged = judge(state, given, time, changes);
    state = judged.state;
    if (judged.event && 'failures' in judged.event) {
      const { kind, failures, since } = judged.event;
      events.push(`${index} ${kind} ${failures} since ${(since.getTime() - start) / 600_000}`);
    }
  });
  return { events, state };
}

describe('the alerts of a site', () => {
  test.each<[string, string, Partial<AlertSettings>, string[]]>([
    ['no failure, no mail', '++++', {}, []],
    ['one failure is silent', '+-+', {}, []],
    ['failures that are not in a row are silent', '+-+-+-+', {}, []],
    ['two in a row: one mail', '+--', {}, ['2 failure 2 since 1']],
    ["the script's fault: a mail at every further failure", '+------', {}, ['2 failure 2 since 1']],
    ["the script's fault: none at recovery", '+---+', {}, ['2 failure 2 since 1', '4 recovery 3 since 1']],
    [
      'the next outage begins anew',
      '--+--',
      {},
      ['1 failure 2 since 0', '2 recovery 2 since 0', '4 failure 2 since 3'],
    ],
    ['alerts.after 1: at the first', '-+', { after: 1 }, ['0 failure 1 since 0', '1 recovery 1 since 0']],
    ['alerts.after 4: at the fourth', '-----', { after: 4 }, ['3 failure 4 since 0']],
    ['alerts.recovery false', '--+--', { recovery: false }, ['1 failure 2 since 0', '4 failure 2 since 3']],
    ['no recovery without a failure mail', '-+', {}, []],
    [
      'a reminder each remind_hours',
      '-----------',
      { remindMs: 30 * 60_000 },
      ['1 failure 2 since 0', '4 reminder 5 since 0', '7 reminder 8 since 0', '10 reminder 11 since 0'],
    ],
    ['remind_hours 0: none', '-'.repeat(200), { remindMs: 0 }, ['1 failure 2 since 0']],
    [
      '24 hours: one at the first test after them',
      '-'.repeat(150),
      {},
      ['1 failure 2 since 0', '145 reminder 146 since 0'],
    ],
    ['a fault of this host counts neither way', '-h-', {}, ['2 failure 2 since 0']],
    ['a fault of this host ends no outage', '--hh+', {}, ['1 failure 2 since 0', '4 recovery 2 since 0']],
    [
      'a fault of this host brings no reminder',
      '--hhhhh',
      { remindMs: 30 * 60_000 },
      ['1 failure 2 since 0'],
    ],
    ['a streak that is three intervals old lives', '-..-', {}, ['3 failure 2 since 0']],
    ['one that is older is dropped', '-...--', {}, ['5 failure 2 since 4']],
    ['also where faults of this host filled the time', '-hhh-', {}, []],
    [
      'one that was told of is not dropped',
      '--.........+',
      {},
      ['1 failure 2 since 0', '11 recovery 2 since 0'],
    ],
    [
      'cycles that take longer than the frequency: the true interval counts',
      '-....-',
      { intervalMs: 3_000_000 },
      ['5 failure 2 since 0'],
    ],
  ])('%s', (_, tests, changes, events) => {
    expect(play(tests, changes).events).toEqual(events);
  });

  test('a threshold that was lowered counts from the next failure', () => {
    const { state } = play('---', { after: 5 });
    expect(play('-', { after: 2 }, { ...state, lastResult: minute(-10).toISOString() }).events).toEqual([
      '0 failure 4 since 0',
    ]);
  });

  test('of a site in a maintenance window are silent; what still fails after it is told then', () => {
    const during = play('+----', { maintenance: true });
    expect(during).toMatchObject({ events: [], state: { withheld: 'maintenance', consecutiveFailures: 4 } });
    const after = play('-', {}, { ...during.state, lastResult: minute(-10).toISOString() });
    expect(after).toMatchObject({ events: ['0 failure 5 since 1'], state: { withheld: null } });
  });

  test('of a site that is back after some successes in a row: once, with the time of the first', () => {
    const three = { recoverAfter: 3 };
    expect(play('+--++-+++', three).events).toEqual(['2 failure 2 since 1', '8 recovery 3 since 1']);
    const { state } = play('+--++', three);
    expect(state).toMatchObject({
      consecutiveFailures: 2,
      recovering: { successes: 2, since: minute(30).toISOString() },
      lastSuccess: minute(0).toISOString(),
      lastResult: minute(40).toISOString(),
    });
    const { event } = judge(state, up(minute(50)), minute(50), three);
    expect(event).toMatchObject({ kind: 'recovery', back: minute(30), lastSuccess: minute(0) });
    // Below the threshold there is nothing to end.
    expect(play('+-+-+--', three).events).toEqual(['6 failure 2 since 5']);
  });

  test('of a silenced site are silent; what still fails after the silence is told then', () => {
    const during = play('+----', { silenced: true });
    expect(during).toMatchObject({ events: [], state: { withheld: 'silenced' } });
    const after = play('-', {}, { ...during.state, lastResult: minute(-10).toISOString() });
    expect(after).toMatchObject({ events: ['0 failure 5 since 1'], state: { withheld: null } });
    expect(play('+---', { silenced: true, maintenance: true }).state.withheld).toBe('maintenance');
  });

  test('of an outage that is acknowledged are no reminders; its begin and its end are told', () => {
    const { state, events } = play('+--', { acknowledged: true });
    expect(events).toEqual(['2 failure 2 since 1']);
    const later = { remindMs: 600_000, ages: { result: 600_000, reminder: 900_000 } };
    expect(play('-', { ...later, acknowledged: true }, state).events).toEqual([]);
    expect(play('-', { ...later, silenced: true }, state).events).toEqual([]);
    expect(play('-', later, state).events).toEqual(['0 reminder 3 since 1']);
    expect(play('+', { acknowledged: true, silenced: true }, state).events).toEqual(['0 recovery 2 since 1']);
  });

  test('of an outage that began and ended in a window are none', () => {
    expect(play('+---+', { maintenance: true }).events).toEqual([]);
    const { state } = play('+---', { maintenance: true });
    expect(play('+', {}, state).events).toEqual([]);
  });

  test('of an outage that people know of: its end is told in a window too, a reminder after it', () => {
    const { state } = play('+--');
    const later = { remindMs: 600_000, ages: { result: 600_000, reminder: 900_000 } };
    expect(play('-', { ...later, maintenance: true }, state).events).toEqual([]);
    expect(play('-', later, state).events).toEqual(['0 reminder 3 since 1']);
    expect(play('+', { maintenance: true }, state).events).toEqual(['0 recovery 2 since 1']);
  });

  test('keeps what the mails need', () => {
    expect(play('+--').state).toEqual({
      ...NEVER_TESTED,
      consecutiveFailures: 2,
      cause: 'credentials-rejected',
      since: minute(10).toISOString(),
      lastSuccess: minute(0).toISOString(),
      lastResult: minute(20).toISOString(),
      announced: { first: {}, at: minute(20).toISOString(), lastReminder: minute(20).toISOString() },
      rejectedAt: minute(20).toISOString(),
    });
    expect(play('+--+').state).toEqual({
      ...NEVER_TESTED,
      lastSuccess: minute(30).toISOString(),
      lastResult: minute(30).toISOString(),
    });
  });

  test('a result that does not count leaves the streak as it is', () => {
    const { state } = play('+-');
    expect(play('h', {}, state).state).toEqual({ ...state, rejectedAt: minute(0).toISOString() });
  });

  test('when the credentials were last rejected is kept until they are good', () => {
    const at = minute(7);
    const rejected: SiteState = { ...NEVER_TESTED, rejectedAt: minute(0).toISOString() };
    const keptAfter = (login: StageResult, host?: SiteResult['host']) =>
      judge(rejected, result(at, [OK, login, OK], host && { host }), at).state.rejectedAt;
    const failed = (cause: Cause): StageResult => ({ outcome: 'error', cause, detail: '' });
    expect(keptAfter(REJECTED)).toBe(at.toISOString());
    // One more try at the account, whatever became of this host.
    expect(keptAfter(REJECTED, new Map([['cleaning', 'java lives']]))).toBe(at.toISOString());
    expect(keptAfter(failed('account-locked'))).toBe(at.toISOString());
    const factor = { outcome: 'error', cause: 'second-factor', detail: '' } as const;
    expect(keptAfter({ ...factor, rejected: true })).toBe(at.toISOString());
    expect(keptAfter(factor)).toBe(rejected.rejectedAt);
    for (const cause of [
      'not-tried',
      'step-timed-out',
      'unreachable',
      'host-not-clean',
      'password-expired',
    ] as const) {
      expect(keptAfter(failed(cause))).toBe(rejected.rejectedAt);
    }
    expect(keptAfter(OK)).toBeNull();
  });

  test('later mails refer to the first', () => {
    const { state } = play('--');
    const told = {
      ...state,
      announced: { ...(state.announced ?? fail()), first: { mail: 'first@example.com' } },
    };
    expect(judge(told, up(minute(20)), minute(20)).event?.first).toEqual({ mail: 'first@example.com' });
    const late = minute(60 * 25);
    expect(judge(told, down(late), late).event).toMatchObject({
      kind: 'reminder',
      first: { mail: 'first@example.com' },
    });
  });

  test('a clock that is set back by a year does not silence the reminders for one', () => {
    const { state } = play('--');
    const back = minute(-365 * 24 * 60);
    expect(judge(state, down(back), back).event?.kind).toBe('reminder');
    const hour = minute(-60);
    expect(judge(state, down(hour), hour).event).toBeNull();
  });
});

describe('a step of the wall clock', () => {
  const hour = 3600_000;
  const first = judge(NEVER_TESTED, down(minute(0)), minute(0)).state;
  const failed = (ages: AlertSettings['ages'], from: SiteState, time: Date) =>
    judge(from, down(time), time, { ages });

  test.each([-365, 365])('by %d days neither ends a streak nor brings a reminder', (days) => {
    const stepped = minute(days * 24 * 60);
    const second = failed({ result: 600_000, reminder: 0 }, first, stepped);
    expect(second.event).toMatchObject({ kind: 'failure', failures: 2 });
    const third = failed({ result: 600_000, reminder: 23 * hour }, second.state, minute(0));
    expect(third.event).toBeNull();
    const late = failed({ result: 600_000, reminder: 24 * hour }, third.state, stepped);
    expect(late.event?.kind).toBe('reminder');
  });

  test('does not keep a streak that is old', () => {
    const second = failed({ result: 3 * 600_000 + 1, reminder: 0 }, first, minute(10));
    expect(second.state.consecutiveFailures).toBe(1);
  });
});

describe('what counts', () => {
  const failed = (cause: Extract<StageResult, { outcome: 'error' }>['cause']): SiteResult =>
    result(minute(0), [OK, { outcome: 'error', cause, detail: '' }, OK]);
  test.each([
    'credentials-rejected',
    'refused',
    'prompt-not-seen',
    'step-timed-out',
    'client-exited',
    'name-not-resolved',
    'unreachable',
    'inside-unreachable',
    'ping-failed',
    'packet-loss',
    'deadline',
  ] as const)('a failure for %s does', (cause) => {
    expect(counts(failed(cause))).toBe(true);
  });
  test.each([
    'client-missing',
    'client-not-started',
    'client-busy',
    'ping-missing',
    'ping-not-permitted',
    'ping-not-started',
    'ping-not-sent',
    'host-not-clean',
    'ps-missing',
  ] as const)('a failure for %s does not', (cause) => {
    expect(counts(failed(cause))).toBe(false);
  });
  test.each<[HostFaultKind, boolean]>([
    ['ping', false],
    ['ping site1', false],
    ['ps', false],
    ['cleaning', false],
    ['client startct', false],
    ['records', true],
  ])('a failure beside a fault of kind %s: %s', (kind, expected) => {
    const host = new Map([[kind, 'words']]);
    expect(counts(result(minute(0), [OK, REJECTED, OK], { host }))).toBe(expected);
    expect(counts(result(minute(0), [OK, REJECTED, OK], { host: new Map([[kind, null]]) }))).toBe(true);
    expect(counts(result(minute(0), [OK, OK, OK], { host }))).toBe(true);
  });
});

describe('a site that is tested no more', () => {
  const stateWith = (waiting: boolean) => {
    const state = freshState();
    for (const name of ['kept', 'disabled', 'removed']) state.sites.set(name, play('--').state);
    for (const about of waiting ? ['disabled', 'removed'] : []) {
      state.outbox.push(unsent({ email: emailConfig(25), at: minute(0), about, subject: 's' }));
    }
    return state;
  };
  const sites = [
    { name: 'kept', enabled: true },
    { name: 'disabled', enabled: false },
  ];
  test('is forgotten', () => {
    const state = stateWith(false);
    expect(pruneSites(state, sites)).toBe(true);
    expect([...state.sites.keys()]).toEqual(['kept']);
    expect(pruneSites(state, sites)).toBe(false);
  });
  test('if it was taken out, after its mails are out; if it is disabled, at once', () => {
    const state = stateWith(true);
    pruneSites(state, sites);
    expect([...state.sites.keys()]).toEqual(['kept', 'removed']);
    expect(state.outbox).toHaveLength(2);
    state.outbox.splice(0);
    pruneSites(state, sites);
    expect([...state.sites.keys()]).toEqual(['kept']);
  });
});

function fail(): never {
  throw new Error('not announced');
}
