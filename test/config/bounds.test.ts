import { expect, test } from 'vitest';
import { linesOf, load, shortConfig } from './write-config.ts';

test('a thousand aliases are enough', () => {
  const text = `x-a: &a 1\nx-b: [${Array(1001).fill('*a').join(', ')}]\n${shortConfig()}`;
  expect(linesOf(load(text))).toEqual(['config.yml:2: more than 1000 aliases']);
});

test('merge keys that multiply end soon', () => {
  const keys = Array.from({ length: 20 }, (_, index) => `k${index}: 1`);
  let text = `x-0: &a0 { ${keys.join(', ')} }\n`;
  for (let level = 1; level < 10; level++) {
    const sources = Array(90).fill(`*a${level - 1}`);
    text += `x-${level}: &a${level} { <<: [${sources.join(', ')}], k${level}: 1 }\n`;
  }
  const [line] = linesOf(load(`${text}${shortConfig()}`));
  expect(line).toMatch(/^config\.yml:\d+: more than 10000 keys brought in by <<$/);
});

test('lists that multiply are looked at no deeper than a config goes', () => {
  let text = 'x-0: &a0 [lol, lol]\n';
  for (let level = 1; level < 30; level++) {
    text += `x-${level}: &a${level} [${Array(9)
      .fill(`*a${level - 1}`)
      .join(', ')}]\n`;
  }
  const lines = linesOf(load(`${text}${shortConfig()}dns: { restore: *a29 }\n`));
  expect(lines).toEqual(
    Array.from(
      { length: 9 },
      (_, index) => `config.yml:30: dns.restore[${index}]: expected a string, got a list`,
    ),
  );
});

test('a file too large for a config', () => {
  expect(linesOf(load(`# ${'x'.repeat(1024 * 1024)}`))).toEqual(['config.yml: larger than 1048576 bytes']);
});

test('as many problems as a file has lines', () => {
  const text = Array.from({ length: 20_000 }, (_, index) => `key${index}: 1`).join('\n');
  expect(linesOf(load(text))).toHaveLength(20_003);
});
