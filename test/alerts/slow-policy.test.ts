import { describe, expect, test } from 'vitest';
import { slowMessage } from '../../src/alerts/slow-message.ts';
import { judgeSlow, type SlowSettings } from '../../src/alerts/slow-policy.ts';
import { type SlowLimits, slowStages } from '../../src/model/slow.ts';
import type { SiteResult } from '../../src/model/test-result.ts';
import type { SiteState } from '../../src/state/store.ts';
import { ok, REJECTED } from '../support/results.ts';
import { result, SENDER } from './support.ts';

const START = Date.parse('2018-11-14T05:00:00Z');
const LIMITS: SlowLimits = [200, 15_000, null];

/** One test each ten minutes: `+` fast, `s` slow, `-` failed, `h` one with a fault of this host. */
function resultOf(test: string, index: number): SiteResult {
  const time = new Date(START + index * 600_000);
  if (test === '-') return result(time, [ok(5), REJECTED, ok(5)]);
  if (test === 'h')
    return result(time, [ok(5), REJECTED, ok(5)], { host: new Map([['cleaning', 'java lives']]) });
  const stages = [ok(5), ok(test === 's' ? 18_230 : 5000), ok(9999)] as const;
  const slow = slowStages({ stages }, LIMITS);
  return { ...result(time, stages), ...(slow.length === 0 ? {} : { slow }) };
}

function play(tests: string, changes: Partial<SlowSettings> = {}) {
  let slow: SiteState['slow'] = null;
  const events: string[] = [];
  for (const [index, test] of [...tests].entries()) {
    const given = resultOf(test, index);
    const settings = { after: 2, recoverAfter: 1, recovery: true, quiet: false, ...changes };
    const judged = judgeSlow(slow, given, settings, given.time);
    slow = judged.slow;
    if (judged.event === null) continue;
    const { kind, tests: count, since } = judged.event;
    events.push(`${index} ${kind} ${count} since ${(since.getTime() - START) / 600_000}`);
  }
  return events;
}

describe('a slow site', () => {
  test.each<[string, string, Partial<SlowSettings>, string[]]>([
    ['a slow test alone: none', '+s+s+', {}, []],
    [
      'as many in a row as alerts.after: one, and one at the end',
      '+sssss++',
      {},
      ['2 slow 2 since 1', '6 fast 5 since 1'],
    ],
    [
      'a second time',
      'ss+ss+',
      {},
      ['1 slow 2 since 0', '2 fast 2 since 0', '4 slow 2 since 3', '5 fast 2 since 3'],
    ],
    ['a failure between: not in a row', 's-s-s-', {}, []],
    [
      'an outage of a site that was slow: the end of the slowness comes with the first fast test',
      'ss---s+',
      {},
      ['1 slow 2 since 0', '6 fast 3 since 0'],
    ],
    [
      'a test that a fault of this host makes void changes nothing',
      'shs+h+',
      {},
      ['2 slow 2 since 0', '3 fast 2 since 0'],
    ],
    ['recover_after', 'ss+s++', { recoverAfter: 2 }, ['1 slow 2 since 0', '5 fast 3 since 0']],
    ['without recovery mails', 'ss++', { recovery: false }, ['1 slow 2 since 0']],
    ['in maintenance or silenced', 'sss+', { quiet: true }, []],
  ])('%s', (_, tests, changes, events) => {
    expect(play(tests, changes)).toEqual(events);
  });

  test('is told after a silence; the end of what was told is told within one', () => {
    const settings = { after: 2, recoverAfter: 1, recovery: true };
    const judge = (before: SiteState['slow'], test: string, index: number, quiet: boolean) => {
      const given = resultOf(test, index);
      return judgeSlow(before, given, { ...settings, quiet }, given.time);
    };
    const first = judge(null, 's', 0, true);
    const second = judge(first.slow, 's', 1, true);
    expect(second.event).toBeNull();
    const third = judge(second.slow, 's', 2, false);
    expect(third.event).toMatchObject({ kind: 'slow', tests: 3 });
    expect(judge(third.slow, '+', 3, true).event).toMatchObject({ kind: 'fast' });
  });
});

test('a stage is slow above its limit, and only in a test that works', () => {
  expect(slowStages({ stages: [ok(200), ok(15_000.1), ok(9999)] }, LIMITS)).toEqual([
    { stage: 2, ms: 15_000.1, limitMs: 15_000 },
  ]);
  expect(slowStages({ stages: [ok(201), REJECTED, ok(9999)] }, LIMITS)).toEqual([]);
});

test('the messages', () => {
  const given = resultOf('s', 1);
  const event = { result: given, tests: 2, since: new Date(START), at: given.time, first: {} };
  const addresses = { externalIp: '192.0.2.10', vpnGw: 'site1.example.com', internalIp: '10.0.0.1' };
  const { subject, note, text } = slowMessage({ ...event, kind: 'slow' }, SENDER, addresses);
  expect(subject).toBe('VPN site1 SLOW: log in 18.2 s (limit 15.0 s)');
  expect(note).toBe('log in 18.2 s (limit 15.0 s)');
  expect(text).toMatch(/^site1: all three stages work, but slowly: log in 18\.2 s \(limit 15\.0 s\)\n/);
  expect(text).toMatch(/^Slow: +2 in a row, since 2018-11-14 /m);
  expect(text).toContain('\nStage 2, log in:        18230.000 ms\n');
  expect(text).toContain('\nTest it now:  vpn-monitor once -c /etc/vpn-monitor/config.yml site1\n');
  const end = slowMessage({ ...event, kind: 'fast' }, SENDER, undefined);
  expect(end.subject).toBe('VPN site1 is as fast as before (slow 10 min)');
  expect(end.text).toMatch(/^site1 is as fast as before, after 10 min\n/);
});
