import type { ServerResponse } from 'node:http';
import type { Result } from '../model/result.ts';
import { type Assets, readAssets, readScript } from '../report/assets.ts';
import type { System } from '../system/system.ts';
import { statusAsJson } from '../ui/status-json.ts';
import { oneLine } from '../words/printable.ts';
import { Followers } from './followers.ts';
import { documentOf } from './html-document.ts';
import type { LiveEvent } from './live-event.ts';
import { doingInWords, livePage, liveTitle, stepsByPlace } from './live-page.ts';
import { LiveStatus, type Snapshot } from './live-status.ts';
import type { PageNews, PageSettings } from './page-news.ts';
import { type Answer, type Asked, type PageRoutes, plainAnswer } from './page-server.ts';
import { ReportMaker } from './report-maker.ts';
import { siteCsv, sitePage } from './site-page.ts';

const HTML = 'text/html; charset=utf-8';
/** The page of a report names what it may run, by hashes, and both policies hold. */
const REPORT_POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** The script of the page, built. */
const SCRIPT = ['web/browser/follow-monitor.js'];
/** A day as an address has it; empty: the report's default. */
const DAY = /^(?:\d{4}-\d\d-\d\d)?$/;
/** A page without scripts loads itself again so often, in s. */
const REFRESH_SECONDS = 30;
/** And one that shows only the last 24 hours. */
const PART_SECONDS = 5;
/** After what the monitor does, its pages are told so much later, in ms: several things come at once. */
const SOON_MS = 200;
/** While pages are open, the files are looked at so often, in ms. */
const LOOK_MS = 1000;
/** An open page hears of us at least so often, in ms: see SILENCE_MS in browser/follow-monitor.ts. */
const SIGN_MS = 5000;

/** What the server serves. */
export class Pages implements PageRoutes {
  readonly #settings: PageSettings;
  readonly #system: System;
  readonly #live: LiveStatus;
  readonly #reports: ReportMaker;
  readonly #followers = new Followers(() => this.#tellSoon());
  readonly #script: string;
  #assets: Assets | undefined;
  #soon: NodeJS.Timeout | undefined;
  readonly #looking: NodeJS.Timeout;
  /** What the open pages were told last, and when. */
  #told = { text: '', at: Number.NEGATIVE_INFINITY };

  constructor(settings: PageSettings, system: System) {
    this.#settings = settings;
    this.#system = system;
    this.#live = new LiveStatus(settings, system);
    this.#reports = new ReportMaker(system, settings.configFile);
    this.#script = readScript(system.files, SCRIPT);
    this.#looking = setInterval(() => this.#tell(), LOOK_MS);
  }

  /** Takes in what the monitor does. */
  hear(news: PageNews): void {
    this.#live.hear(news);
    this.#reports.setLoggingIn(this.#live.loggingIn);
    // So the days of the past are in memory before somebody asks.
    if (news.kind === 'idle') this.#live.read().catch(() => undefined);
    this.#tellSoon();
  }

  follow(response: ServerResponse): Result {
    return this.#followers.add(response);
  }

  /** Ends what runs in the background. */
  close(): void {
    clearInterval(this.#looking);
    clearTimeout(this.#soon);
    this.#reports.end();
  }

  async answer({ path, query, signal }: Asked): Promise<Answer> {
    const [first = '', second = '', third] = path;
    if (first === '' && path.length === 1) return this.#start();
    if (first === 'api' && second === 'status' && path.length === 2) return this.#status();
    if (first === 'site' && path.length === 2) return this.#site(second);
    if (first === 'site' && third === 'rows.csv' && path.length === 3) return this.#rows(second);
    if (first === 'report' && path.length === 1) {
      return this.#report({ from: query.get('from') ?? '', to: query.get('to') ?? '' }, signal);
    }
    return plainAnswer(404, 'not found');
  }

  async #start(): Promise<Answer> {
    const { hostname, now } = this.#system;
    const snapshot = await this.#live.readSoon();
    const { doing } = this.#live;
    const { disabled } = this.#settings;
    const body = livePage(snapshot, { doing, now: now().getTime(), hostname, disabled });
    const { text, policy } = documentOf({
      title: liveTitle(snapshot),
      body,
      script: this.#script,
      refreshSeconds: snapshot.isPart ? PART_SECONDS : REFRESH_SECONDS,
    });
    return { status: 200, type: HTML, body: text, policy };
  }

  async #status(): Promise<Answer> {
    const read = await this.#live.read();
    const { version } = this.#settings;
    const hostFaults = read.faults.map(({ words }) => oneLine(words));
    const json = statusAsJson(read.sites, { ...read, version, hostFaults, notes: read.doubts });
    return { status: 200, type: 'application/json', body: `${json}\n` };
  }

  async #site(name: string): Promise<Answer> {
    const snapshot = await this.#live.read();
    const site = snapshot.sites.find((each) => each.name === name);
    if (site === undefined) return plainAnswer(404, 'there is no such site');
    const { status, after, version } = this.#settings;
    this.#assets ??= readAssets(this.#system.files);
    const body = sitePage(site, {
      snapshot,
      after,
      version,
      transcript: this.#live.transcriptOf(name),
      step: this.#live.doing.steps.get(name),
      frequencyMs: status.frequency * 1000,
      hostname: this.#system.hostname,
      assets: this.#assets,
    });
    return { status: 200, type: HTML, body, policy: REPORT_POLICY };
  }

  async #rows(name: string): Promise<Answer> {
    const { days, sites } = await this.#live.read();
    if (!sites.some((each) => each.name === name)) return plainAnswer(404, 'there is no such site');
    const headers = { 'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}.csv` };
    return { status: 200, type: 'text/csv; charset=utf-8', body: siteCsv(days, name), headers };
  }

  async #report(days: { readonly from: string; readonly to: string }, signal: AbortSignal): Promise<Answer> {
    if (!DAY.test(days.from) || !DAY.test(days.to)) return plainAnswer(400, 'from and to: YYYY-MM-DD');
    if (this.#reports.isMaking) {
      return plainAnswer(503, 'another report is being made: try again in a moment', { 'Retry-After': '10' });
    }
    const made = await this.#reports.make(days, signal);
    if (!made.ok) return plainAnswer(400, `no report: ${made.why}`);
    return { status: 200, type: HTML, body: made.value, policy: REPORT_POLICY };
  }

  #tellSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#tell();
    }, SOON_MS);
  }

  /** Tells the open pages what is new, if anything is or they have heard nothing for a while. */
  #tell(): void {
    if (this.#followers.count === 0) return;
    this.#live.readSoon().then(
      (snapshot) => {
        const { now, monotonic } = this.#system;
        const event = this.#eventOf(snapshot, now().getTime());
        const text = JSON.stringify(event);
        const at = monotonic();
        if (text === this.#told.text && at - this.#told.at < SIGN_MS) return;
        this.#told = { text, at };
        this.#followers.tell(event);
      },
      // Pages that hear nothing say so.
      () => undefined,
    );
  }

  #eventOf({ number }: Snapshot, now: number): LiveEvent {
    const { doing } = this.#live;
    const { sites } = this.#settings;
    return { number, doing: doingInWords(doing, now), steps: stepsByPlace(doing, sites) };
  }
}
