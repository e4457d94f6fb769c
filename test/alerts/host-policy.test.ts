import { describe, expect, test } from 'vitest';
import { judgeHost } from '../../src/alerts/host-policy.ts';
import type { HostFaultKind } from '../../src/model/test-result.ts';
import type { HostFaultState } from '../../src/state/store.ts';

type Report = { readonly [K in HostFaultKind]?: string | null };

/** Plays reports, one a minute, and gives the mails. */
function play(...reports: Report[]) {
  let state: HostFaultState | null = null;
  const mails: string[] = [];
  reports.forEach((report, index) => {
    const now = new Date(Date.UTC(2018, 10, 14, 5, index));
    const entries = Object.entries(report) as [HostFaultKind, string | null][];
    const judged = judgeHost(state, new Map(entries), now);
    state = judged.state;
    for (const { kind, faults, since } of judged.events) {
      mails.push(
        `${index} ${kind} [${faults.map(({ words }) => words).join(', ')}] since ${since.getUTCMinutes()}`,
      );
    }
  });
  return { mails, state: state as HostFaultState | null };
}

const noClient = { 'client startct': 'startct is not in PATH' };
const noUplink = { uplink: 'no target answers' };
const noPing = { ping: 'ping is not in PATH' };

describe('the alerts of this host', () => {
  test.each<[string, Report[], string[]]>([
    ['all well: none', [{ ping: null, ps: null }, {}], []],
    [
      'three sites with the same missing client: one',
      [noClient, noClient, noClient],
      ['0 host-fault [startct is not in PATH] since 0'],
    ],
    [
      'a kind that no mail has named yet: one more',
      [noClient, { ...noClient, ...noPing }, noPing],
      [
        '0 host-fault [startct is not in PATH] since 0',
        '1 host-fault [startct is not in PATH, ping is not in PATH] since 0',
      ],
    ],
    [
      'one that was named, went and came back in the same incident: none',
      [{ ...noClient, ...noPing }, { ping: null }, noPing, noPing],
      ['0 host-fault [startct is not in PATH, ping is not in PATH] since 0'],
    ],
    [
      'all well again: one',
      [noClient, {}, { 'client startct': null }, { 'client startct': null }],
      ['0 host-fault [startct is not in PATH] since 0', '2 host-recovery [startct is not in PATH] since 0'],
    ],
    [
      'one of two well again: none',
      [{ ...noClient, ...noPing }, { ping: null }],
      ['0 host-fault [startct is not in PATH, ping is not in PATH] since 0'],
    ],
    [
      'a client that is well says nothing of another',
      [noClient, { 'client other': null }],
      ['0 host-fault [startct is not in PATH] since 0'],
    ],
    [
      'the next incident begins anew',
      [noPing, { ping: null }, noPing],
      [
        '0 host-fault [ping is not in PATH] since 0',
        '1 host-recovery [ping is not in PATH] since 0',
        '2 host-fault [ping is not in PATH] since 2',
      ],
    ],
    [
      'pings of three sites that a firewall of this host stops, one after the other: one',
      [
        { ping: null, 'ping a': 'not permitted' },
        { ping: null, 'ping b': 'not permitted' },
        { ping: null, 'ping c': 'not permitted' },
      ],
      ['0 host-fault [not permitted] since 0'],
    ],
    [
      'pings of one site that it stops, beside one that is well: one, and one at the end',
      [{ 'ping a': 'no' }, { 'ping b': null }, { 'ping a': 'no' }, { 'ping b': null }, { 'ping a': null }],
      ['0 host-fault [no] since 0', '4 host-recovery [no] since 0'],
    ],
    [
      'an incident of an older program that named ping: no second mail',
      [noPing, { ping: null, 'ping a': 'not permitted' }],
      ['0 host-fault [ping is not in PATH] since 0'],
    ],
    [
      'a client that is called ping is another thing',
      [{ 'ping a': 'no' }, { 'client ping': 'no client' }],
      ['0 host-fault [no] since 0', '1 host-fault [no, no client] since 0'],
    ],
    [
      'no uplink: one when it is back, with when it was lost',
      [{}, noUplink, { ...noUplink, ping: null }, { uplink: null }, { uplink: null }],
      ['3 uplink [no target answers] since 1'],
    ],
    [
      'no uplink, during another fault: that one is told as ever',
      [noUplink, { ...noUplink, ...noPing }, { uplink: null }, { ping: null }],
      [
        '1 host-fault [no target answers, ping is not in PATH] since 1',
        '2 uplink [no target answers] since 0',
        '3 host-recovery [ping is not in PATH] since 1',
      ],
    ],
    [
      'another fault that ends while there is no uplink',
      [noPing, noUplink, { ping: null }, {}, { uplink: null }, noPing],
      [
        '0 host-fault [ping is not in PATH] since 0',
        '2 host-recovery [ping is not in PATH] since 0',
        '4 uplink [no target answers] since 1',
        '5 host-fault [ping is not in PATH] since 5',
      ],
    ],
    [
      'both well at once: one each',
      [
        { ...noPing, ...noUplink },
        { ping: null, uplink: null },
      ],
      [
        '0 host-fault [ping is not in PATH, no target answers] since 0',
        '1 uplink [no target answers] since 0',
        '1 host-recovery [ping is not in PATH] since 0',
      ],
    ],
    [
      'rows, state and log that a full disk hits together: one',
      [{ records: 'rows: ENOSPC' }, { records: 'rows: ENOSPC; state: ENOSPC' }, { records: 'log: ENOSPC' }],
      ['0 host-fault [rows: ENOSPC] since 0'],
    ],
  ])('%s', (_, reports, mails) => {
    expect(play(...reports).mails).toEqual(mails);
  });

  test('keep the latest words of a fault and the mail that opened the incident', () => {
    const { state } = play(noPing);
    if (state === null) throw new Error('no incident');
    const next = judgeHost(
      { ...state, first: { mail: 'first@b' } },
      new Map([
        ['ping', 'not permitted'],
        ['ps', 'no ps'],
      ]),
      new Date(),
    );
    expect(next.state).toEqual({
      since: '2018-11-14T05:00:00.000Z',
      first: { mail: 'first@b' },
      announced: ['ping', 'ps'],
      faults: [
        { kind: 'ping', words: 'not permitted' },
        { kind: 'ps', words: 'no ps' },
      ],
    });
    expect(next.events[0]?.first).toEqual({ mail: 'first@b' });
  });
});
