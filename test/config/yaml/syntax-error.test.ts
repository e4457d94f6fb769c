import { expect, test } from 'vitest';
import { linesOf, load } from '../write-config.ts';

const GOOD = `# of the company
frequency: 600
logging:
  dir: results
  file: result
sites:
  site1:
    external_ip: 192.0.2.10
    vpn_gw: site1.example.com
    realm: corp
    # who logs in
    username: monitor
    password: s3cr3t
    internal_ip: 10.0.0.1
    timeout: 60
`;
const NO_SPACE = 'is the space after its colon missing?';
const NO_COLON = 'is the colon after its key missing?';
const INDENT = 'this line is not indented like its neighbours';
const ODD =
  'holds a character that looks like a space and is not one (such as a no-break space): type the spaces again';
const MERGE = 'a mark of a merge conflict';
const QUOTES =
  '(a value that begins with one of ! & * @ % ` { [ | > or with "- ", or holds ": ", needs quotes)';

test.each<[good: string, bad: string, line: number, text: string]>([
  // The space is missing: the text continues on the next line.
  ['frequency: 600', 'frequency:600', 2, NO_SPACE],
  ['dir: results', 'dir:results', 4, NO_SPACE],
  ['file: result', 'file:result', 5, NO_SPACE],
  ['vpn_gw: site1', 'vpn_gw:site1', 9, NO_SPACE],
  ['realm: corp', 'realm:corp', 10, NO_SPACE],
  ['username: monitor', 'username:monitor', 12, NO_SPACE],
  ['password: s3cr3t', 'password:s3cr3t', 13, NO_SPACE],
  ['timeout: 60', 'timeout:60', 15, NO_SPACE],
  // The colon is.
  ['frequency: 600', 'frequency 600', 2, NO_COLON],
  ['sites:', 'sites', 6, NO_COLON],
  ['site1:', 'site1', 7, NO_COLON],
  ['password: s3cr3t', 's3cr3t', 13, NO_COLON],
  // It looks like a space and is not one.
  ['frequency: 600', 'frequency:\u00a0600', 2, ODD],
  ['  dir', '\u00a0\u00a0dir', 4, ODD],
  // Left by git.
  ['# of the company', '<<<<<<< HEAD', 1, MERGE],
  ['sites:', '=======\nsites:', 6, MERGE],
  ['timeout: 60\n', 'timeout: 60\n>>>>>>> theirs\n', 16, MERGE],
  // A quote or a bracket is open: lines with a deeper indentation belong to it.
  ['password: s3cr3t', 'password: "s3cr3t', 13, 'is its closing " missing?'],
  ['password: s3cr3t', "password: 's3cr3t", 13, "is its closing ' missing?"],
  ['password: s3cr3t', 'password: "s3cr3t\n      more', 13, 'is its closing " missing?'],
  ['timeout: 60', 'timeout: "60', 15, 'is its closing " missing?'],
  [
    'password: s3cr3t',
    'password: {s3cr3t',
    13,
    'is its closing } missing? (a text that begins with { needs quotes)',
  ],
  [
    'password: s3cr3t',
    'password: [s3cr3t',
    13,
    'is its closing ] missing? (a text that begins with [ needs quotes)',
  ],
  // One space too many or too few.
  ['    realm', '   realm', 10, INDENT],
  ['    realm', '     realm', 10, INDENT],
  ['  file', ' file', 5, INDENT],
  ['logging:', ' logging:', 3, INDENT],
  // A value wants quotes, or other ones.
  ['s3cr3t', 's3: cr3t', 13, `bad indentation of a mapping entry ${QUOTES}`],
  ['s3cr3t', '`s3cr3t', 13, `bad indentation of a mapping entry ${QUOTES}`],
  ['s3cr3t', '- s3cr3t', 13, `bad indentation of a mapping entry ${QUOTES}`],
  ['s3cr3t', '|s3cr3t', 13, `a line break is expected ${QUOTES}`],
  [
    's3cr3t',
    '"s3"cr3t"',
    13,
    String.raw`text follows a closing quote: write a quote as \" within "...", and as '' within '...'`,
  ],
])('%j as %j: line %i', (good, bad, line, text) => {
  const source = GOOD.replace(good, bad);
  const said = [`config.yml:${line}: not valid YAML: ${text}`];
  expect(linesOf(load(source))).toEqual(said);
  expect(linesOf(load(source.replaceAll('\n', '\r\n')))).toEqual(said);
  expect(linesOf(load(source.replaceAll('\n', '\r')))).toEqual(said);
});

test('lines of a megabyte, or many of them, cost nothing', () => {
  expect(linesOf(load(`a: "\n  ${'[,'.repeat(500_000)}]\nb: c\n`))).toHaveLength(1);
  expect(linesOf(load(`a: "\n${'  b\n'.repeat(200_000)}c: d\n`))).toHaveLength(1);
});
