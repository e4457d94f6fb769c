import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder of its own for one test, or for a whole file (`afterAll`): it is removed at that end. */
export function temporaryFolder(atEnd: (remove: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'vpn-monitor-test-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
