import type fs from 'node:fs';

/** Opens and writes a file. Both may throw the system's error. */
export interface SyncFile {
  /** Opens a file for appending; returns its descriptor. */
  open(file: string): number;
  /** Writes all of `bytes`. */
  write(fd: number, bytes: Buffer): void;
}

type Done<T> = (error: unknown, value?: T) => void;

/**
 * Returns an `fs` option for fs.WriteStream that opens and writes synchronously.
 *
 * @param onError called with an error before the stream, which reports it later.
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
