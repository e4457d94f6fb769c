import { describe, expect, test } from 'vitest';
import { ALL_EVENTS, gets, getsReports, messagesFor } from '../../src/alerts/routing.ts';
import type { EventKind } from '../../src/model/event-kinds.ts';
import { Secret } from '../../src/model/secret.ts';

test('reports are for all channels that ask for them, but not for Alertmanager', () => {
  const channel = { name: 'chat', events: null, sites: null, group: true } as const;
  const webhook = {
    url: new Secret('http://192.0.2.1/'),
    secret: undefined,
    token: undefined,
    ca: undefined,
  };
  const way = { kind: 'webhook', webhook: { ...webhook, body: 'standard' } } as const;
  expect(getsReports(undefined)).toBe(true);
  expect(getsReports({ ...channel, way })).toBe(true);
  expect(getsReports({ ...channel, events: ['report'], sites: ['oslo'], way })).toBe(true);
  expect(getsReports({ ...channel, events: ['down'], way })).toBe(false);
  const alertmanager = { kind: 'webhook', webhook: { ...webhook, body: 'alertmanager' } } as const;
  expect(getsReports({ ...channel, way: alertmanager })).toBe(false);
});

describe('a channel', () => {
  test.each<[Partial<typeof ALL_EVENTS>, EventKind, string | null, boolean]>([
    [{}, 'failure', 'oslo', true],
    [{}, 'host-fault', null, true],
    [{ events: ['down', 'recovery'] }, 'failure', 'oslo', true],
    [{ events: ['down', 'recovery'] }, 'recovery', 'oslo', true],
    [{ events: ['down', 'recovery'] }, 'reminder', 'oslo', false],
    [{ events: ['down', 'recovery'] }, 'host-fault', null, false],
    [{ events: ['host'] }, 'host-fault', null, true],
    [{ events: ['host'] }, 'host-recovery', null, true],
    [{ sites: ['rome'] }, 'failure', 'oslo', false],
    [{ sites: ['rome', 'oslo'] }, 'failure', 'oslo', true],
    // This host's faults concern each site.
    [{ sites: ['rome'] }, 'host-fault', null, true],
    [{ events: ['expiry'], sites: ['rome'] }, 'expiry', 'rome', true],
    [{ events: ['expiry'], sites: ['rome'] }, 'failure', 'rome', false],
  ])('with %j and %s of %s: %s', (subscription, kind, site, expected) => {
    expect(gets({ ...ALL_EVENTS, ...subscription }, kind, site)).toBe(expected);
  });

  const events = [
    { kind: 'failure', about: 'oslo' },
    { kind: 'failure', about: 'rome' },
    { kind: 'recovery', about: 'paris' },
  ] as const;

  test.each([
    [{}, [['oslo', 'rome', 'paris']]],
    [{ group: false }, [['oslo'], ['rome'], ['paris']]],
    [{ events: ['down'] as const }, [['oslo', 'rome']]],
    [{ sites: ['paris'] }, [['paris']]],
    [{ events: ['host'] as const }, []],
  ])('with %j gets the messages %j', (subscription, expected) => {
    const messages = messagesFor({ ...ALL_EVENTS, ...subscription }, events);
    expect(messages.map((message) => message.map(({ about }) => about))).toEqual(expected);
  });
});
