import path from 'node:path';
import type { System } from '../system/system.ts';

/** Makes a file in a folder and removes it again. Throws what the system says. */
export function tryToWrite(folder: string, { files, pid }: System): void {
  const trial = path.join(folder, `.vpn-monitor-check-${pid}`);
  files.writeFileSync(trial, 'check\n', { flag: 'wx' });
  files.rmSync(trial);
}
