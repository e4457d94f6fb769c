// A preload of the monitor: kills it at a chosen effect on its results. STRIKE_FILE is a file that says at
// which, in one line: `effect TEST NTH before`, `... after`, or `... 0.37`: when so much of a row is written.
// Effects are what makes a row or the state last: writes to a CSV file, fsync, rename, whole files written,
// cuts.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';

const { appendFileSync, existsSync, readFileSync, writeFileSync, writeSync, openSync } = fs;
const file = process.env.STRIKE_FILE ?? '';
delete process.env.STRIKE_FILE;
const csv = new Set();
let order = '';
let count = 0;

/**
 * When this effect is to be struck, if it is. Only a row can be torn: where that is the order, only rows
 * count.
 */
function struck(isRow) {
  const now = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (!now.startsWith('effect ')) return undefined;
  if (now !== order) count = 0;
  order = now;
  const [, , nth, when] = now.split(' ');
  if (!isRow && !['before', 'after'].includes(when)) return undefined;
  count += 1;
  return count === Number(nth) ? when : undefined;
}

function end() {
  const [, test] = order.split(' ');
  appendFileSync(
    path.join(path.dirname(file), 'notes'),
    `${test} - ${process.pid} effect 0 struck ${order}\n`,
  );
  writeFileSync(file, '');
  process.kill(process.pid, 'SIGKILL');
  // It is not always delivered before kill returns.
  for (;;);
}

function effect(run, torn) {
  const when = struck(torn !== undefined);
  if (when === undefined) return run();
  if (when !== 'after' && when !== 'before') torn?.(Number(when));
  if (when !== 'after') end();
  run();
  return end();
}

for (const name of ['fsyncSync', 'renameSync', 'writeFileSync', 'ftruncateSync']) {
  const real = fs[name];
  fs[name] = (...args) => effect(() => real(...args));
}
fs.openSync = (path, ...args) => {
  const fd = openSync(path, ...args);
  if (String(path).endsWith('.csv')) csv.add(fd);
  else csv.delete(fd);
  return fd;
};
fs.writeSync = (fd, bytes, ...args) => {
  if (!csv.has(fd)) return writeSync(fd, bytes, ...args);
  const torn = (part) => writeSync(fd, bytes.subarray(0, Math.floor(bytes.length * part)));
  return effect(() => writeSync(fd, bytes, ...args), torn);
};
syncBuiltinESMExports();
