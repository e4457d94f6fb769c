import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');
const PAGE = fs.readFileSync(path.join(ROOT, 'docs/security.md'), 'utf8');

/** A line of a table about an attacker. */
interface Threat {
  readonly threat: string;
  readonly verdict: string;
  readonly how: string;
  /** As they stand there: a test's file and title, or a config that must be refused. */
  readonly tests: readonly string[];
}

/** The cells of a row of a table in Markdown; `\|` is no border. */
function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** The rows of the tables of threats. */
function threatsIn(page: string): Threat[] {
  const tables = page.split(/^\| threat \| verdict \| .*\n\|[-|]+\n/m).slice(1);
  return tables.flatMap((text) => {
    const rows = /^(?:\|.*\n)*/.exec(text)?.[0].trimEnd().split('\n') ?? [];
    return rows.map((row) => {
      const [threat = '', verdict = '', how = '', tests = '', ...more] = cellsOf(row);
      if (more.length > 0) throw new Error(`too many cells: ${row}`);
      return { threat, verdict, how, tests: tests === '' ? [] : tests.split('<br>') };
    });
  });
}

/** Why a test that is named does not exist; `undefined`: it does. */
function whyMissing(named: string): string | undefined {
  const [, file = '', title] = /^`(test\/[\w./-]+)`(?:: (.+))?$/.exec(named) ?? [];
  if (file === '' || !fs.existsSync(path.join(ROOT, file))) return `there is no such file: ${named}`;
  // Each config in there is a test of test/config/bad.test.ts, with what is to be said of it beside it.
  if (title === undefined) {
    const refused = file.startsWith('test/config/bad/') && file.endsWith('.yml');
    return refused && fs.existsSync(path.join(ROOT, file.replace(/yml$/, 'txt')))
      ? undefined
      : `no title: ${named}`;
  }
  const source = fs.readFileSync(path.join(ROOT, file), 'utf8');
  const isTitle = ["'", '"', '`'].some((quote) =>
    new RegExp(`[(\\s]${quote}${title.replace(/[$()*+.?[\\\]^{|}/]/g, '\\$&')}${quote},`).test(source),
  );
  return isTitle ? undefined : `no test of that title: ${named}`;
}

const threats = threatsIn(PAGE);

test('the page has a table for each attacker, and each line a verdict and words', () => {
  expect(PAGE.match(/^## A(?:nother)? .*$/gm)).toHaveLength(6);
  expect(threats.length).toBeGreaterThan(50);
  for (const { threat, verdict, how } of threats) {
    expect(['defended', 'partly', 'not defended'], threat).toContain(verdict);
    expect(how, threat).toMatch(/\.$/);
  }
});

test('every line that says defended or partly names tests that exist, and no other names one', () => {
  for (const { threat, verdict, tests } of threats) {
    if (verdict === 'not defended') expect(tests, threat).toEqual([]);
    else expect(tests, threat).not.toEqual([]);
  }
  expect(threats.flatMap(({ tests }) => tests.flatMap((named) => whyMissing(named) ?? []))).toEqual([]);
});

test.each([
  ['`test/nowhere.test.ts`: the page has', 'there is no such file'],
  ['`test/security/security-page.test.ts`: a title of no test', 'no test of that title'],
  ['`test/security/security-page.test.ts`', 'no title'],
  ['`test/config/bad/nowhere.yml`', 'there is no such file'],
  ['test/security/security-page.test.ts: without quotes', 'there is no such file'],
])('a test that is not there is noticed: %s', (named, why) => {
  expect(whyMissing(named)).toContain(why);
});
