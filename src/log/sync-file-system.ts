import type fs from 'node:fs';

/** What a file's bytes go through: both may throw what the system says. */
export interface SyncFile {
  /** Opens a file for appending; returns its descriptor. */
  open(file: string): number;
  /** Writes all of `bytes`. */
  write(fd: number, bytes: Buffer): void;
}

type Done<T> = (error: unknown, value?: T) => void;

/**
 * What fs.WriteStream takes as its `fs` option, for opening and writing at once instead of in the background.
 *
 * @param onError is told of a failure before the stream is, which reports it only later.
 */
export function syncFileSystem(files: typeof fs, file: SyncFile, onError: (error: unknown) => void): object {
  function answer<T>(work: () => T, done: Done<T>): void {
    let value: T;
    try {
      value = work();
    } catch (error) {
      onError(error);
      done(error);
      return;
    }
    done(null, value);
  }
  return {
    open: (name: string, _flags: string, _mode: number, done: Done<number>) =>
      answer(() => file.open(name), done),
    write: (
      fd: number,
      bytes: Buffer,
      offset: number,
      length: number,
      _position: unknown,
      done: Done<number>,
    ) => {
      answer(() => {
        file.write(fd, bytes.subarray(offset, offset + length));
        return length;
      }, done);
    },
    fsync: files.fsync,
    close: files.close,
  };
}
