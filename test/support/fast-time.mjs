/**
 * Fast time, for tests only: a program that is started with this runs on clocks and timers that are some
 * times faster.
 *
 *   node --import /path/to/test/support/fast-time.mjs dist/main.js run
 *
 * with these in its environment (gone from it before the program looks, so that no child gets them):
 *
 *   FAST_TIME_FACTOR  how much faster: 10
 *   FAST_TIME_ZERO    optional: the real time, in ms since 1970, at which fast time began; when the program starts, unless said.
 *                     The same for each start of one test, so that the clock goes on over a restart.
 *   FAST_TIME_START   optional: what the wall clock showed then, in ms since 1970; the real time, unless said
 *   FAST_TIME_STEP    optional: a file that holds by how many ms the wall clock is set forward (or back, if negative), read at
 *                     each look at the clock: so a test steps the clock
 *
 * It is honest: all clocks and timers of the program go through it alike (Date, performance.now, setTimeout,
 * setInterval), and nothing else does. So a program on this runs exactly as on a machine that is so many
 * times slower (its disk, its children, its mail server): whatever happens then can happen there. What a test
 * must not do is to ask for a wait that is shorter in real time than such a child needs.
 *
 * Not scaled: a socket's own timeout (net.Socket.setTimeout), and the times that the kernel gives to files.
 */
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';

const factor = Number(process.env.FAST_TIME_FACTOR);
if (!(factor > 0)) throw new Error('fast-time.mjs: FAST_TIME_FACTOR is not a number above 0');
const RealDate = Date;
const zero = Number(process.env.FAST_TIME_ZERO ?? RealDate.now());
const start = Number(process.env.FAST_TIME_START ?? zero);
const stepFile = process.env.FAST_TIME_STEP;
for (const name of ['FACTOR', 'ZERO', 'START', 'STEP']) delete process.env[`FAST_TIME_${name}`];

function step() {
  if (stepFile === undefined) return 0;
  try {
    return Number(readFileSync(stepFile, 'utf8'));
  } catch {
    return 0;
  }
}

const now = () => Math.floor(start + (RealDate.now() - zero) * factor + step());
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, made) => Reflect.construct(target, args.length === 0 ? [now()] : args, made),
  apply: () => new RealDate(now()).toString(),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
});

const monotonic = performance.now.bind(performance);
performance.now = () => monotonic() * factor;

for (const name of ['setTimeout', 'setInterval']) {
  const real = globalThis[name];
  const fast = (callback, ms, ...args) => real(callback, ms === undefined ? ms : ms / factor, ...args);
  for (const key of Reflect.ownKeys(real)) {
    if (!(key in fast)) Object.defineProperty(fast, key, Object.getOwnPropertyDescriptor(real, key) ?? {});
  }
  globalThis[name] = fast;
  timers[name] = fast;
}
syncBuiltinESMExports();
