import { resolveScalar } from '../config/yaml/scalar.ts';

/** A text as YAML: as it is where that is read as the same text, else in double quotes with what is not printable escaped. */
export function yamlString(text: string): string {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}_.@-]*$/u.test(text) && resolveScalar(text) === text) return text;
  return quotedString(text);
}

/** A text in double quotes, as YAML reads them. */
export function quotedString(text: string): string {
  const escaped = text.replace(/["\\]/g, '\\$&').replace(/\p{C}/gu, (char) => {
    const code = (char.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

/** A line with a key, in use or after a `#`, as config.example.yml has them. */
const KEY_LINE = /^(?<indent> *)#?(?<key>[\w-]+):/;

/** The lines that a key has, with all below it. */
interface Block {
  readonly start: number;
  /** Behind its last line. */
  readonly end: number;
  readonly indent: string;
}

/**
 * Finds a key of a config in lines as config.example.yml has them: two spaces a level, a key that is left out after a
 * `#`. Throws if there is none: that file is ours.
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

/** Gives a key a value, in place of the one that it has, in use or not. `value` is YAML; for a list, its items. */
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

/** Puts further lines behind a key, as deep as that. */
export function addBehind(
  lines: readonly string[],
  path: readonly string[],
  ...added: readonly string[]
): string[] {
  const { start, indent } = find(lines, path);
  return lines.toSpliced(start + 1, 0, ...added.map((line) => `${indent}${line}`));
}

/** Leaves a key out, with all below it: it stays as a comment. */
export function leaveOut(lines: readonly string[], path: readonly string[]): string[] {
  const { start, end } = find(lines, path);
  return lines.map((line, index) =>
    index >= start && index < end ? line.replace(/^( *)(?=[\w-])/, '$1#') : line,
  );
}

/** Gives a key another name. `name` is YAML. */
export function rename(lines: readonly string[], path: readonly string[], name: string): string[] {
  const { start, indent } = find(lines, path);
  return lines.with(start, `${indent}${name}:`);
}
