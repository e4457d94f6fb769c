import type fs from 'node:fs';
import path from 'node:path';

/**
 * Writes a file that the user named, whole or not at all: who reads it meanwhile finds the old one. What is there and is no
 * regular file, such as /dev/stdout, is written to as it is. Returns how many bytes. Throws what the system says.
 */
export function writeOutput(files: typeof fs, file: string, pieces: Iterable<string>): number {
  const standing = files.statSync(file, { throwIfNoEntry: false });
  if (standing !== undefined && !standing.isFile()) return write(files, files.openSync(file, 'w'), pieces);
  // Where a link leads to, never the link: /dev/stdout may be one to a file.
  const target = standing === undefined ? file : files.realpathSync(file);
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${process.pid}.new`);
  try {
    const bytes = write(files, files.openSync(temporary, 'wx'), pieces);
    files.renameSync(temporary, target);
    return bytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') files.rmSync(temporary, { force: true });
    throw error;
  }
}

function write(files: typeof fs, fd: number, pieces: Iterable<string>): number {
  let bytes = 0;
  try {
    for (const piece of pieces) {
      const buffer = Buffer.from(piece);
      for (let done = 0; done < buffer.length; ) done += files.writeSync(fd, buffer, done);
      bytes += buffer.length;
    }
  } finally {
    files.closeSync(fd);
  }
  return bytes;
}
