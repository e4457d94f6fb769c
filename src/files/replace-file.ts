import type fs from 'node:fs';
import path from 'node:path';
import { giveToFolderOwner, syncFolder } from './folder.ts';

/**
 * Replaces a file whole and durably: a reader sees the old or the new content, also after a kill or a power cut.
 * Writes to `FILE.new` first, a name that no other process may use; replaces a link of that name. Throws the system's error;
 * the old file then stays.
 *
 * @param mode of the file, whatever the umask
 */
export function replaceFile(files: typeof fs, file: string, text: string, mode: number): void {
  const temporary = `${file}.new`;
  try {
    // Not recursively: a user who may write to the folder could lead the removal out of it.
    if (files.lstatSync(temporary, { throwIfNoEntry: false })?.isDirectory()) files.rmdirSync(temporary);
    files.rmSync(temporary, { force: true });
    const out = files.openSync(temporary, 'wx', mode);
    try {
      files.fchmodSync(out, mode);
      giveToFolderOwner(files, out, path.dirname(file));
      files.writeFileSync(out, text);
      files.fsyncSync(out);
    } finally {
      files.closeSync(out);
    }
    files.renameSync(temporary, file);
    syncFolder(files, path.dirname(file));
  } catch (error) {
    try {
      files.rmSync(temporary, { force: true });
    } catch {
      // The next replacement removes it.
    }
    throw error;
  }
}
