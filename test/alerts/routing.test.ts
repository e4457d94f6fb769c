import { describe, expect, test } from 'vitest';
import { ALL_EVENTS, gets, messagesFor } from '../../src/alerts/routing.ts';
import type { EventKind } from '../../src/model/event-kinds.ts';

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
