import fc from 'fast-check';
import { expect, test } from 'vitest';
import { composeMail, newMailKey } from '../../../src/alerts/mail/mime.ts';
import { parseAddresses } from '../../../src/config/schema/address.ts';
import { CASES } from '../../support/property.ts';
import { HEADERS } from '../support.ts';

const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('noc', 'a.b', 'Ä', '東京', '1', '-', 'ß', '１', "o'hara", '%') },
  { weight: 1, arbitrary: fc.constantFrom('<', '>', '"', '\\', ',', ';', ':', '(', '@', ' ', '\r\n', '\0') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
);
const text = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
const domain = fc.oneof(text, fc.constantFrom('example.com', 'exämple.com', 'ä.1', '[192.0.2.1]'));
const mailbox = fc.oneof(
  text,
  fc.tuple(text, domain).map(([local, host]) => `${local}@${host}`),
);
const address = fc.oneof(
  mailbox,
  fc.tuple(text, mailbox).map(([name, box]) => `${name} <${box}>`),
  fc.tuple(text, mailbox).map(([name, box]) => `"${name}" <${box}>`),
);

test('to whatever address the config takes, and from it, a mail can be built', async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(address, async (written) => {
      const [first, ...others] = parseAddresses(written) ?? [];
      if (first === undefined) return;
      taken += 1;
      const to = [first, ...others] as const;
      const key = newMailKey({ from: first });
      const message = { key, subject: 's', text: 't', created: new Date(0).toISOString(), replyTo: key };
      const mail = await composeMail(message, { from: first, to });
      expect([mail.from, ...mail.recipients]).toEqual(expect.arrayContaining(to.map((each) => each.address)));
      for (const each of [mail.from, ...mail.recipients]) {
        expect(each).toMatch(/^[^\s<>,;"@\p{Cc}]+(?:@[\w.[\]:-]+)?$/u);
      }
      const [head = ''] = mail.raw.split('\r\n\r\n');
      const names = [...head.matchAll(/^([^\s:]+):/gm)].map(([, name]) => name);
      expect(names.filter((name) => !['In-Reply-To', 'References'].includes(name ?? ''))).toEqual(HEADERS);
      const unfolded = head.replace(/\r\n[ \t]+/g, ' ');
      for (const name of ['Message-ID', 'In-Reply-To', 'References']) {
        expect(unfolded).toContain(`\r\n${name}: <${key}>`);
      }
    }),
    CASES,
  );
  // Otherwise nothing was tried.
  expect(taken).toBeGreaterThan(CASES.numRuns / 20);
});
