import { describe, expect, test } from 'vitest';
import { certificateMessage } from '../../src/alerts/certificate-message.ts';
import { judgeCertificates } from '../../src/alerts/certificate-policy.ts';
import type { Certificate, CertificateOwner } from '../../src/model/certificate.ts';
import type { SiteResult } from '../../src/model/test-result.ts';
import type { SiteState } from '../../src/state/store.ts';
import { DAY_MS } from '../../src/words/time.ts';
import { SENDER, up } from './support.ts';

/** The moment from which the tables count, in days. */
const START = Date.parse('2026-11-01T08:00:00Z');
const at = (day: number) => new Date(START + day * DAY_MS);

/** A certificate that is valid until a day. */
function certificate(name: string, until: number, owner: CertificateOwner = 'gateway'): Certificate {
  return { owner, fingerprint: name, from: at(-100), until: at(until), wrongName: null };
}

function seen(day: number, ...certificates: readonly Certificate[]): SiteResult {
  return {
    ...up(at(day)),
    certificates: certificates.map((each) => ({ owner: each.owner, certificate: each })),
  };
}

const unread = (day: number): SiteResult => ({
  ...up(at(day)),
  certificates: [{ owner: 'gateway', certificate: null, why: 'no answer within 3 s' }],
});

/** Plays a look every six hours; `what` was seen by the day. Returns the messages, `certificate` as its day alone. */
function told(what: (day: number) => SiteResult, until: number, days = 14) {
  let certificates: SiteState['certificates'] = [];
  const messages: (number | string)[] = [];
  for (let day = 0; day < until; day += 0.25) {
    const judged = judgeCertificates(certificates, what(day), days, at(day));
    // Over a restart: as the state file keeps it.
    certificates = JSON.parse(JSON.stringify(judged.certificates));
    for (const { kind } of judged.events) messages.push(kind === 'renewed' ? `renewed ${day}` : day);
  }
  return messages;
}

describe('people are told', () => {
  test.each([
    [
      'from 14 days before, weekly, daily in the last three days, at the expiry, and weekly after it',
      14,
      [6, 13, 17, 18, 19, 20, 27],
    ],
    ['from as many days before as the config says', 5, [15, 17, 18, 19, 20, 27]],
    ['never with 0', 0, []],
    ['at once, if it begins late', 365, [0, 7, 14, 17, 18, 19, 20, 27]],
  ])('%s', (_, days, expected) => {
    expect(told((day) => seen(day, certificate('a', 20)), 30, days)).toEqual(expected);
  });

  test.each([
    ['once that it was renewed', 4.25, 100, [0, 'renewed 4.25']],
    ['that it was renewed, also after its expiry', 11, 100, [0, 7, 8, 9, 10, 'renewed 11']],
    ['of the next one if it expires soon as well, in the same rhythm', 4.25, 16, [0, 7, 13, 14, 15, 16]],
    ['that it was renewed by one whose time has come later', 4.25, 25, [0, 'renewed 4.25', 11, 18]],
  ])('%s', (_, renewed, until, expected) => {
    const play = (day: number) => seen(day, day < renewed ? certificate('a', 10) : certificate('b', until));
    expect(told(play, 19)).toEqual(expected);
  });

  test('nothing of one that is renewed in time', () => {
    expect(told((day) => seen(day, day < 4 ? certificate('a', 20) : certificate('b', 90)), 10)).toEqual([]);
  });

  test('not each hour, where two servers behind one name show the old one and the new one in turns', () => {
    const play = (day: number) => seen(day, day % 0.5 === 0 ? certificate('a', 12) : certificate('b', 90));
    expect(told(play, 8)).toEqual([0, 'renewed 0.25', 7, 'renewed 7.25']);
  });

  test('in the rhythm that goes on, where one can not be read meanwhile', () => {
    const play = (day: number) => (day > 1 && day < 8.5 ? unread(day) : seen(day, certificate('a', 12)));
    expect(told(play, 9)).toEqual([0, 8.5]);
  });

  test('of each owner by itself', () => {
    const play = (day: number) => seen(day, certificate('a', 90), certificate('u', 10, 'user'));
    expect(told(play, 8)).toEqual([0, 7]);
  });

  test('nothing of a test beside which nothing was looked at', () => {
    const known = judgeCertificates([], seen(0, certificate('a', 10)), 14, at(0)).certificates;
    const judged = judgeCertificates(known, up(at(1)), 14, at(8));
    expect(judged).toEqual({ certificates: known, events: [], changes: [] });
  });

  test('not because the clock was set back', () => {
    const first = judgeCertificates([], seen(5, certificate('a', 10)), 14, at(5));
    const back = judgeCertificates(first.certificates, seen(4.9, certificate('a', 10)), 14, at(4.9));
    expect(back.events).toEqual([]);
  });
});

test('a change is reported once, whether anything expires or not', () => {
  const first = judgeCertificates([], seen(0, certificate('a', 90)), 14, at(0));
  expect(first.changes).toEqual([]);
  const second = judgeCertificates(first.certificates, seen(1, certificate('b', 190)), 14, at(1));
  expect(second.changes).toEqual([{ before: first.certificates[0], certificate: certificate('b', 190) }]);
  const third = judgeCertificates(second.certificates, seen(2, certificate('b', 190)), 14, at(2));
  expect(third.changes).toEqual([]);
});

test('one that the config names no more is forgotten', () => {
  const both = seen(0, certificate('a', 90), certificate('u', 10, 'user'));
  const known = judgeCertificates([], both, 14, at(0)).certificates;
  const { certificates } = judgeCertificates(known, seen(1, certificate('a', 90)), 14, at(1));
  expect(certificates.map(({ owner }) => owner)).toEqual(['gateway']);
});

describe('the message', () => {
  const addresses = { externalIp: '192.0.2.10', vpnGw: 'vpn.example.com', internalIp: '10.0.0.1' };
  const FOOT = `
Results:  /srv/results/result_261101.csv
Log:      /srv/results/monitoring.log
Config:   /etc/vpn-monitor/config.yml

vpn-monitor 1.0.0
`;

  test('of one that expires', () => {
    const { subject, note, text, foot } = certificateMessage(
      { kind: 'certificate', result: seen(0), certificate: certificate('AA:BB', 10), at: at(0) },
      SENDER,
      addresses,
    );
    expect(subject).toBe('The certificate of the gateway for site1 expires in 10 days');
    expect(note).toBe('gateway, expires in 10 days');
    expect(foot).toBe(FOOT);
    expect(
      text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(UTC.\d\d:\d\d\)/g, 'TIME'),
    ).toBe(`site1: the certificate of the gateway expires in 10 days

Site:          site1
Gateway:       vpn.example.com (pinged at 192.0.2.10)
Inside:        10.0.0.1
Monitored by:  monitor1
Valid from:    TIME
Expires:       TIME
SHA-256:       AA:BB

Renew it at the gateway. Once it has expired, clients that check it let nobody in, and the
tests of this site fail. If server_cert names it, write the new one into the config.
${FOOT}`);
  });

  test.each([
    ['certificate', 'gateway', 0.5, 'The certificate of the gateway for site1 expires in 12 h'],
    ['certificate', 'user', 2.9, 'The certificate of the user for site1 expires in 3 days'],
    ['certificate', 'user', -1, 'The certificate of the user for site1 expired 1 day ago'],
    [
      'renewed',
      'gateway',
      90,
      'The certificate of the gateway for site1 was renewed, and is valid for 90 days',
    ],
  ] as const)('%s of the %s with %d days left: %s', (kind, owner, left, expected) => {
    const event = { kind, result: seen(0), certificate: certificate('AA', left, owner), at: at(0) };
    const { subject, text } = certificateMessage(event, SENDER, undefined);
    expect(subject).toBe(expected);
    expect(text.includes('Once it has expired')).toBe(kind === 'certificate');
  });
});
