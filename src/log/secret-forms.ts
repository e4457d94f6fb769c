/** One encoding of a secret, as the source of a regular expression. */
export interface Form {
  readonly source: string;
  /** The characters (UTF-16 code units) that it may begin with; may contain more. */
  readonly heads: ReadonlySet<string>;
  /** About how many characters it matches. The longer of two forms at one position wins. */
  readonly length: number;
}

/** In base64 and hex, fewer bytes than this match too often by chance; 3 bytes match at one position in 16 million. */
const DISTINCTIVE_BYTES = 3;

/**
 * Returns all forms of a secret: plain text, with special characters as in JSON, URLs, HTML, a shell, C or Python, also mixed; base64
 * at its three alignments, with unknown text before and after; and hex. Line breaks are removed: remove them from the text too.
 */
export function formsOf(secret: string): readonly Form[] {
  const text = secret.replace(/[\r\n]/g, '');
  if (text === '') return [];
  const bytes = Buffer.from(text);
  if (bytes.length < DISTINCTIVE_BYTES) return [plainForm(text)];
  return [plainForm(text), ...[0, 1, 2].map((before) => base64Form(bytes, before)), hexForm(bytes)];
}

function plainForm(text: string): Form {
  const head = text.charAt(0);
  const heads = new Set(ALPHANUMERIC.test(head) ? head : [head, ...'\\%&+"\'']);
  return { source: plainSource(text), heads, length: text.length };
}

const ALPHANUMERIC = /^[A-Za-z0-9]$/;

function plainSource(text: string): string {
  return text.replace(/(.)\1*/gsu, (run, character: string) =>
    runSource(character, run.length / character.length),
  );
}

/**
 * A run of one character in every spelling. Letters and digits have only one. The run is one unit: otherwise optional doubling of each
 * quote or backslash would make matching slow.
 */
function runSource(character: string, count: number): string {
  if (ALPHANUMERIC.test(character)) return character.repeat(count);
  return `(?:(?:${spellings(character).join('|')}){${count}}|${literalSource(character, count)})`;
}

/** The character itself, escaped by backslashes at up to two levels; a quote may also be doubled. */
function literalSource(character: string, count: number): string {
  if (character === '\\') return `\\\\{${count},${4 * count}}`;
  const escaped = `\\\\{0,3}${character.replace(/[$()*+.?[\]^{|}/-]/g, '\\$&')}`;
  return `(?:${escaped}){${count}${/['"]/.test(character) ? `,${2 * count}` : ''}}`;
}

function spellings(character: string): string[] {
  const bytes = [...Buffer.from(character)];
  const code = character.codePointAt(0) ?? 0;
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  const backslash = '\\\\{1,4}';
  const spelt = [
    bytes.map((byte) => `%${hexSource(byte)}`).join(''),
    bytes.map((byte) => `${backslash}x${hexSource(byte)}`).join(''),
    bytes.map((byte) => `${backslash}${byte.toString(8).padStart(3, '0')}`).join(''),
    units.map((unit) => `${backslash}u${hexSource(unit, 4)}`).join(''),
    `${backslash}u\\{0{0,4}${hexSource(code, 1)}\\}`,
    `${backslash}U${hexSource(code, 8)}`,
    `&#0{0,4}${code};`,
    `&#[xX]0{0,4}${hexSource(code, 1)};`,
    ...(NAMED[character] ?? []),
  ];
  if (code < 0x100 && bytes.length > 1) spelt.push(`${backslash}x${hexSource(code)}`);
  return spelt;
}

/** Further spellings of a character: HTML's names, a form's plus sign, quotes within quotes of a shell. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  ' ': ['\\+'],
  '&': ['&amp;'],
  '<': ['&lt;'],
  '>': ['&gt;'],
  '"': ['&quot;', `"'"'"`],
  "'": ['&apos;', `'\\\\{1,2}''`, `'"'"'`],
};

/**
 * The part of base64 that is certain if `before` bytes (modulo 3) precede the secret: the middle, and at both ends the characters that
 * match the known bits.
 */
function base64Form(bytes: Buffer, before: number): Form {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const all = '?'.repeat(8 * before) + bits;
  const sextets = all.match(/.{1,6}/g) ?? [];
  const known = sextets.filter((sextet) => /[01]/.test(sextet)).map((sextet) => sextet.padEnd(6, '?'));
  const [first = []] = known.map(fittingCharacters);
  const heads = new Set(first.flatMap((character) => (/[+/]/.test(character) ? [...'+-/_%\\'] : character)));
  return { source: `${known.map(sextetSource).join('')}(?:=|%3[dD]){0,2}`, heads, length: known.length };
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function fittingCharacters(sextet: string): string[] {
  if (!sextet.includes('?')) return [BASE64.charAt(Number.parseInt(sextet, 2))];
  const pattern = new RegExp(`^${sextet.replaceAll('?', '.')}$`);
  return [...BASE64].filter((_, value) => pattern.test(value.toString(2).padStart(6, '0')));
}

function sextetSource(sextet: string): string {
  // The alphabet of URLs has - and _; the usual one is percent-encoded there, and JSON may escape its slash.
  const spelt = fittingCharacters(sextet).flatMap((character) =>
    character === '+' ? ['[-+]', '%2[bB]'] : character === '/' ? ['[/_]', '%2[fF]', '\\\\/'] : character,
  );
  return spelt.length === 1 ? spelt.join('') : `(?:${spelt.join('|')})`;
}

function hexForm(bytes: Buffer): Form {
  // The text between two bytes in a dump, in C, or in a URL that encodes every character.
  const between = '(?:[ :-]|\\\\{1,2}x|%|,? ?0x)?';
  const head = bytes.toString('hex', 0, 1).charAt(0);
  return {
    source: [...bytes].map((byte) => hexSource(byte)).join(between),
    heads: new Set([head, head.toUpperCase()]),
    length: 2 * bytes.length,
  };
}

function hexSource(value: number, digits = 2): string {
  const hex = value.toString(16).padStart(digits, '0');
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}
