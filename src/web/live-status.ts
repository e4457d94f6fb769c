import type { DayRows } from '../history/read-days.ts';
import { type ReadStatus, readStatus, whatIsWritten } from '../history/read-status.ts';
import { newestRows, RecentDays, type RecentRows } from '../history/recent-rows.ts';
import { barsOf, type SiteBars } from '../history/site-bars.ts';
import type { System } from '../system/system.ts';
import { MINUTE_MS } from '../words/time.ts';
import type { PageNews, PageSettings } from './page-news.ts';

/** The state of all sites at one moment. */
export interface Snapshot extends ReadStatus {
  /** Differs from that of every other snapshot. */
  readonly number: number;
  readonly bars: ReadonlyMap<string, SiteBars>;
  /** The rows of the last 30 days; of the last 24 hours if that is all that is known yet. */
  readonly days: readonly DayRows[];
  /** Whether only the last 24 hours have been read. */
  readonly isPart: boolean;
}

/** What the monitor is doing. */
export interface Doing {
  /** By site, the step of its test. */
  readonly steps: ReadonlyMap<string, string>;
  /** When the next cycle begins, in ms since the epoch; `null`: one is running, or that is not known yet. */
  readonly next: number | null;
}

/** How long what was read counts as new, in ms, also if the files have changed: others read them too. */
const FRESH_MS = 500;
/** After a look comes a rest of so many times its length, at most {@link MOST_REST_MS}. */
const REST = 3;
/** So that the first look, which reads a month, does not hold up the next one; in ms. */
const MOST_REST_MS = 1500;

/**
 * What the page shows: read from the results folder, and told by the monitor. The files are read only if somebody asks, and not again before
 * one of them has changed or a minute is over.
 */
export class LiveStatus {
  readonly #settings: PageSettings;
  readonly #system: System;
  readonly #recent: RecentDays;
  readonly #steps = new Map<string, string>();
  readonly #loggingIn = new Set<string>();
  readonly #transcripts = new Map<string, string>();
  #next: number | null = null;
  #snapshot: Snapshot | undefined;
  /** What is shown until there is a snapshot. */
  #part: Promise<Snapshot> | undefined;
  /** That of the last snapshot. It begins with the time: the numbers of a program that ran before are others. */
  #number: number;
  /** What was written when the snapshot was made. */
  #written = '';
  #reading: Promise<Snapshot> | undefined;
  /** When the last look ended and how long it took, in ms on the monotonic clock. */
  #looked = { at: Number.NEGATIVE_INFINITY, took: 0 };

  constructor(settings: PageSettings, system: System) {
    this.#settings = settings;
    this.#system = system;
    this.#recent = new RecentDays(settings.status.logging, system.files);
    this.#number = system.now().getTime();
  }

  get doing(): Doing {
    return { steps: this.#steps, next: this.#next };
  }

  /** Whether a client is logging in somewhere. */
  get loggingIn(): boolean {
    return this.#loggingIn.size > 0;
  }

  /** The end of the client's output at the last log-in of a site that failed since the monitor's start. */
  transcriptOf(site: string): string | undefined {
    return this.#transcripts.get(site);
  }

  /** Takes in what the monitor does. */
  hear(news: PageNews): void {
    switch (news.kind) {
      case 'cycle':
        this.#next = null;
        break;
      case 'step':
        this.#next = null;
        this.#steps.set(news.site, news.words);
        if (news.login) this.#loggingIn.add(news.site);
        else this.#loggingIn.delete(news.site);
        break;
      case 'finished':
        this.#steps.delete(news.site);
        this.#loggingIn.delete(news.site);
        if (news.transcript !== null) this.#transcripts.set(news.site, news.transcript);
        break;
      case 'idle':
        this.#steps.clear();
        this.#loggingIn.clear();
        this.#next = news.next;
        break;
      case 'end':
        break;
    }
  }

  /** The state now, or as it was a moment ago. Rejects if the results folder can't be read. */
  read(): Promise<Snapshot> {
    this.#reading ??= this.#look().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Like {@link read}, but does not wait for the month to be read: until that is done, it has the last 24 hours. */
  async readSoon(): Promise<Snapshot> {
    if (this.#snapshot !== undefined) return this.read();
    this.#part ??= this.#makePart();
    try {
      const part = await this.#part;
      this.read().catch(() => undefined);
      return this.#snapshot ?? part;
    } catch (error) {
      this.#part = undefined;
      throw error;
    }
  }

  async #look(): Promise<Snapshot> {
    const { monotonic, now } = this.#system;
    const began = monotonic();
    const before = this.#snapshot;
    const rest = Math.min(MOST_REST_MS, Math.max(FRESH_MS, REST * this.#looked.took));
    if (before !== undefined && began - this.#looked.at < rest) return before;
    const { status } = this.#settings;
    const written = whatIsWritten(status, this.#system);
    const time = now().getTime();
    if (before !== undefined && written === this.#written && time - before.now < MINUTE_MS) return before;
    const snapshot = await this.#make(await this.#recent.rows(time));
    this.#snapshot = snapshot;
    this.#part = undefined;
    this.#written = written;
    const ended = monotonic();
    this.#looked = { at: ended, took: ended - began };
    return snapshot;
  }

  async #makePart(): Promise<Snapshot> {
    const { logging } = this.#settings.status;
    return await this.#make(newestRows(logging, this.#system.files, this.#system.now().getTime()));
  }

  async #make(
    rows: RecentRows & { readonly days: readonly DayRows[]; readonly span?: number },
  ): Promise<Snapshot> {
    const { status, sites } = this.#settings;
    const read = await readStatus(status, sites, this.#system, rows);
    const bars = barsOf(rows.days, { sites, now: read.now, frequencyMs: status.frequency * 1000 });
    this.#number += 1;
    return { ...read, number: this.#number, bars, days: rows.days, isPart: rows.span !== undefined };
  }
}
