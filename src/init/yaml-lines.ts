import { resolveScalar } from '../config/yaml/scalar.ts';

/** Returns a text as YAML: without quotes if YAML reads it as the same text, else in double quotes. */
export function yamlString(text: string): string {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}_.@-]*$/u.test(text) && resolveScalar(text) === text) return text;
  return quotedString(text);
}

/** Returns a text in double quotes for YAML, with unprintable characters escaped. */
export function quotedString(text: string): string {
  const escaped = text.replace(/["\\]/g, '\\$&').replace(/\p{C}/gu, (char) => {
    const code = (char.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

/** A line with a key, in use or commented out, in the form of config.example.yml. */
const KEY_LINE = /^(?<indent> *)#?(?<key>[\w-]+):/;

/** The lines of a key and of everything below it. */
interface Block {
  readonly start: number;
  /** The line after its last one. */
  readonly end: number;
  readonly indent: string;
}

/**
 * Finds a key in lines in the form of config.example.yml: two spaces for each level, unused keys after a `#`. Throws if the
 * key is missing: the example is part of the program.
 */
function find(lines: readonly string[], path: readonly string[]): Block {
  let block: Block = { start: -1, end: lines.length, indent: '' };
  for (const [depth, key] of path.entries()) {
    const indent = '  '.repeat(depth);
    const { start: above, end: last } = block;
    const start = lines.findIndex((line, index) => {
      const groups = index > above && index < last ? KEY_LINE.exec(line)?.groups : undefined;
      return groups?.['indent'] === indent && groups['key'] === key;
    });
    if (start < 0) throw new Error(`the example has no ${path.join('.')}`);
    const next = lines.findIndex((line, index) => {
      const found = index > start ? KEY_LINE.exec(line)?.groups?.['indent'] : undefined;
      return found !== undefined && found.length <= indent.length;
    });
    block = { start, end: next < 0 ? lines.length : next, indent };
  }
  return block;
}

/** Sets the value of a key, also of one that is commented out. `value`: YAML, or the items of a list as YAML. */
export function setValue(
  lines: readonly string[],
  path: readonly string[],
  value: string | readonly string[],
): string[] {
  const { start, end, indent } = find(lines, path);
  const key = `${indent}${path.at(-1)}:`;
  if (typeof value === 'string') return lines.with(start, `${key} ${value}`);
  const rest = lines.slice(start + 1, end).filter((line) => !line.trimStart().startsWith('- '));
  return [
    ...lines.slice(0, start),
    key,
    ...value.map((item) => `${indent}  - ${item}`),
    ...rest,
    ...lines.slice(end),
  ];
}

/** Adds lines after a key, on the same level. */
export function addAfter(
  lines: readonly string[],
  path: readonly string[],
  ...added: readonly string[]
): string[] {
  const { start, indent } = find(lines, path);
  return lines.toSpliced(start + 1, 0, ...added.map((line) => `${indent}${line}`));
}

/** Returns the lines of a key and of everything below it, up to the next key in use or commented out. */
export function blockOf(lines: readonly string[], path: readonly string[]): string[] {
  const { start, end } = find(lines, path);
  return lines.slice(start, end);
}

/** Whether a line is neither blank nor a comment. */
export function isKeyInUse(line: string): boolean {
  return /^ *[^ #]/.test(line);
}

/** Adds lines after those of a key, before the blank line that ends them. */
export function addBlocks(
  lines: readonly string[],
  path: readonly string[],
  added: readonly string[],
): string[] {
  const { start, end } = find(lines, path);
  const blank = lines.findIndex((line, index) => index > start && index < end && line === '');
  return lines.toSpliced(blank < 0 ? end : blank, 0, ...added);
}

/** Comments out a key and everything below it. */
export function commentOut(lines: readonly string[], path: readonly string[]): string[] {
  const { start, end } = find(lines, path);
  return lines.map((line, index) =>
    index >= start && index < end ? line.replace(/^( *)(?=[\w-])/, '$1#') : line,
  );
}

/** Renames a key. `name`: YAML. */
export function rename(lines: readonly string[], path: readonly string[], name: string): string[] {
  const { start, indent } = find(lines, path);
  return lines.with(start, `${indent}${name}:`);
}
