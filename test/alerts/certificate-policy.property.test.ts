import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeCertificates } from '../../src/alerts/certificate-policy.ts';
import type { Certificate } from '../../src/model/certificate.ts';
import type { SiteState } from '../../src/state/store.ts';
import { DAY_MS, HOUR_MS } from '../../src/words/time.ts';
import { CASES } from '../support/property.ts';
import { up } from './support.ts';

const START = Date.parse('2026-11-01T08:00:00Z');

/** A look: the hours since the one before, and which certificate was read; `null`: none could be. */
const look = fc.record({
  hours: fc.integer({ min: 1, max: 24 * 9 }),
  read: fc.option(fc.nat(2), { freq: 5 }),
});

const cases = fc.record({
  days: fc.constantFrom(0, 1, 3, 14, 60),
  /** Until which day after the start each of three certificates is valid. */
  until: fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: -5, max: 120 }))),
  looks: fc.array(look, { maxLength: 40 }),
});

test('one who must act is told in time and in the rhythm, and each warning ends in one message at most', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ days, until, looks }) => {
      let certificates: SiteState['certificates'] = [];
      let now = START;
      let lastTold: number | null = null;
      let before: Certificate | null = null;
      let isOpen = false;
      for (const { hours, read } of looks) {
        now += hours * HOUR_MS;
        const certificate: Certificate | null =
          read === null
            ? null
            : {
                owner: 'gateway',
                fingerprint: `${read}`,
                from: new Date(START - 90 * DAY_MS),
                until: new Date(START + (until[read] ?? 0) * DAY_MS),
                wrongName: null,
              };
        const seen =
          certificate === null
            ? ({ owner: 'gateway', certificate, why: 'no answer' } as const)
            : ({ owner: 'gateway', certificate } as const);
        const result = { ...up(new Date(now)), certificates: [seen] };
        const judged = judgeCertificates(certificates, result, days, new Date(now));
        certificates = JSON.parse(JSON.stringify(judged.certificates));
        const kinds = judged.events.map(({ kind }) => kind);
        if (certificate === null) {
          expect(kinds).toEqual([]);
          continue;
        }
        const left = certificate.until.getTime() - now;
        const isSoon = days > 0 && left <= days * DAY_MS;
        const since = lastTold === null ? Number.POSITIVE_INFINITY : now - lastTold;
        const hasExpired = left <= 0 && lastTold !== null && lastTold < certificate.until.getTime();
        const wait = left > 0 && left <= 3 * DAY_MS ? DAY_MS : 7 * DAY_MS;
        const isOther = before !== null && before.fingerprint !== certificate.fingerprint;
        const expected =
          isSoon && (since >= wait || hasExpired)
            ? ['certificate']
            : days > 0 && !isSoon && isOther && isOpen
              ? ['renewed']
              : [];
        expect(kinds).toEqual(expected);
        expect(judged.changes).toHaveLength(isOther ? 1 : 0);
        if (kinds[0] === 'certificate') [lastTold, isOpen] = [now, true];
        if (kinds[0] === 'renewed') isOpen = false;
        before = certificate;
      }
    }),
    CASES,
  );
});
