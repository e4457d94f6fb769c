import type fs from 'node:fs';

/** Up to `length` bytes from `position`: less only where the file ends. */
export function readAt(files: typeof fs, fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const read = files.readSync(fd, bytes, done, length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}
