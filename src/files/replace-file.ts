import type fs from 'node:fs';
import path from 'node:path';
import { syncFolder } from './folder.ts';
import { giveToOwner } from './owner.ts';

/**
 * Replaces a file, whole and durably: whoever reads it, also after a kill or a power cut, sees the old content or the new.
 * Written beside it under the name `FILE.new`, which must be its writer's alone; a link there is
 * replaced, not followed. Throws what the system says; the file is then the old one.
 *
 * @param mode of the file, whatever the umask
 */
export function replaceFile(files: typeof fs, file: string, text: string, mode: number): void {
  const temporary = `${file}.new`;
  try {
    // Never a whole tree: a user who may write to the folder could have the removal leave it on its way.
    if (files.lstatSync(temporary, { throwIfNoEntry: false })?.isDirectory()) files.rmdirSync(temporary);
    files.rmSync(temporary, { force: true });
    const out = files.openSync(temporary, 'wx', mode);
    try {
      files.fchmodSync(out, mode);
      giveToOwner(files, out, path.dirname(file));
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
      // The next one to replace the file does it.
    }
    throw error;
  }
}
