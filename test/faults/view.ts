import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { World } from '../support/world.ts';

/** The world's folder from outside. */
export interface View {
  /** A path in it, for what is not mounted there. */
  at(name: string): string;
  /** A path in it as it is seen inside, with what is mounted there. */
  seen(name: string): string;
  /** A file as it is seen inside; empty if there is none. */
  read(name: string): string;
  /** How many tests have begun. */
  testsBegun(): number;
}

/** The view of a world. */
export function viewOf({ folder, view }: World): View {
  const seen = (name: string) => path.join(view, folder, name);
  const read = (name: string) => (existsSync(seen(name)) ? readFileSync(seen(name), 'utf8') : '');
  return {
    at: (name) => path.join(folder, name),
    seen,
    read,
    testsBegun: () => read('tests').length,
  };
}

/** All regular files below a folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(file);
    return entry.isFile() ? [file] : [];
  });
}
