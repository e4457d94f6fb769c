import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = path.resolve(import.meta.dirname, '../src');

interface Import {
  /** A file below src without its ending, or a package. */
  readonly of: string;
  /** Loaded with the file that has it; else only its types are used, or it is loaded when it is needed. */
  readonly atStart: boolean;
}

/** What each file of src imports. */
const IMPORTS = new Map(
  files().map((file) => {
    const text = readFileSync(path.join(SRC, `${file}.ts`), 'utf8');
    const written = text.matchAll(/^(?:import|export)\s+(type\s)?(?:([^'";]*?)\sfrom\s+)?'([^']+)';$/gm);
    const found = [...written].map(([, type, names = '', from = '']): Import => {
      const onlyTypes =
        type !== undefined || /^\{(?:\s*type \w+(?: as \w+)?,?)+\s*\}$/.test(names.replaceAll('\n', ' '));
      return { of: nameOf(file, from), atStart: !onlyTypes };
    });
    const later = [...text.matchAll(/\bimport\('([^']+)'\)/g)].map(
      ([, from = '']): Import => ({ of: nameOf(file, from), atStart: false }),
    );
    return [file, [...found, ...later]] as const;
  }),
);

function files(): string[] {
  const found = readdirSync(SRC, { recursive: true, encoding: 'utf8' });
  return found.filter((name) => name.endsWith('.ts')).map((name) => name.slice(0, -3));
}

function nameOf(file: string, from: string): string {
  return from.startsWith('.') ? path.join(path.dirname(file), from).replace(/\.ts$/, '') : from;
}

/** All that is loaded with a file: files and packages. */
function loadedWith(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { of, atStart } of IMPORTS.get(file) ?? []) if (atStart) loadedWith(of, seen);
  return seen;
}

/** A way from a file back to itself, types included; none: `undefined`. */
function cycleFrom(start: string): readonly string[] | undefined {
  const seen = new Set<string>();
  const search = (file: string, way: readonly string[]): readonly string[] | undefined => {
    for (const { of } of IMPORTS.get(file) ?? []) {
      if (of === start) return [...way, of];
      if (seen.has(of)) continue;
      seen.add(of);
      const found = search(of, [...way, of]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(start, [start]);
}

test('the sources are read', () => {
  expect(IMPORTS.size).toBeGreaterThan(200);
  expect([...loadedWith('commands/run')]).toEqual(expect.arrayContaining(['monitor', 'node-pty', 'winston']));
});

test('no file imports itself by way of others, not even for a type', () => {
  expect(files().flatMap((file) => cycleFrom(file)?.join(' -> ') ?? [])).toEqual([]);
});

/** What is imported, and by which files or folders alone. */
const ONLY_BY: readonly (readonly [of: string, by: readonly string[]])[] = [
  ['commands/', ['commands/', 'main', 'cli', 'command-line']],
  ['ui/', ['ui/', 'commands/', 'check/', 'main']],
  ['check/', ['check/', 'commands/']],
  ['alerts/', ['alerts/', 'commands/', 'check/', 'monitor', 'longest-step']],
  ['report/', ['report/', 'commands/report']],
  ['turn', ['turn-context', 'monitor', 'commands/once']],
  ['machine/', ['machine/', 'main', 'console/expect']],
  ['node:fs', ['machine/', 'main']],
  ['node:child_process', ['machine/']],
  ['node-pty', ['machine/']],
  ['ps-list', ['machine/']],
  ['prom-client', ['metrics/']],
  ['commander', ['command-line', 'option-values', 'cli', 'commands/completion', 'completion/']],
  ['winston', ['log/']],
];

describe.each(ONLY_BY)('%s', (of, by) => {
  const isIn = (file: string, place: string) =>
    place.endsWith('/') ? file.startsWith(place) : file === place;
  test(`is imported by ${by.join(', ')} alone`, () => {
    const users = [...IMPORTS]
      .filter(([, imports]) =>
        imports.some((each) => isIn(each.of, of) && (each.atStart || IMPORTS.has(each.of))),
      )
      .map(([file]) => file);
    expect(users).not.toEqual([]);
    expect(users.filter((file) => !by.some((place) => isIn(file, place)))).toEqual([]);
  });
});

test.each(['words/time', 'words/printable', 'files/folder', 'secret'])('%s is at the bottom', (file) => {
  const loaded = [...loadedWith(file)].filter((each) => IMPORTS.has(each));
  expect(loaded.filter((each) => !/^(?:words|files|secret)/.test(each))).toEqual([]);
});

test.each([
  ['main', ['commander', 'winston', 'valibot', 'js-yaml', 'node-pty', 'node:http']],
  ['cli', ['winston', 'valibot', 'js-yaml', 'node-pty', 'prom-client', 'node:http']],
  [
    'commands/run',
    ['prom-client', 'node:http', 'nodemailer', 'smtp-server', 'uplot', 'node:readline', 'commander'],
  ],
  ['commands/once', ['prom-client', 'node:http', 'nodemailer', 'alerts/alerts', 'node:readline']],
  ['commands/status', ['winston', 'node-pty', 'prom-client', 'nodemailer']],
])('%s starts without what it may never need', (file, unneeded) => {
  expect([...loadedWith(file)].filter((each) => unneeded.includes(each))).toEqual([]);
});
