import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run, SetupError, say, tail } from './say.mjs';

// In dist, so that it goes when dist goes, and written last, so that a build that was cut short has none.
const STAMP = 'dist/.built-from';
const SOURCES = [
  'src',
  'scripts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.page.json',
];

/** Whether dist is anything but the build of the present sources. By content: git gives an older file a newer time. */
export function buildIsStale() {
  return !existsSync('dist/main.js') || !existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== fingerprint();
}

/** Builds dist. */
export function build() {
  say('building');
  const sources = fingerprint();
  const result = run(process.execPath, ['scripts/build.mjs']);
  if (!result.good) {
    throw new SetupError(
      `the build failed (${result.end}):\n${tail(result.output, 40)}\n` +
        'If you have changed nothing, this is a fault of vpn-monitor: please report it; else mend the lines named above.',
    );
  }
  writeFileSync(STAMP, sources);
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap(filesIn))
    hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function filesIn(name) {
  if (!statSync(name).isDirectory()) return [name];
  return readdirSync(name)
    .sort()
    .flatMap((child) => filesIn(path.join(name, child)));
}
