import querystring from 'node:querystring';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRedactor, redactedTail } from '../../src/log/redact.ts';
import { Secret } from '../../src/model/secret.ts';
import { CASES } from '../support/property.ts';

const redactor = (...secrets: string[]) => createRedactor(secrets.map((text) => new Secret(text)));
const hex = (text: string, between: string) =>
  Buffer.from(text).toString('hex').match(/../g)?.join(between) ?? '';
const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** How others write a text; the last four only where it has three bytes or more, as fewer could be met by chance. */
const SPELLINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => JSON.stringify(JSON.stringify(text)).slice(3, -3),
  (text) => encodeURIComponent(text),
  (text) => querystring.stringify({ p: text }).slice(2),
  (text) => text.replace(/[&<>"']/g, (sign) => HTML[sign] ?? ''),
  (text) => text.replaceAll("'", "'\\''"),
  (text) => text.replaceAll('"', '""'),
  (text) => inspect(text).slice(1, -1),
  (text) => hex(text, ''),
  (text) => hex(text, '%'),
  (text) => hex(text, '\\x'),
  (text) => hex(text, ' ').toUpperCase(),
];
const LONG_ONLY = 9;

/** What a config takes for a password: one line of printable characters. */
const secret = fc
  .string({
    unit: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...'\'"\\/%&<>+= $`#{}()*.?[]^|~-_:;,!@') },
      { weight: 3, arbitrary: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }) },
      { weight: 1, arbitrary: fc.constantFrom('ä', '€', '😀', 'ñ', '\u0301', '漢') },
    ),
    minLength: 1,
    maxLength: 12,
  })
  .filter((text) => !/\p{Cc}/u.test(text));

/** What a terminal puts into a text. */
const BREAKS = ['\n', '\r\n', '\r', '\x1b[31m', '\x1b[0;1m', '\x1b(B'];
const breaks = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...BREAKS)), { maxLength: 3 });

/** A text with breaks within it, none of them within another or within a pair of surrogates. */
function broken(text: string, places: readonly (readonly [number, string])[]): string {
  const put = new Map(places.map(([at, sign]) => [at % Math.max(1, text.length), sign]));
  return text.replace(/(?<=.)(?![\udc00-\udfff])/g, (_, at: number) => put.get(at) ?? '');
}

test('any secret in any spelling, broken anywhere, is found as a whole', () => {
  fc.assert(
    fc.property(secret, fc.nat({ max: SPELLINGS.length - 1 }), breaks, (text, index, places) => {
      fc.pre(index < LONG_ONLY || Buffer.byteLength(text) >= 3);
      const spelt = broken(SPELLINGS[index]?.(text) ?? '', places);
      expect(redactor(text)(`«${spelt}»`)).toBe('«***»');
    }),
    CASES,
  );
});

test('any secrets, one after the other or within each other, are removed completely', () => {
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      (secrets, order) => {
        const text = order.map((index) => secrets[index % secrets.length]).join('');
        const left = redactor(...secrets)(`«${text}»`);
        expect(left.replaceAll('***', '')).toBe('«»');
      },
    ),
    CASES,
  );
});

test('any text cut anywhere: no rest of a secret remains at the cut', () => {
  // Letters that the rest of the text does not have.
  const marked = fc.string({ unit: fc.constantFrom(...'ÄÖÜßéèê'), minLength: 1, maxLength: 12 });
  const filler = fc.string({ unit: fc.constantFrom('a', ' ', ':', '\n', '\r\n', '😀'), maxLength: 12 });
  const parts = fc.array(fc.tuple(filler, fc.option(fc.nat())), { maxLength: 8 });
  fc.assert(
    fc.property(marked, parts, fc.nat(), fc.nat({ max: 60 }), (text, given, cut, length) => {
      const whole = given
        .map(([before, broken]) => {
          const at = broken === null ? 0 : broken % text.length;
          // Two secrets that touch could be taken for one that is broken over three lines.
          return `${before}:${text.slice(0, at)}${at > 0 ? '\r\n' : ''}${text.slice(at)}`;
        })
        .join('');
      const from = cut % (whole.length + 1);
      const tail = redactedTail(whole.slice(from), length, redactor(text), from > 0);
      expect(tail).not.toMatch(/[ÄÖÜßéèê]/);
      expect(tail.length).toBeLessThanOrEqual(length);
    }),
    CASES,
  );
});
