import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import querystring from 'node:querystring';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createRedactor, redactedTail } from '../../src/log/redact.ts';
import { Secret } from '../../src/model/secret.ts';

const redactor = (...secrets: string[]) => createRedactor(secrets.map((text) => new Secret(text)));

const AWKWARD = [
  'secret',
  'Tr0ub4dor&3 "quoted"',
  "it's $HOME/`id`\\n",
  'back\\\\slash\\',
  '\\\\\\',
  'a+b/c=d?e#f%41',
  'pässwörd€',
  'emoji😀pass',
  '<b>&amp;</b>',
  '*.*[x](y){1,2}^$|',
  "''''",
  '""""',
  '-_~!()',
  '   spaces   ',
];

describe('a secret is found', () => {
  const strictUrl = (text: string) =>
    encodeURIComponent(text).replace(/[-_.!~*'()]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  const spellings: Readonly<Record<string, (text: string) => string>> = {
    plain: (text) => text,
    'in JSON': (text) => JSON.stringify(text).slice(1, -1),
    'in JSON in JSON': (text) => JSON.stringify(JSON.stringify(text)).slice(3, -3),
    'in JSON of Python (ASCII)': (text) =>
      JSON.stringify(text)
        .slice(1, -1)
        .replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    'in JSON of PHP': (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
    'in a URL': encodeURIComponent,
    'in a URL, lower case': (text) => encodeURIComponent(text).replace(/%../g, (hex) => hex.toLowerCase()),
    'in a URL, everything encoded': strictUrl,
    'in a URL, path only': encodeURI,
    'in a form': (text) => querystring.stringify({ p: text }).slice(2),
    'in a form of Python': (text) => strictUrl(text).replaceAll('%20', '+'),
    'in HTML': (text) =>
      text.replace(
        /[&<>"']/g,
        (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? '&#39;',
      ),
    'in HTML, by numbers': (text) => text.replace(/[^\w ]/gu, (c) => `&#x${c.codePointAt(0)?.toString(16)};`),
    'quoted for a shell': (text) => text.replaceAll("'", "'\\''"),
    'quoted by Python for a shell': (text) => text.replaceAll("'", `'"'"'`),
    'quoted by bash (printf %q)': (text) =>
      execFileSync('bash', ['-c', 'LC_ALL=C printf %q "$1"', '-', text], { encoding: 'utf8' }).replace(
        /^\$'(.*)'$/,
        '$1',
      ),
    'in YAML and SQL': (text) => text.replaceAll("'", "''"),
    'in CSV': (text) => text.replaceAll('"', '""'),
    'inspected by Node': (text) => inspect(text).slice(1, -1),
    'as the bytes of Python': (text) =>
      [...Buffer.from(text)]
        .map((byte) => {
          const c = String.fromCharCode(byte);
          if (/['\\]/.test(c)) return `\\${c}`;
          return /[ -~]/.test(c) ? c : `\\x${byte.toString(16)}`;
        })
        .join(''),
    'in hex': (text) => Buffer.from(text).toString('hex'),
    'in hex, upper case, with colons': (text) =>
      Buffer.from(text)
        .toString('hex')
        .toUpperCase()
        .replace(/..(?=.)/g, '$&:'),
  };

  test.each(Object.entries(spellings))('%s', (_, spell) => {
    for (const secret of AWKWARD) {
      const spelt = spell(secret);
      expect(redactor(secret)(`before[${spelt}]after`), spelt).toBe('before[***]after');
    }
  });

  test('in base64, whatever stands around it', () => {
    for (const secret of AWKWARD) {
      const redact = redactor(secret);
      for (const before of ['', '\0', 'ab', '\0user\0', 'user:', 'monitor:']) {
        for (const after of ['', '\n', '\0x', '\0xyz\0\0']) {
          for (const encoding of ['base64', 'base64url'] as const) {
            const encoded = Buffer.from(before + secret + after).toString(encoding);
            for (const sent of [encoded, encodeURIComponent(encoded), encoded.replaceAll('/', '\\/')]) {
              const redacted = redact(sent);
              expect(redacted).toContain('***');
              // What is left can't hold a character that a byte of the secret decided alone or in part.
              const left = encoded.length - Math.ceil((Buffer.byteLength(secret) * 8) / 6);
              expect(redacted.replaceAll(/\*\*\*|%3D/g, '').length).toBeLessThanOrEqual(left);
            }
          }
        }
      }
    }
  });

  test('more than once, and beside itself', () => {
    expect(redactor('pw')('pw pwpw xpwx')).toBe('*** ****** x***x');
  });

  test('as a single digit: a password 5', () => {
    expect(redactor('5')('a 5 and 55')).toBe('a *** and ******');
  });

  test('where a terminal broke the line or coloured it', () => {
    const redact = redactor('correct horse');
    expect(redact('<correct \r\nhorse>')).toBe('<***>');
    expect(redact('<corr\r\n\r\nect horse>')).toBe('<***>');
    expect(redact('<cor\x1b[1;31mrect\x1b[0m ho\x1b(Brse>\x1b[K.')).toBe('<***>\x1b[K.');
  });

  test('where another one contains it, or overlaps with it', () => {
    const redact = redactor('pass', 'mypassword', 'word1234', 'abab');
    expect(redact('[mypassword]')).toBe('[***]');
    expect(redact('[mypassword1234]')).toBe('[***]');
    expect(redact('[pass word]')).toBe('[*** word]');
    expect(redact('[ababab]')).toBe('[***]');
  });
});

describe('what is no secret', () => {
  test('stays as it is', () => {
    const text = 'The quick brown fox\r\n\x1b[31mjumps\x1b[0m over "the" lazy dog. \\ 100% &amp; \0é😀';
    expect(redactor(...AWKWARD)(text)).toBe(text);
    expect(createRedactor([])(text)).toBe(text);
  });

  test('stays although a secret is empty or is given twice', () => {
    expect(redactor('', 'x', 'x')('ax')).toBe('a***');
  });

  test('is not taken for a short secret in base64 or hex', () => {
    expect(redactor('5')('NQ== 35 NTU=')).toBe('NQ== 3*** NTU=');
  });
});

describe('1 MB and 50 secrets', () => {
  // Measured: 0.2 s at most. The deadline only tells that from a search that is not linear, which takes minutes.
  const redact = redactor(
    ...Array.from({ length: 50 }, (_, n) => `${randomBytes(12).toString('base64')}\\"'${n}`),
  );
  test.each([
    ['base64', randomBytes(750_000).toString('base64')],
    ['backslashes', '\\'.repeat(1e6)],
    ['percent signs', '%5c'.repeat(333_333)],
    ['character references', '&#0'.repeat(333_333)],
    ['escape sequences', '\x1b[31mx'.repeat(166_666)],
    ['unfinished escape sequences', '\x1b['.repeat(500_000)],
    ['quotes', `'"`.repeat(500_000)],
  ])('end in time: %s', { timeout: 10_000 }, (_, text) => {
    expect(redact(text)).toBe(text);
  });
});

describe('the tail of a text', () => {
  const redact = redactor('hunter2');

  test('the script’s fault: a password echoed by the client is in the log', () => {
    expect(redactedTail('Password:hunter2\r\nchoice [1]: ', 100, redact, false)).toBe(
      'Password:***\r\nchoice [1]: ',
    );
  });

  test('is redacted before it is cut: the cut leaves no part of a secret', () => {
    for (let n = 0; n <= 20; n++) {
      const tail = redactedTail('Password:hunter2\r\nok', n, redact, false);
      expect('Password:***\r\nok'.endsWith(tail)).toBe(true);
      expect(tail).toHaveLength(Math.min(n, 16));
    }
  });

  test('of a text cut at its front holds no rest of a secret, also not of one over two lines', () => {
    expect(redactedTail('ter2\r\nsecond\r\nthird', 100, redact, true)).toBe('third');
    expect(redactedTail('nt\r\ner2\r\nthird\n', 100, redact, true)).toBe('third\n');
    expect(redactedTail('ter2\rspin\rspun', 100, redact, true)).toBe('spun');
    expect(redactedTail('ter2 without a second line\n', 100, redact, true)).toBe('');
    // CR LF is one line end, not two.
    expect(redactedTail('hun\r\nter2', 100, redactor('xhunter2'), true)).toBe('');
    expect(redactedTail('ter2\n\nlong enough', 6, redact, true)).toBe('enough');
  });

  test('does not begin in the middle of a character', () => {
    expect(redactedTail('a😀b', 2, redact, false)).toBe('b');
    expect(redactedTail('a😀b', 3, redact, false)).toBe('😀b');
  });
});
