import type fs from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

/** A line of a file, without its line end. */
export interface Line {
  readonly text: string;
  /** Whether it had a line end. Only the last line of a file may have none. */
  readonly ended: boolean;
}

/** Size of one read, in bytes. */
const PIECE = 64 * 1024;
/** Largest file, in bytes: five times one row a second for a day. A sparse file could take hours. */
const LARGEST = 32 * 1024 * 1024;
/** Longest unfinished line, in characters: more of it is dropped. No row is that long. */
const LONGEST = 64 * 1024;

/** U+FEFF, with which spreadsheets begin a text file to tell its encoding. */
const BOM = '\ufeff';

/**
 * Yields the lines of a regular file, ended by LF or CR LF; reads it piece by piece. The text is UTF-8, or UTF-16 as a spreadsheet
 * on Windows saves it, with a mark at the beginning. Throws if the file is not regular, since it
 * may never end, or larger than {@link LARGEST}, and the system's errors.
 */
export function* readLines(files: typeof fs, file: string): Generator<Line> {
  const stats = files.statSync(file);
  if (!stats.isFile()) throw new Error('not a regular file');
  if (stats.size > LARGEST) throw new Error(`larger than ${LARGEST / 1024 / 1024} MB`);
  const fd = files.openSync(file, 'r');
  try {
    const bytes = Buffer.allocUnsafe(PIECE);
    let decoder: StringDecoder | undefined;
    let rest = '';
    for (let read = files.readSync(fd, bytes); read > 0; read = files.readSync(fd, bytes)) {
      const isFirst = decoder === undefined;
      decoder ??= new StringDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8');
      const decoded = decoder.write(bytes.subarray(0, read));
      const text = rest + (isFirst && decoded.startsWith(BOM) ? decoded.slice(1) : decoded);
      let start = 0;
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
        const last = end > start && text.charCodeAt(end - 1) === 0x0d ? end - 1 : end;
        yield { text: text.slice(start, last), ended: true };
        start = end + 1;
      }
      rest = text.slice(start, start + LONGEST);
    }
    rest += decoder?.end() ?? '';
    if (rest !== '') yield { text: rest.replace(/\r$/, ''), ended: false };
  } finally {
    files.closeSync(fd);
  }
}
