import type fs from 'node:fs';
import path from 'node:path';
import { makeFolder, syncFolder } from './folder.ts';
import { writeWhole } from './read-write.ts';

/**
 * Creates a file with exactly `mode`, whole or not at all, and its folder if that is missing. Never replaces anything, not even
 * a dangling link: throws EEXIST. Throws the system's other errors too.
 */
export function createFile(files: typeof fs, file: string, text: string, mode: number): void {
  const folder = path.dirname(file);
  makeFolder(files, folder);
  const temporary = path.join(folder, `.${path.basename(file)}.${process.pid}`);
  const fd = files.openSync(temporary, 'wx', mode);
  try {
    try {
      files.fchmodSync(fd, mode);
      writeWhole(files, fd, Buffer.from(text));
      files.fsyncSync(fd);
    } finally {
      files.closeSync(fd);
    }
    // A rename would replace a file that was created meanwhile.
    files.linkSync(temporary, file);
  } finally {
    files.unlinkSync(temporary);
  }
  syncFolder(files, folder);
}
