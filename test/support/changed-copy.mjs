// For what changes a line of src and looks what the tests say then: a copy of the tree, and the table that tells of it.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PARTS = [
  'src',
  'test',
  'scripts',
  'package.json',
  'tsconfig.json',
  'tsconfig.test.json',
  'vitest.config.ts',
  'config.example.yml',
  'config.schema.json',
];

/** Gives `use` a copy of the tree, which is removed when it has returned. */
export function withCopy(use) {
  const folder = mkdtempSync(path.join(tmpdir(), 'vpn-monitor-changed-'));
  try {
    for (const name of PARTS) cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    use({
      change: (file, changes, look) => change(path.join(folder, file), changes, look),
      // A type that no longer fits, or a name that is no longer used, is no reason not to try: tsc writes the program all the same.
      build: () => run(folder, 'tsc', ['-p', 'tsconfig.json'], {}),
      test: (args, env = {}) => run(folder, 'vitest', ['run', ...args], env),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Replaces texts of a file, calls `look`, and puts the file back. Returns the text that is not there, if one is not. */
function change(file, changes, look) {
  const whole = readFileSync(file, 'utf8');
  const missing = changes.find(([text]) => !whole.includes(text));
  if (missing !== undefined) return missing[0];
  writeFileSync(
    file,
    changes.reduce((text, [before, after]) => text.replace(before, () => after), whole),
  );
  try {
    look();
  } finally {
    writeFileSync(file, whole);
  }
}

function run(folder, program, args, env) {
  const { status, stdout, stderr } = spawnSync(path.join(folder, 'node_modules/.bin', program), args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...env },
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, output: `${stdout}\n${stderr}` };
}

/** A text in code style for a cell of a Markdown table: one line, at most 200 characters. */
export function cell(text) {
  const shown = text.trim().replace(/\s+/g, ' ').replaceAll('|', '\\|');
  return `\`${shown.length > 200 ? `${shown.slice(0, 200)}…` : shown}\``;
}

/** Prints the row of what could not be shown, and makes this program end with 1. */
export function notShown(name, why) {
  process.exitCode = 1;
  console.log(`| ${name} | | NOT SHOWN: ${why} |`);
}
