import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasWorlds, startInWorld, startOutside } from './world.mjs';

/**
 * Runs a script beside this one, with this process's arguments, in a world of its own where there can be one, and ends
 * with its status. It finds an empty folder for itself in BENCH_FOLDER, and in BENCH_ALONE whether it has a world: with the
 * real profile it would otherwise see, and kill, clients that are somebody's.
 *
 * @param {string} script
 */
export function runInWorld(script) {
  const folder = mkdtempSync(path.join(tmpdir(), 'vpn-monitor-bench-'));
  const inside = fileURLToPath(new URL(script, import.meta.url));
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
}
