import path from 'node:path';
import type { Alerts, MadeReport } from '../alerts/alerts.ts';
import type { Config } from '../config/config.ts';
import { makePrivateFolder } from '../files/private-folder.ts';
import { reason } from '../files/reason.ts';
import type { Log } from '../log/log.ts';
import { dayName } from '../model/local-day.ts';
import type { Progress } from '../model/progress.ts';
import { judgeReport, type ReportPeriod } from '../model/report-period.ts';
import { failed, good, type Result } from '../model/result.ts';
import { reportsFolder, type State } from '../state/store.ts';
import type { System } from '../system/system.ts';
import { ReportMaker } from '../web/report-maker.ts';
import { bytesInWords } from '../words/numbers.ts';
import { MINUTE_MS } from '../words/time.ts';

/**
 * The largest page that is attached, in bytes. In base64 it has a third more: Postfix takes mails of 10.24 MB by default
 * (https://www.postfix.org/postconf.5.html#message_size_limit).
 */
const MOST_BYTES = 7_000_000;
/** The longest text of the figures, in characters: it is stored with the message. */
const MOST_CHARACTERS = 20_000;
/** A report that could not be made is tried again so much later, in ms. */
const RETRY_MS = 10 * MINUTE_MS;
/** After so many tries the message says why there is no report. */
const MOST_TRIES = 3;

/** What the reports need of the monitor. */
export interface ReportMailsParts {
  readonly system: System;
  readonly log: Log;
  readonly state: Pick<State, 'reported' | 'outbox'>;
  readonly alerts: Pick<Alerts, 'tellReport' | 'skipReport'>;
}

/**
 * Makes the report of each period that has ended, by a program of its own, and hands it over as a message. The page is a file beside the
 * state until the message is delivered: the state stays small, and every try sends the same.
 */
export class ReportMails {
  readonly #parts: ReportMailsParts;
  readonly #maker: ReportMaker;
  readonly #folder: string;
  readonly #stopped = new AbortController();
  /** The sites whose client is logging in. */
  readonly #loggingIn = new Set<string>();
  #schedule: Config['report'];
  #making: Promise<void> | undefined;
  /** A report that is told between two tests. */
  #made: MadeReport | undefined;
  #tries = 0;
  /** Not tried again before this time, in ms on the monotonic clock. */
  #notBefore = Number.NEGATIVE_INFINITY;
  /** What went wrong unexpectedly. */
  #bug: { readonly error: unknown } | undefined;

  /** @param config its file, results folder and schedule are used */
  constructor(config: Config, parts: ReportMailsParts) {
    this.#parts = parts;
    this.#schedule = config.report;
    this.#maker = new ReportMaker(parts.system, config.file);
    this.#folder = reportsFolder(config.logging.dir);
  }

  /** Uses the schedule of another config. */
  use({ report }: Config): void {
    this.#schedule = report;
  }

  /** Lets the making of a report stand still while a client logs in, whose time is measured. */
  readonly progress: Progress = (event) => {
    if (event.kind === 'stage' && event.stage === 2) this.#loggingIn.add(event.site);
    else if ('site' in event) this.#loggingIn.delete(event.site);
    else if (event.kind === 'finished') this.#loggingIn.delete(event.result.site);
    this.#maker.setLoggingIn(this.#loggingIn.size > 0);
  };

  /**
   * Begins to make the report that is due, or hands over the one that was made. Removes pages that are delivered. To be called between
   * two tests. Throws only what is a bug.
   */
  tend(): void {
    if (this.#bug !== undefined) throw this.#bug.error;
    const { system, state, alerts, log } = this.#parts;
    if (this.#making !== undefined) return;
    const schedule = this.#schedule;
    if (schedule !== undefined && this.#made !== undefined) alerts.tellReport(this.#made);
    this.#made = undefined;
    this.#removeDelivered();
    if (schedule === undefined || system.monotonic() < this.#notBefore) return;
    const verdict = judgeReport(state.reported, schedule, system.now().getTime());
    if (verdict === null) return;
    if (verdict.kind === 'make') {
      this.#making = this.#make(verdict.period)
        .catch((error: unknown) => {
          this.#bug = { error };
        })
        .finally(() => {
          this.#making = undefined;
        });
      return;
    }
    if (verdict.kind === 'missed') {
      log.warning(`No report of ${daysOf(verdict.period)} by mail: the monitor did not run when it was due`);
    }
    alerts.skipReport(verdict.period);
  }

  /** Gives up the report that is being made. The next start makes it. */
  async close(): Promise<void> {
    this.#stopped.abort(new Error('the monitor stops'));
    await this.#making;
  }

  async #make(period: ReportPeriod): Promise<void> {
    const { system, log } = this.#parts;
    const name = `vpn-report-${dayName(period.first)}-${period.every}.html`;
    const summary = await this.#write(period, path.join(this.#folder, name));
    if (this.#stopped.signal.aborted) return;
    this.#tries = summary.ok ? 0 : this.#tries + 1;
    if (!summary.ok && this.#tries < MOST_TRIES) {
      log.error(`The report of ${daysOf(period)} could not be made: ${summary.why}`);
      this.#notBefore = system.monotonic() + RETRY_MS;
      return;
    }
    this.#tries = 0;
    this.#made = { period, summary, attachment: this.#isAttachable(name) ? name : undefined };
  }

  /** Writes the page, and returns the text of the figures. */
  async #write({ first, last }: ReportPeriod, page: string): Promise<Result<string>> {
    const { files } = this.#parts.system;
    const text = `${page}.txt`;
    try {
      makePrivateFolder(files, this.#folder);
      const days = ['--from', dayName(first), '--to', dayName(last)];
      const complaint = await this.#maker.write(
        [...days, '--output', page, '--summary', text],
        this.#stopped.signal,
      );
      if (!files.existsSync(text)) return failed(complaint);
      return good(files.readFileSync(text, 'utf8').slice(0, MOST_CHARACTERS));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      return failed(reason(error));
    } finally {
      files.rmSync(text, { force: true });
    }
  }

  #isAttachable(name: string): boolean {
    const { log, system } = this.#parts;
    const size = system.files.statSync(path.join(this.#folder, name), { throwIfNoEntry: false })?.size;
    if (size === undefined) return false;
    if (size > MOST_BYTES)
      log.warning(`The report is not attached to its mail: it has ${bytesInWords(size)}`);
    return size <= MOST_BYTES;
  }

  /** Removes each page that no message needs any more. */
  #removeDelivered(): void {
    const { state, system } = this.#parts;
    const needed = new Set(state.outbox.map(({ attachment }) => attachment));
    let names: readonly string[];
    try {
      names = system.files.readdirSync(this.#folder);
    } catch {
      return;
    }
    for (const name of names) {
      if (!needed.has(name)) system.files.rmSync(path.join(this.#folder, name), { force: true });
    }
  }
}

function daysOf({ first, last }: ReportPeriod): string {
  const [from, to] = [dayName(first), dayName(last)];
  return from === to ? from : `${from} to ${to}`;
}
