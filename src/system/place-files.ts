import type fs from 'node:fs';
import { readAt } from '../files/read-write.ts';
import { reason } from '../files/reason.ts';
import { replaceFile } from '../files/replace-file.ts';
import { DONE, failed, type Result } from '../model/result.ts';
import type { FileSeen, Place } from './place.ts';

/** The default limit, in bytes: more than any resolv.conf or file of /proc and /sys. */
const READ_LIMIT = 64 * 1024;

/** The file functions of a {@link Place} for this host. */
export function placeFiles(
  files: typeof fs,
): Pick<
  Place,
  'readFile' | 'overwriteFile' | 'putLink' | 'putFile' | 'listFolder' | 'readLink' | 'canOpenFiles'
> {
  return {
    readFile: (file, limit = READ_LIMIT) => readFile(files, file, limit),
    overwriteFile: (file, text, mode) =>
      attempt(() => {
        const descriptor = files.openSync(file, 'r+');
        try {
          // Write before truncating: readers never see an empty file.
          files.writeFileSync(descriptor, text);
          files.ftruncateSync(descriptor, Buffer.byteLength(text));
          if ((files.fstatSync(descriptor).mode & 0o777) !== mode) files.fchmodSync(descriptor, mode);
          files.fsyncSync(descriptor);
        } finally {
          files.closeSync(descriptor);
        }
      }),
    putLink: (file, target) =>
      attempt(() => {
        const temporary = `${file}.new`;
        files.rmSync(temporary, { force: true });
        files.symlinkSync(target, temporary);
        files.renameSync(temporary, file);
      }),
    putFile: (file, text, mode) => attempt(() => replaceFile(files, file, text, mode)),
    listFolder: (folder) => {
      try {
        return files.readdirSync(folder);
      } catch {
        return [];
      }
    },
    readLink: (file) => {
      try {
        return files.readlinkSync(file);
      } catch {
        return undefined;
      }
    },
    canOpenFiles: (count) => {
      const opened: number[] = [];
      try {
        while (opened.length < count) opened.push(files.openSync('/dev/null', 'r'));
        return DONE;
      } catch (error) {
        return failed(reason(error));
      } finally {
        for (const descriptor of opened) files.closeSync(descriptor);
      }
    },
  };
}

function attempt(change: () => void): Result {
  try {
    change();
    return DONE;
  } catch (error) {
    return failed(reason(error));
  }
}

function readFile(files: typeof fs, file: string, limit: number): FileSeen {
  let descriptor: number | undefined;
  try {
    const { O_RDONLY, O_NONBLOCK } = files.constants;
    descriptor = files.openSync(file, O_RDONLY | O_NONBLOCK);
    const stat = files.fstatSync(descriptor, { bigint: true });
    if (!stat.isFile()) return { state: 'unreadable', why: 'is not a regular file' };
    const found = readAt(files, descriptor, 0, limit + 1);
    const bytes = found.subarray(0, limit);
    const text = bytes.toString('utf8');
    return {
      state: 'read',
      text,
      exact: found.length <= limit && Buffer.from(text).equals(bytes),
      version: `${stat.dev}:${stat.ino}:${stat.mtimeNs}:${stat.size}`,
      mode: Number(stat.mode) & 0o777,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'missing' };
    return { state: 'unreadable', why: `can't be read: ${reason(error)}` };
  } finally {
    if (descriptor !== undefined) files.closeSync(descriptor);
  }
}
