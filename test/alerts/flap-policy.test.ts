import { describe, expect, test } from 'vitest';
import { flapMessage } from '../../src/alerts/flap-message.ts';
import { type AlertSettings, agesByWallClock, judgeSite, NEVER_TESTED } from '../../src/alerts/policy.ts';
import type { SiteState } from '../../src/state/store.ts';
import { down, SENDER, up } from './support.ts';

const START = Date.parse('2018-11-14T05:00:00Z');
const STEP_MS = 600_000;
const SETTINGS = {
  after: 1,
  remindMs: 0,
  recovery: true,
  intervalMs: STEP_MS,
  recoverAfter: 1,
  maintenance: false,
  silenced: false,
  acknowledged: false,
  orders: [],
  flap: { changes: 4, hours: 3 },
};

/** One test each ten minutes: `+` a success, `-` a failure; in `quiet` the site is silenced, from `[` to `]`. */
function play(tests: string, changes: Partial<AlertSettings> = {}) {
  let state: SiteState = NEVER_TESTED;
  let index = 0;
  let quiet = false;
  const events: string[] = [];
  for (const test of tests) {
    if (test === '[' || test === ']') {
      quiet = test === '[';
      continue;
    }
    const time = new Date(START + index * STEP_MS);
    const given = test === '+' ? up(time) : down(time);
    const ages = agesByWallClock(state, given, time);
    const settings = { ...SETTINGS, silenced: quiet, ...changes, ages };
    const judged = judgeSite(state, given, settings, time);
    state = judged.state;
    if (judged.event !== null) events.push(`${index} ${judged.event.kind}`);
    index += 1;
  }
  return { events, state };
}

describe('a site that flaps', () => {
  test.each<[string, string, Partial<AlertSettings>, string[]]>([
    ['three changes: as ever', '+-+-', {}, ['1 failure', '2 recovery', '3 failure']],
    [
      'four: one message instead, then none',
      '+-+-+-+-+',
      {},
      ['1 failure', '2 recovery', '3 failure', '4 flapping'],
    ],
    [
      'steady for an hour: one message, and all as before',
      '+-+-+-+++++++-',
      {},
      ['1 failure', '2 recovery', '3 failure', '4 flapping', '12 steady', '13 failure'],
    ],
    [
      'steady and down: it announces the outage, whose end is told',
      '+-+-+-------+',
      {},
      ['1 failure', '2 recovery', '3 failure', '4 flapping', '11 steady', '12 recovery'],
    ],
    [
      'a change within the hour begins it anew',
      '+-+-+++++-++++++',
      {},
      ['1 failure', '2 recovery', '3 failure', '4 flapping'],
    ],
    [
      'more time than the hours',
      '-+++++++-++++++++-+',
      { flap: { changes: 4, hours: 1 } },
      ['0 failure', '1 recovery', '8 failure', '9 recovery', '17 failure', '18 recovery'],
    ],
    ['a failure below the threshold is no change', '+-+-+-+-+-+', { after: 2 }, []],
    [
      'a site that never flaps',
      '-+-+-+',
      { flap: { changes: 0, hours: 3 } },
      ['0 failure', '1 recovery', '2 failure', '3 recovery', '4 failure', '5 recovery'],
    ],
    ['in maintenance nothing counts', '-+-+-+-+', { maintenance: true }, []],
    ['silenced: told at the first change after it', '[-+-+-]+', {}, ['5 flapping']],
    [
      'without recovery mails its end is not told',
      '-+-+++++++',
      { recovery: false },
      ['0 failure', '2 failure', '3 flapping'],
    ],
    [
      'down and steady in a silence: told after it',
      '-+-+[-------]-',
      {},
      ['0 failure', '1 recovery', '2 failure', '3 flapping', '11 steady'],
    ],
  ])('%s', (_, tests, changes, events) => {
    expect(play(tests, changes).events).toEqual(events);
  });

  test('its outages are withheld for that reason', () => {
    const { state } = play('-+-+-');
    expect(state).toMatchObject({ announced: null, withheld: 'flapping', consecutiveFailures: 1 });
  });

  test('however long it flaps, its last hundred changes are kept', () => {
    const { state } = play('-+'.repeat(75));
    expect(state.flap?.changes).toHaveLength(100);
    expect(state.flap?.changes.at(-1)?.at).toBe(new Date(START + 149 * STEP_MS).toISOString());
  });

  test('an outage that goes on when it is steady is reminded of', () => {
    const kinds = play(`-+-+${'-'.repeat(14)}`, { remindMs: 6 * STEP_MS }).events;
    expect(kinds).toEqual(['0 failure', '1 recovery', '2 failure', '3 flapping', '10 steady', '16 reminder']);
  });

  test('the clock that is set back makes it no longer', () => {
    const time = new Date(START);
    const { state } = play('-+-+');
    const before = { ...state, lastResult: new Date(START + 400 * 24 * 3600_000).toISOString() };
    const judged = judgeSite(
      before,
      down(time),
      { ...SETTINGS, ages: agesByWallClock(before, down(time), time) },
      time,
    );
    expect(judged.state.flap?.changes.every(({ ago }) => ago >= 0)).toBe(true);
  });
});

test('the messages', () => {
  const result = down(new Date('2018-11-14T05:30:00Z'));
  const changes = [true, false, true].map((isDown, index) => ({
    at: new Date(START + index * STEP_MS),
    down: isDown,
  }));
  const event = {
    result,
    changes,
    down: true,
    cause: 'credentials-rejected',
    since: new Date('2018-11-14T05:20:00Z'),
    at: result.time,
    first: {},
  };
  const flapping = flapMessage({ ...event, kind: 'flapping' }, SENDER, undefined);
  expect(flapping.subject).toBe('VPN site1 flapping: 3 changes within 30 min');
  expect(flapping.text).toMatch(
    /^site1 keeps going down and coming back: 3 changes within 30 min, now DOWN\nNo further mail about it until it has been steady for an hour\.\nsite1: .*rejects the credentials/,
  );
  expect(flapping.text).toMatch(/\nIts last changes:\n {2}\d\d:00 down\n {2}\d\d:10 up\n {2}\d\d:20 down\n/);
  const steady = flapMessage({ ...event, kind: 'steady', down: false }, SENDER, undefined);
  expect(steady.subject).toBe('VPN site1 is steady again: UP');
  expect(flapMessage({ ...event, kind: 'steady' }, SENDER, undefined).subject).toBe(
    'VPN site1 is steady again: DOWN, credentials rejected',
  );
});
