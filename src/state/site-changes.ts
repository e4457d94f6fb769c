import type fs from 'node:fs';
import path from 'node:path';
import { openForAppend } from '../files/append.ts';
import { syncFolder } from '../files/folder.ts';
import { readLines } from '../files/read-lines.ts';
import { writeWhole } from '../files/read-write.ts';
import { CHANGES, type ChangesName, formatSite, parseSite, type SiteState } from './format.ts';

/** Returns the name that the next state file gives to its changes. */
export function nextChanges(name: ChangesName | null): ChangesName {
  return name === CHANGES[0] ? CHANGES[1] : CHANGES[0];
}

/** Appends the sites that changed to a file, durably. After an error, the file may hold a part of a line. Throws the system's error. */
export function appendChanges(
  files: typeof fs,
  file: string,
  sites: readonly (readonly [string, SiteState])[],
): void {
  const fd = openForAppend(files, file, 0o600);
  try {
    const isNew = files.fstatSync(fd).size === 0;
    writeWhole(files, fd, Buffer.from(sites.map(([name, site]) => formatSite(name, site)).join('')));
    files.fsyncSync(fd);
    if (isNew) syncFolder(files, path.dirname(file));
  } finally {
    files.closeSync(fd);
  }
}

/**
 * Applies the changes of a file to `sites`; a missing file has none. A line that a kill has torn, the last one, is left out: its test
 * is the one that a kill may cost. Throws the system's error.
 */
export function applyChanges(files: typeof fs, file: string, sites: Map<string, SiteState>): void {
  try {
    for (const { text } of readLines(files, file)) {
      const change = parseSite(text);
      if (change !== null) sites.set(change.name, change.site);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
