// Measures what the monitor itself costs, against a simulated client and an instant ping: npm run bench
//   --json     figures as JSON      --rows N   rows after the warm-up (1000), longer than two minutes from about 1500 on
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hasWorlds, startInWorld, startOutside } from './world.mjs';

parseArgs({ options: { json: { type: 'boolean' }, rows: { type: 'string' } } });
const folder = mkdtempSync(path.join(tmpdir(), 'vpn-monitor-bench-'));
const inside = fileURLToPath(new URL('./inside.mjs', import.meta.url));
// With the real profile it would see, and kill, clients that are somebody's: so only in a world of its own.
const alone = hasWorlds();
const command = [process.execPath, inside, ...process.argv.slice(2)];
const settings = { BENCH_FOLDER: folder, BENCH_ALONE: alone ? 'yes' : 'no' };
const child = alone ? startInWorld(command, settings) : startOutside(command, settings);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => child.kill(alone ? 'SIGKILL' : 'SIGTERM'));
child.on('exit', (code) => {
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
