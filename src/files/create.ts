import type fs from 'node:fs';
import path from 'node:path';
import { writeWhole } from './append.ts';
import { makeFolder, syncFolder } from './folder.ts';

/**
 * Makes a new file, whole or not at all, with exactly `mode`; its folder too, if it is missing. What is there already,
 * be it a dangling link, is never replaced: EEXIST. Throws what the system says.
 */
export function createFile(files: typeof fs, file: string, text: string, mode: number): void {
  const folder = path.dirname(file);
  makeFolder(files, folder);
  const part = path.join(folder, `.${path.basename(file)}.${process.pid}`);
  const fd = files.openSync(part, 'wx', mode);
  try {
    try {
      files.fchmodSync(fd, mode);
      writeWhole(files, fd, Buffer.from(text));
      files.fsyncSync(fd);
    } finally {
      files.closeSync(fd);
    }
    // A rename would replace what has come there meanwhile.
    files.linkSync(part, file);
  } finally {
    files.unlinkSync(part);
  }
  syncFolder(files, folder);
}
