import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** What of the host a lab could change. */
export function host(): string {
  return execFileSync(
    'sh',
    ['-c', 'ip -br link; ip route; ip netns list; nft list tables; cat /etc/resolv.conf'],
    {
      encoding: 'utf8',
    },
  );
}

/** What is left of the lab with this folder. */
export function left(folder: string): string[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => mentions(`/proc/${pid}/cmdline`, folder) || mentions(`/proc/${pid}/environ`, folder))
    .map((pid) => `process ${pid}`);
  const mounts = mentions('/proc/self/mountinfo', folder) ? ['mounts'] : [];
  return [...processes, ...mounts, ...(existsSync(folder) ? ['folder'] : [])];
}

function mentions(file: string, text: string): boolean {
  try {
    return readFileSync(file, 'utf8').includes(text);
  } catch {
    return false;
  }
}
