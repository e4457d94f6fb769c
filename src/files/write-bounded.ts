/** Once this many bytes are unread, further output is dropped. */
const MOST_UNREAD = 1024 * 1024;

/** A stream that may tell how many bytes nobody has taken yet. */
export interface BoundedOutput {
  write(text: string): unknown;
  readonly writableLength?: number;
}

/** Writes to a stream whose reader, a journal, a pipe or a terminal, may hang for days: that must not fill our memory. */
export function writeBounded(output: BoundedOutput, text: string): void {
  if ((output.writableLength ?? 0) < MOST_UNREAD) output.write(text);
}
