import { spawn } from 'node:child_process';

// The name of the folder, an argument of these processes, tells them from later ones with their pids.
const SCRIPT = `
folder=$1
shift
belongs() { grep -qsaF "$folder" "/proc/$1/cmdline"; }
read -r word
[ "$word" = ended ] && exit
for pid; do belongs "$pid" && kill -KILL "$pid"; done
for pid; do while belongs "$pid"; do sleep 0.05; done; done
rm -rf --one-file-system "$folder"`;

/**
 * Ends a world and removes its folder as soon as this process is gone, however it went (kill -9 too). `pids`, as seen
 * from here, are those of the unshare that made the world and of the first process in it. Returns what to call once
 * the world has ended in another way.
 */
export function guardWorld(pids: readonly number[], folder: string): () => void {
  // In a session of its own: ctrl-C on a terminal goes to a whole group, and must not end the guard.
  const guard = spawn('sh', ['-c', SCRIPT, 'sh', folder, ...pids.map(String)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => {});
  guard.stdin.on('error', () => {});
  guard.unref();
  return () => guard.stdin.end('ended\n');
}
