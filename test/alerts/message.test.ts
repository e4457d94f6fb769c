import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { wordsFor } from '../../src/alerts/causes.ts';
import type { HostEvent } from '../../src/alerts/host-policy.ts';
import { hostMessage, siteMessage, testMessage } from '../../src/alerts/message.ts';
import type { SiteEvent } from '../../src/alerts/policy.ts';
import type { StageResult } from '../../src/model/test-result.ts';
import { diagnose } from '../../src/probe/diagnosis.ts';
import { REJECTED } from '../support/results.ts';
import { OK, result, SENDER, SILENT_INSIDE } from './support.ts';

beforeAll(() => void vi.stubEnv('TZ', 'Europe/Berlin'));
afterAll(() => void vi.unstubAllEnvs());

const sender = { ...SENDER, config: '/etc/vpn monitor/config.yml' };
const classic = { ...sender, subjects: 'classic' as const };
const addresses = { externalIp: '192.0.2.10', vpnGw: 'site1.example.com', internalIp: '10.0.0.1' };
const failed = result('2018-11-14T04:28:04Z', [OK, REJECTED, SILENT_INSIDE], {
  transcript: 'Username: monitor\r\nPassword: ***\r\nLogin failed.\r\n',
});
const event: SiteEvent = {
  kind: 'failure',
  result: failed,
  failures: 2,
  since: new Date('2018-11-14T04:18:02Z'),
  lastSuccess: new Date('2018-11-14T04:08:01Z'),
  cause: 'credentials-rejected',
  at: new Date('2018-11-14T04:28:30Z'),
  back: new Date('2018-11-14T05:05:02Z'),
  orders: [],
  first: {},
};

describe('the mail about a site', () => {
  test('says that a number of stage 3 without a log-in is no answer through the tunnel', () => {
    const [outside, login] = failed.stages;
    const answered = { ...failed, stages: [outside, login, { outcome: 'ok', ms: 5, detail: '' }] as const };
    const { text } = siteMessage({ ...event, result: answered }, sender, addresses);
    expect(text).toContain('\nStage 3, ping inside:   5.000 ms (outside the tunnel)\n');
  });

  test("that failed says what to know (the script's fault: empty body)", () => {
    const { subject, text } = siteMessage(event, sender, addresses);
    expect(subject).toBe('VPN site1 DOWN: credentials rejected');
    expect(text).toBe(`site1: the gateway answers pings and rejects the credentials (Login failed.)

The password of the monitor's account has changed, or the account was closed. Log in by hand once,
write the password that works into the config and reload the monitor.

Site:          site1
Gateway:       site1.example.com (pinged at 192.0.2.10)
Inside:        10.0.0.1
Monitored by:  monitor1
Cause:         credentials-rejected
Failures:      2 in a row, since 2018-11-14 05:18:02 (UTC+01:00)
Last success:  2018-11-14 05:08:01 (UTC+01:00)

Stage 1, ping outside:  5.002 ms
Stage 2, log in:        ERROR: Login failed.
Stage 3, ping inside:   TIMEOUT: no reply to 5 echo requests

Repeated rejections may lock the account:
login.rejected_retry_minutes spaces the attempts out.

The end of the client's transcript:
  | Username: monitor
  | Password: ***
  | Login failed.

Test it now:  vpn-monitor once -c '/etc/vpn monitor/config.yml' site1
Acknowledge:  vpn-monitor ack -c '/etc/vpn monitor/config.yml' site1 --note "..."
Silence:      vpn-monitor silence -c '/etc/vpn monitor/config.yml' site1 --for 2h --reason "..."

Results:  /srv/results/result_181114.csv
Log:      /srv/results/monitoring.log
Config:   /etc/vpn monitor/config.yml

vpn-monitor 1.0.0
`);
  });

  test('that is still down', () => {
    const reminder = {
      ...event,
      kind: 'reminder' as const,
      failures: 146,
      at: new Date('2018-11-15T04:28:10Z'),
      lastSuccess: null,
    };
    const { subject, text } = siteMessage(reminder, sender, addresses);
    expect(subject).toBe('VPN site1 still DOWN (24 h): credentials rejected');
    expect(text).toContain('Failures:      146 in a row, since 2018-11-14 05:18:02 (UTC+01:00)\n');
    expect(text).toContain('Last success:  none is known\n');
  });

  test('that is back', () => {
    const back = {
      ...event,
      kind: 'recovery' as const,
      failures: 5,
      result: result('2018-11-14T05:05:02Z'),
      at: new Date('2018-11-14T05:06:00Z'),
    };
    const { subject, text } = siteMessage(back, sender, addresses);
    expect(subject).toBe('VPN site1 is back (down 47 min; credentials rejected)');
    expect(text).toBe(`site1: all three stages work again, after 47 min

Site:                 site1
Gateway:              site1.example.com (pinged at 192.0.2.10)
Inside:               10.0.0.1
Monitored by:         monitor1
Failures:             5 in a row, since 2018-11-14 05:18:02 (UTC+01:00)
Last success before:  2018-11-14 05:08:01 (UTC+01:00)
Back:                 2018-11-14 06:05:02 (UTC+01:00)

Stage 1, ping outside:  5.002 ms
Stage 2, log in:        5.002 ms
Stage 3, ping inside:   5.002 ms

Results:  /srv/results/result_181114.csv
Log:      /srv/results/monitoring.log
Config:   /etc/vpn monitor/config.yml

vpn-monitor 1.0.0
`);
  });

  test.each<[string, number]>([
    ['credentials-rejected', 1],
    ['not-tried', 1],
    ['account-locked', 1],
    ['refused', 0],
    ['password-expired', 0],
    ['second-factor', 0],
    ['session-limit', 0],
  ])('warns of a locked account where the cause is %s: %i', (cause, warnings) => {
    const login = { outcome: 'error', cause, detail: '' } as StageResult;
    const { text } = siteMessage(
      { ...event, result: { ...failed, stages: [OK, login, OK] } },
      sender,
      addresses,
    );
    expect(text.split('may lock the account')).toHaveLength(1 + warnings);
  });

  test('names what the client had left on this host, but not when all is well again', () => {
    const left = [
      'The route "192.0.2.1 via 10.0.0.1" was left by the client: removing it',
      'Ps x\nwith pid 1',
    ];
    const { text } = siteMessage({ ...event, result: { ...failed, left } }, sender, addresses);
    expect(text).toContain(`
Found on this host after the test:
  The route "192.0.2.1 via 10.0.0.1" was left by the client: removing it
  Ps x with pid 1

The end of the client's transcript:
`);
    const back = siteMessage({ ...event, kind: 'recovery', result: { ...failed, left } }, sender, addresses);
    expect(back.text).not.toContain('Found on this host');
  });

  test.each<[string, Partial<SiteEvent>]>([
    ['2 consecutive failures for site1', {}],
    ['1 consecutive failure for site1', { failures: 1 }],
    [
      'site1 is still down (since 05:18, 24 h)',
      { kind: 'reminder', failures: 146, at: new Date('2018-11-15T04:28:10Z') },
    ],
    ['site1 is back (down 47 min)', { kind: 'recovery', result: result('2018-11-14T05:05:02Z') }],
  ])('has the subject of 1.0.0 for who filters by it: %s', (subject, more) => {
    expect(siteMessage({ ...event, ...more }, classic, addresses).subject).toBe(subject);
  });

  test('says who works on it, and who silenced it', () => {
    const orders = [
      ['Acknowledged', 'by alice: the line\nis cut'],
      ['Silenced', 'by bob'],
    ] as const;
    const { text } = siteMessage({ ...event, orders }, sender, addresses);
    expect(text).toContain('\nAcknowledged:  by alice: the line is cut\nSilenced:      by bob\n');
  });

  test('of an outage that an older program began says no cause', () => {
    const old = { ...event, kind: 'recovery', result: result('2018-11-14T05:05:02Z'), cause: null } as const;
    const { subject } = siteMessage(old, sender, undefined);
    expect(subject).toBe('VPN site1 is back (down 47 min)');
  });

  test('of a gateway that is pinged by its own name names it once', () => {
    const { text } = siteMessage(event, sender, { ...addresses, externalIp: 'site1.example.com' });
    expect(text).toContain('Gateway:       site1.example.com\n');
  });

  test('names the CSV file by the local date of the row', () => {
    const midnight = { ...event, result: result('2018-11-13T23:00:30Z', failed.stages) };
    expect(siteMessage(midnight, sender, addresses).text).toContain('/srv/results/result_181114.csv\n');
  });

  test.each([
    ['a\r\nBcc: evil@example.com', 'VPN a Bcc: evil@example.com DOWN: credentials rejected'],
    ['Zürich \u001b[31m', 'VPN Zürich [31m DOWN: credentials rejected'],
    ['x'.repeat(500), `VPN ${'x'.repeat(97)}... DOWN: credentials rejected`],
  ])('has one line for a subject, whatever the site is called: %j', (site, subject) => {
    expect(siteMessage({ ...event, result: { ...failed, site } }, sender, addresses).subject).toBe(subject);
  });

  test('quotes the end of a long transcript', () => {
    const transcript = `${'first line\n'.repeat(500)}last line\n`;
    const { text } = siteMessage({ ...event, result: { ...failed, transcript } }, sender, addresses);
    expect(text).toContain('  | first line\n  | last line\n\nTest it now:');
    expect(text.length).toBeLessThan(4000);
  });
});

describe('the first line tells where to look', () => {
  const silent: StageResult = {
    outcome: 'timeout',
    cause: 'unreachable',
    detail: 'no reply to 5 echo requests',
  };
  const unknown: StageResult = {
    outcome: 'error',
    cause: 'name-not-resolved',
    detail: 'gw was not resolved',
  };
  const noPing: StageResult = { outcome: 'error', cause: 'ping-failed', detail: 'odd' };
  const login = (
    cause: Extract<StageResult, { outcome: 'error' }>['cause'],
    detail: string,
  ): StageResult => ({
    outcome: 'error',
    cause,
    detail,
  });
  test.each<[string, readonly [StageResult, StageResult, StageResult]]>([
    [
      'the gateway answers pings and refuses the log-in (CONNECTION REFUSED)',
      [OK, login('refused', 'CONNECTION REFUSED'), SILENT_INSIDE],
    ],
    [
      'the gateway answers pings and does not ask what it should (the prompt Password: did not come, seen instead: PIN:)',
      [OK, login('prompt-not-seen', 'the prompt Password: did not come, seen instead: PIN:'), SILENT_INSIDE],
    ],
    [
      'the gateway answers pings and does not go on with the log-in (the prompt Password: did not come within 30 s)',
      [OK, login('step-timed-out', 'the prompt Password: did not come within 30 s'), SILENT_INSIDE],
    ],
    [
      'the gateway answers pings and was not logged in at (the client startct is not in PATH)',
      [OK, login('client-missing', 'the client startct is not in PATH'), SILENT_INSIDE],
    ],
    [
      'not tested (no ps)',
      [login('ps-missing', 'no ps'), login('ps-missing', 'no ps'), login('ps-missing', 'no ps')],
    ],
    [
      'the gateway does not answer pings, and it does not let the client in: the client gave up (exit status 3)',
      [silent, login('client-exited', 'exit status 3'), SILENT_INSIDE],
    ],
    [
      "the gateway's name is not resolved, and it does not let the client in (cut off)",
      [unknown, login('deadline', 'cut off'), SILENT_INSIDE],
    ],
    [
      'the gateway does not answer pings, but the log-in works and the inside answers (no reply to 5 echo requests)',
      [silent, OK, OK],
    ],
    ['the gateway could not be pinged, but the log-in works and the inside answers (odd)', [noPing, OK, OK]],
    ['the log-in works, but nothing answers inside (no reply to 5 echo requests)', [OK, OK, SILENT_INSIDE]],
    ['the log-in works, but the inside could not be pinged (odd)', [OK, OK, noPing]],
    [
      'too many pings of the gateway get no reply, but the log-in works and the inside answers (60 %)',
      [login('packet-loss', '60 %'), OK, OK],
    ],
    [
      'the log-in works, but too many pings inside get no reply (60 %)',
      [OK, OK, login('packet-loss', '60 %')],
    ],
    [
      'this host could not send its pings of the gateway, and it rejects the credentials (Login failed.)',
      [login('ping-not-sent', 'x'), login('credentials-rejected', 'Login failed.'), OK],
    ],
    [
      'the log-in works, but this host could not send its pings inside (no address)',
      [OK, OK, login('ping-not-sent', 'no address')],
    ],
    [
      'the log-in works, but the gateway does not answer pings, and the name inside is not resolved (gw was not resolved)',
      [silent, OK, unknown],
    ],
    [
      'the gateway answers pings and is not trusted by the client (None of the 1 fingerprint(s) match)',
      [OK, login('tls', 'None of the 1 fingerprint(s) match'), OK],
    ],
    [
      "the gateway does not answer pings, and it can't be reached by the client (Failed to connect to host gw)",
      [silent, login('unreachable', 'Failed to connect to host gw'), SILENT_INSIDE],
    ],
    [
      'the gateway answers pings and is not found by the client (getaddrinfo failed)',
      [OK, login('name-not-resolved', 'getaddrinfo failed'), OK],
    ],
    [
      'the gateway answers pings and was not logged in at (not tried, rejected at 05:18)',
      [OK, login('not-tried', 'not tried, rejected at 05:18'), OK],
    ],
    [
      'the log-in works, but nothing gets inside (tunnel up but no traffic: there is no route to 10.0.0.1)',
      [OK, OK, login('tunnel-no-traffic', 'tunnel up but no traffic: there is no route to 10.0.0.1')],
    ],
    [
      'the log-in works, but the session did not last (no reply; the client ended (signal 9))',
      [OK, OK, login('client-exited', 'no reply; the client ended (signal 9)')],
    ],
    [
      'the gateway answers pings and accepts no log-in before the password is changed (expired)',
      [OK, login('password-expired', 'expired'), OK],
    ],
    [
      'the gateway answers pings and has locked the account (locked)',
      [OK, login('account-locked', 'locked'), OK],
    ],
    [
      'the gateway answers pings and asks for a second factor ("Enter the code:")',
      [OK, login('second-factor', '"Enter the code:"'), OK],
    ],
    [
      'the gateway answers pings and rejects a second factor (Invalid code.)',
      [OK, { outcome: 'error', cause: 'second-factor', detail: 'Invalid code.', rejected: true }, OK],
    ],
    [
      'the gateway answers pings and accepts no further session of this user (limit)',
      [OK, login('session-limit', 'limit'), OK],
    ],
    [
      'the gateway answers pings and does not have the login group (it offers: A)',
      [OK, login('no-such-group', 'it offers: A'), OK],
    ],
    [
      'the gateway answers pings and was not logged in at (another instance)',
      [OK, login('client-busy', 'another instance'), OK],
    ],
    ['the gateway answers pings and rejects the credentials', [OK, login('credentials-rejected', ''), OK]],
  ])('%s', (sentence, stages) => {
    expect(diagnose(result('2018-11-14T04:28:04Z', stages))).toBe(`site1: ${sentence}`);
  });
});

describe('the mail about this host', () => {
  const fault: HostEvent = {
    kind: 'host-fault',
    faults: [
      { kind: 'client startct', words: 'the client startct is not in PATH' },
      { kind: 'ping', words: 'ping is\nnot permitted' },
    ],
    since: new Date('2018-11-14T04:18:02Z'),
    at: new Date('2018-11-14T04:18:30Z'),
    first: {},
  };
  const all = { sites: ['site1', 'site2'], untested: ['site1', 'site2'], free: 0 };

  test('that cannot test', () => {
    const { subject, text } = hostMessage(fault, sender, all);
    expect(hostMessage(fault, classic, all).subject).toBe(subject);
    expect(subject).toBe(
      'the monitor on monitor1 cannot test: the client startct is not in PATH; ping is not permitted',
    );
    expect(
      text,
    ).toBe(`the monitor on monitor1 cannot test: the client startct is not in PATH; ping is not permitted

Host:   monitor1
Since:  2018-11-14 05:18:02 (UTC+01:00)

What is wrong:
  client startct: the client startct is not in PATH
  ping: ping is not permitted

This is no fault of any gateway: failures found meanwhile are not counted.

How to fix it:  vpn-monitor check -c '/etc/vpn monitor/config.yml'

Results:  /srv/results/result_181114.csv
Log:      /srv/results/monitoring.log
Config:   /etc/vpn monitor/config.yml

vpn-monitor 1.0.0
`);
  });

  test('that cannot keep its records names path and room, and says what continues', () => {
    const words = "rows can't be written to /srv/results/result_181114.csv: ENOSPC: no space left on device";
    const full = { ...fault, faults: [{ kind: 'records' as const, words }] };
    const none = { ...all, untested: [] };
    const { subject, text } = hostMessage(full, sender, none);
    expect(subject).toBe(`results cannot be saved on monitor1 (0 B free): ${words}`);
    expect(text).toContain('\nFree space:  0 B in /srv/results\n');
    expect(text).toContain(
      '\n\nTests continue.\nResults wait in memory, at most 10,000 rows, and are lost if the monitor ends before they are\nwritten. Mails are sent.\n',
    );
    const over = { ...full, kind: 'host-recovery' as const, at: new Date('2018-11-14T04:30:40Z') };
    expect(hostMessage(over, sender, none).subject).toBe(
      'results can be saved again on monitor1 (after 12 min)',
    );
    expect(hostMessage(full, classic, none).subject).toBe(`the monitor on monitor1 cannot test: ${words}`);
  });

  test('that cannot test some sites names them, and how many are tested as usual', () => {
    const sites = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const { subject, text } = hostMessage(fault, sender, { sites, untested: sites.slice(0, 7), free: null });
    expect(subject).toMatch(/^the monitor on monitor1 cannot test a, b, c, d, e and 2 more: the client/);
    expect(text).toContain('\n1 other site of 8 is tested as usual.\n');
    expect(text).not.toContain('Free space');
  });

  test('that can again', () => {
    const { subject, text } = hostMessage(
      { ...fault, kind: 'host-recovery', at: new Date('2018-11-14T04:30:40Z') },
      sender,
      all,
    );
    expect(subject).toBe('the monitor on monitor1 can test again (after 12 min)');
    expect(text).toContain(
      'Recovered:  2018-11-14 05:30:40 (UTC+01:00)\n\nThe faults were:\n  client startct: the',
    );
  });

  test('that had no uplink', () => {
    const lost: HostEvent = {
      ...fault,
      kind: 'uplink',
      faults: [{ kind: 'uplink', words: 'no control target answers (ping://192.0.2.1: no reply)' }],
      at: new Date('2018-11-14T05:02:40Z'),
    };
    const { subject, text } = hostMessage(lost, sender, all);
    expect(subject).toBe('the monitor on monitor1 had no uplink from 05:18 to 06:02 (44 min)');
    expect(hostMessage(lost, classic, all).subject).toBe(
      'the monitor on monitor1 can test again (after 44 min)',
    );
    expect(text).toContain(
      'Since:      2018-11-14 05:18:02 (UTC+01:00)\nRecovered:  2018-11-14 06:02:40 (UTC+01:00)\n\nThe faults were:\n  uplink: no control target answers (ping://192.0.2.1: no reply)\n\nNo site was blamed: ',
    );
    expect(text).not.toContain('How to fix it');
  });

  test('has a subject of one line that ends', () => {
    const words = `${'very '.repeat(100)}long\r\nBcc: evil@example.com`;
    const { subject } = hostMessage({ ...fault, faults: [{ kind: 'ps', words }] }, sender, all);
    expect(subject).toHaveLength(200);
    expect(subject).not.toMatch(/[\r\n]/);
  });
});

test('the test notification', () => {
  expect(testMessage(sender, new Date('2018-11-14T04:18:02Z'), 'mail')).toEqual({
    subject: 'vpn-monitor on monitor1: test notification',
    text: `The monitor on monitor1 can send mail: failures of VPN gateways will be reported to this address.

Host:  monitor1
Sent:  2018-11-14 05:18:02 (UTC+01:00)

Results:  /srv/results/result_181114.csv
Log:      /srv/results/monitoring.log
Config:   /etc/vpn monitor/config.yml

vpn-monitor 1.0.0
`,
  });
});

test('each cause of the closed list has its words, and two lines at most of what to do', () => {
  const readme = readFileSync(path.resolve(import.meta.dirname, '../../README.md'), 'utf8');
  const [, list = ''] = / and `once --json`: ([a-z,\s-]+)\./.exec(readme) ?? [];
  const causes = list.split(/,\s+|\s+or\s+/);
  expect(causes.length).toBeGreaterThan(25);
  for (const cause of causes) {
    const words = wordsFor(cause);
    expect(words?.short, cause).toMatch(/^.{5,45}$/);
    expect(words?.next.length, cause).toBeLessThanOrEqual(2);
    for (const line of words?.next ?? []) expect(line.length, line).toBeLessThanOrEqual(110);
  }
  expect(wordsFor('toString')).toBeUndefined();
});
