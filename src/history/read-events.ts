import type fs from 'node:fs';
import path from 'node:path';
import { readLines } from '../files/read-lines.ts';
import { reason } from '../files/reason.ts';
import type { LocalDay } from '../model/local-day.ts';
import { EVENTS_FOLDER, eventFileName } from '../results/file-name.ts';
import { parseEvent, type TestEvent } from '../results/test-event.ts';
import type { ReadNotes } from './read-notes.ts';

/** Returns the events of the test of a site that began at `time`, in ms since the epoch; `undefined`: there are none. */
export type EventsOfTest = (site: string, time: number) => readonly TestEvent[] | undefined;

/**
 * Reads the event file of a day in a results folder. Skips the lines that are no events. Never throws: notes a file that can't
 * be read; a missing one has no events.
 */
export function readEvents(
  dir: string,
  day: LocalDay,
  { files, notes }: { readonly files: typeof fs; readonly notes: ReadNotes },
): EventsOfTest {
  const name = eventFileName(new Date(day.start));
  const file = path.join(dir, EVENTS_FOLDER, name);
  /** By the site and the second of the test's start: rows have whole seconds. */
  const found = new Map<string, Map<number, TestEvent[]>>();
  try {
    for (const { text } of readLines(files, file)) {
      const event = parseEvent(text);
      if (event === null) continue;
      const ofSite = found.get(event.site) ?? new Map<number, TestEvent[]>();
      found.set(event.site, ofSite);
      const second = secondOf(event.time.getTime());
      const ofTest = ofSite.get(second);
      if (ofTest === undefined) ofSite.set(second, [event]);
      else ofTest.push(event);
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOENT', 'ENOTDIR'].includes(code)) {
      const words = `${path.join(EVENTS_FOLDER, name)}: ${reason(error)}`;
      // A day has more than one CSV file where one was set aside.
      if (!notes.unread.includes(words)) notes.unread.push(words);
    }
  }
  return (site, time) => found.get(site)?.get(secondOf(time));
}

function secondOf(time: number): number {
  return Math.floor(time / 1000);
}
