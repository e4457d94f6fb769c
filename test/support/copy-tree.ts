import { cpSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './paths.ts';

/**
 * Copies this repository to `target`, to be built there: without git's files and what is built, and with the modules as a link. A build
 * in the repository itself would replace dist under other tests.
 */
export function copyTree(target: string): void {
  const left = ['.git', 'node_modules', 'dist', 'coverage'].map((name) => path.join(ROOT, name));
  cpSync(ROOT, target, { recursive: true, filter: (file) => !left.includes(path.resolve(file)) });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(target, 'node_modules'));
}
