import type fs from 'node:fs';
import path from 'node:path';
import { openForAppend } from '../files/append.ts';
import { makeFolder } from '../files/folder.ts';
import { checkPrivateFolder } from '../files/private-folder.ts';
import { readAt, writeWhole } from '../files/read-write.ts';
import { reason } from '../files/reason.ts';
import type { Log } from '../log/log.ts';
import { EVENTS_FOLDER, eventFileName } from './file-name.ts';
import { formatEvent, type TestEvent } from './test-event.ts';

/** What {@link EventFiles} needs. */
export interface EventFilesOptions {
  /** The results folder. */
  readonly dir: string;
  readonly files: typeof fs;
  readonly log: Log;
}

/**
 * The daily event files of a results folder: `events/YYMMDD.jsonl`. They explain rows and are never needed for one, so an
 * event that can't be written is lost, and the log says so once.
 */
export class EventFiles {
  readonly #folder: string;
  readonly #files: typeof fs;
  readonly #log: Log;
  #isBroken = false;

  constructor({ dir, files, log }: EventFilesOptions) {
    this.#folder = path.join(dir, EVENTS_FOLDER);
    this.#files = files;
    this.#log = log;
  }

  /** Appends the events of one test to the file of its local day. Never throws. */
  append(events: readonly TestEvent[]): void {
    const [first] = events;
    if (first === undefined) return;
    const target = path.join(this.#folder, eventFileName(first.time));
    try {
      makeFolder(this.#files, this.#folder);
      const trusted = checkPrivateFolder(this.#files, this.#folder);
      if (!trusted.ok) throw new Error(trusted.why);
      this.#write(target, events.map(formatEvent).join(''));
      if (this.#isBroken) this.#log.warning('Events can be written again');
      this.#isBroken = false;
    } catch (error) {
      if (!this.#isBroken) {
        this.#log.warning(`Events can't be written to ${target} and are lost: ${reason(error)}`);
      }
      this.#isBroken = true;
    }
  }

  #write(target: string, lines: string): void {
    const fd = openForAppend(this.#files, target, 0o644);
    try {
      const { size } = this.#files.fstatSync(fd);
      // A full disk or a kill may have torn the last line: the reader skips it.
      const isTorn = size > 0 && readAt(this.#files, fd, size - 1, 1)[0] !== 0x0a;
      writeWhole(this.#files, fd, Buffer.from(isTorn ? `\n${lines}` : lines));
    } finally {
      this.#files.closeSync(fd);
    }
  }
}
