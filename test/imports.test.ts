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

/**
 * The folders of src, each above those that it may import from. What a folder is for stands in
 * docs/decisions/architecture.md.
 */
const FLOORS = [
  'words',
  'model',
  'files',
  'system',
  'process',
  'console',
  'http',
  'log',
  'targets',
  'clients',
  'results',
  'state',
  'lock',
  'codes',
  'rights',
  'control',
  'config/yaml',
  'config/schema',
  'config',
  'host/leftovers',
  'host/network',
  'host/dns',
  'host',
  'cell',
  'certificates',
  'history',
  'probe',
  'alerts',
  'alerts/mail/smtp',
  'alerts/mail',
  'alerts/webhook',
  'alerts/command',
  'heartbeat',
  'monitor',
  'metrics',
  'service',
  'ui',
  'report',
  'report/browser',
  'web',
  'web/browser',
  'report-mail',
  'check',
  'init',
  'demo',
  'completion',
  'commands',
  'cli',
  '.',
];

test('the sources are read', () => {
  expect(IMPORTS.size).toBeGreaterThan(200);
  expect([...loadedWith('commands/run')]).toEqual(
    expect.arrayContaining(['monitor/loop', 'valibot', 'winston']),
  );
});

test('src has main.ts and folders, and each folder has its floor', () => {
  expect(files().filter((file) => !file.includes('/'))).toEqual(['main']);
  expect([...new Set(files().map((file) => path.dirname(file)))].sort()).toEqual([...FLOORS].sort());
});

test('a folder imports from those below it alone, types included', () => {
  const upward = [...IMPORTS].flatMap(([file, imports]) => {
    const floor = FLOORS.indexOf(path.dirname(file));
    return imports
      .filter(({ of }) => IMPORTS.has(of) && FLOORS.indexOf(path.dirname(of)) > floor)
      .map(({ of }) => `${file} -> ${of}`);
  });
  expect(upward).toEqual([]);
});

test('probe/ and host/ reach a machine through their Place alone', () => {
  const reached = [
    'node:fs',
    'node:fs/promises',
    'node:child_process',
    'node:dns',
    'node:dns/promises',
    'node:os',
  ];
  const around = [...IMPORTS]
    .filter(([file]) => /^(?:probe|host)\//.test(file))
    .flatMap(([file, imports]) =>
      imports.filter(({ of }) => reached.includes(of)).map(({ of }) => `${file} -> ${of}`),
    );
  expect(around).toEqual([]);
});

test('no file imports itself by way of others, not even for a type', () => {
  expect(files().flatMap((file) => cycleFrom(file)?.join(' -> ') ?? [])).toEqual([]);
});

test('no two files have one name', () => {
  const names = files().map((file) => path.basename(file));
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

/** What is imported, and by which folders or files alone. */
const ONLY_BY: readonly (readonly [of: string, by: readonly string[]])[] = [
  ['node:fs', ['system/', 'main', 'targets/target-program', 'demo/simulated-client']],
  ['node:child_process', ['system/']],
  ['node:dns/promises', ['system/']],
  ['node-pty', ['system/']],
  ['ps-list', ['system/']],
  ['prom-client', ['metrics/']],
  ['commander', ['cli/', 'completion/', 'commands/completion']],
  ['winston', ['log/']],
  ['nodemailer', ['alerts/mail/']],
  ['undici', ['http/']],
];

describe.each(ONLY_BY)('%s', (of, by) => {
  const isIn = (file: string, place: string) =>
    place.endsWith('/') ? file.startsWith(place) : file === place;
  test(`is imported by ${by.join(', ')} alone`, () => {
    const users = [...IMPORTS]
      .filter(([, imports]) => imports.some((each) => each.of === of && each.atStart))
      .map(([file]) => file);
    expect(users.filter((file) => !by.some((place) => isIn(file, place)))).toEqual([]);
  });
});

test.each([
  ['main', ['commander', 'winston', 'valibot', 'js-yaml', 'node-pty', 'node:http']],
  ['cli/cli', ['winston', 'valibot', 'js-yaml', 'node-pty', 'prom-client', 'node:http']],
  [
    'commands/run',
    [
      'prom-client',
      'node:http',
      'web/page-process',
      'nodemailer',
      'smtp-server',
      'uplot',
      'node:readline',
      'commander',
    ],
  ],
  ['commands/once', ['prom-client', 'node:http', 'nodemailer', 'alerts/alerts', 'node:readline']],
  ['commands/status', ['winston', 'node-pty', 'prom-client', 'nodemailer']],
])('%s starts without what it may never need', (file, unneeded) => {
  expect([...loadedWith(file)].filter((each) => unneeded.includes(each))).toEqual([]);
});
