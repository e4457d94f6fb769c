import { readAt } from '../../files/read-write.ts';
import { reason } from '../../files/reason.ts';
import type { System } from '../../system/system.ts';

/** Far more than any resolv.conf: more is not read. In bytes. */
const READ_LIMIT = 64 * 1024;

/** A resolv.conf as it was at one moment. */
export type ResolvFile =
  | {
      readonly state: 'read';
      readonly text: string;
      /** Whether `text` is all of it and turns back into the same bytes. */
      readonly exact: boolean;
      /** Differs when the file was replaced or written since. */
      readonly version: string;
    }
  | { readonly state: 'missing' }
  | { readonly state: 'unreadable'; readonly why: string };

/** Reads a resolv.conf, through links. A file that is no regular file is not waited for. Never throws. */
export function readResolvFile(files: System['files'], file: string): ResolvFile {
  let descriptor: number | undefined;
  try {
    const { O_RDONLY, O_NONBLOCK } = files.constants;
    descriptor = files.openSync(file, O_RDONLY | O_NONBLOCK);
    const stat = files.fstatSync(descriptor, { bigint: true });
    if (!stat.isFile()) return { state: 'unreadable', why: 'is not a regular file' };
    const found = readAt(files, descriptor, 0, READ_LIMIT + 1);
    const bytes = found.subarray(0, READ_LIMIT);
    const text = bytes.toString('utf8');
    return {
      state: 'read',
      text,
      exact: found.length <= READ_LIMIT && Buffer.from(text).equals(bytes),
      version: `${stat.dev}:${stat.ino}:${stat.mtimeNs}:${stat.size}`,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'missing' };
    return { state: 'unreadable', why: `can't be read: ${reason(error)}` };
  } finally {
    if (descriptor !== undefined) files.closeSync(descriptor);
  }
}

/**
 * Writes `text` over a file in place, through links: inode, owner and mode stay. A new file renamed over it would replace
 * a link by a file, and a service may be allowed to write no more than the file itself.
 *
 * @returns `null`, or why not, in words. Never throws.
 */
export function writeInPlace(files: System['files'], file: string, text: string): string | null {
  try {
    const descriptor = files.openSync(file, 'r+');
    try {
      // Written before it is cut: readers never see it empty.
      files.writeFileSync(descriptor, text);
      files.ftruncateSync(descriptor, Buffer.byteLength(text));
      files.fsyncSync(descriptor);
    } finally {
      files.closeSync(descriptor);
    }
    return null;
  } catch (error) {
    return reason(error);
  }
}
