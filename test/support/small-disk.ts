import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A real, tiny disk that can be filled and freed. */
export interface SmallDisk {
  readonly dir: string;
  /** Takes every byte but `spare`. */
  fill(spare?: number): void;
  free(): void;
  unmount(): void;
}

/** Mounts a tmpfs with these options. Throws without the right to. */
export function mountSmallDisk(options = 'size=64k'): SmallDisk {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', dir], { stdio: 'ignore' });
  } catch (error) {
    fs.rmdirSync(dir);
    throw error;
  }
  const filler = path.join(dir, 'filler');
  return {
    dir,
    fill: (spare = 0) => {
      const fd = fs.openSync(filler, 'a');
      try {
        for (;;) fs.writeSync(fd, Buffer.alloc(4096));
      } catch {
        fs.ftruncateSync(fd, fs.fstatSync(fd).size - spare);
      } finally {
        fs.closeSync(fd);
      }
    },
    free: () => fs.rmSync(filler, { force: true }),
    unmount: () => {
      execFileSync('umount', ['-l', dir]);
      fs.rmdirSync(dir);
    },
  };
}

/** Why {@link mountSmallDisk} can't work here, or `undefined` if it can. */
export const smallDiskUnavailable: string | undefined = (() => {
  try {
    mountSmallDisk().unmount();
    return undefined;
  } catch {
    return 'needs the right to mount a tmpfs (run as root)';
  }
})();
