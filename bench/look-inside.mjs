// Preloaded into a monitor (node --import): at each SIGUSR2 it adds a line of JSON to $BENCH_LOOKS, what this process holds
// between two tests.
import { appendFileSync, readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const LOOKS = 150;
const EVERY_MS = 7;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('SIGUSR2', () => {
  // Of many looks the lowest: between two tests nothing is open and nothing waits.
  const least = { files: Number.POSITIVE_INFINITY, resources: Number.POSITIVE_INFINITY };
  let looks = 0;
  const timer = setInterval(() => {
    least.files = Math.min(least.files, readdirSync('/proc/self/fd').length);
    least.resources = Math.min(least.resources, process.getActiveResourcesInfo().length);
    looks += 1;
    if (looks < LOOKS) return;
    clearInterval(timer);
    // What the first one has found to be garbage outside of V8's own heap is freed by the second.
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    appendFileSync(process.env.BENCH_LOOKS, `${JSON.stringify({ ...least, heap: heapUsed + external })}\n`);
  }, EVERY_MS);
  // What does not keep the process running is not counted, so that it does not count itself.
  timer.unref();
});
