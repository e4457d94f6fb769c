import { createHmac, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Config, WebConfig } from '../config/config.ts';
import { type Listen, listenName, sharesAddress } from '../config/schema/address.ts';
import type { Log } from '../log/log.ts';
import type { ProgressEvent } from '../model/progress.ts';
import type { Attendant } from '../system/attendant.ts';
import type { System } from '../system/system.ts';
import { inParentheses, printableLine } from '../words/printable.ts';
import { newsOf, type PageNews, type PageSettings, type PasswordDigest } from './page-news.ts';
import type { ToldNews } from './told-news.ts';

/** The built program, also when this file runs from src. */
const PROGRAM = fileURLToPath(new URL('../../dist/web/page-program.js', import.meta.url));
/** After an unexpected end it is started again so much later, in ms. */
const RESTART_MS = 30_000;
/** It says so often that it is alive, in ms. */
export const ALIVE_MS = 10_000;
/** It is ended if it says nothing for so long, in ms: what it is told would fill our memory. */
const SILENCE_MS = 120_000;
/** How long it may take to end, in ms. */
const END_MS = 1000;

/** What the page needs of the monitor. */
export interface PageParts {
  readonly system: System;
  readonly log: Log;
  /** The version of this package. */
  readonly version: string;
}

/** Why a wait of {@link PageProcess} is over. */
const CLOSED = new Error('the page is closed');

/**
 * The program that serves the page, beside the monitor: to read a month of rows and to render them takes up to a second, in which a test must
 * not wait for us. It ends with the monitor, and is started again if it ends by itself.
 */
export class PageProcess {
  readonly #parts: PageParts;
  readonly #address: Listen;
  readonly #settings: PageSettings;
  readonly #told: ToldNews;
  readonly #closed = new AbortController();
  readonly #done: Promise<void>;
  #running: Attendant | undefined;
  /** What was logged last: a fault that stays is logged once. */
  #logged = '';

  /** @param told what its program has to know when it starts; it gets each further news */
  constructor(parts: PageParts, config: Config, { web, told }: { web: WebConfig; told: ToldNews }) {
    this.#parts = parts;
    this.#told = told;
    this.#address = web.listen;
    this.#settings = settingsOf(config, web, parts.version);
    this.#done = this.#serve().catch((error: unknown) => {
      if (error !== CLOSED) throw error;
    });
  }

  /** Passes on what the page shows of an event. */
  tell(event: ProgressEvent): void {
    const news = newsOf(event, this.#parts.system.now());
    if (news === null) return;
    this.#told.add(news);
    this.#write(news);
  }

  /** Gives it a connection and the head of its request. Returns whether it runs. */
  handOver(socket: Socket, head: string): boolean {
    return this.#running?.handOver(socket, head) ?? false;
  }

  /** Ends the program and waits until it has ended. */
  async close(): Promise<void> {
    this.#closed.abort(CLOSED);
    await this.#done;
  }

  #write(line: PageNews | PageSettings): void {
    this.#running?.write(`${JSON.stringify(line)}\n`);
  }

  /** Keeps the program running until it is closed. Rejects then. */
  async #serve(): Promise<never> {
    const { system, log } = this.#parts;
    const { signal } = this.#closed;
    for (;;) {
      const program = system.attend(process.execPath, [PROGRAM], system.env, {
        sockets: this.#settings.listen === null,
      });
      this.#running = program;
      this.#write(this.#settings);
      for (const news of this.#told.all(this.#settings.sites)) this.#write(news);
      try {
        const why = await this.#listen(program);
        if (why !== undefined) this.#logOnce(`The page is not served: ${why}`, log.error);
      } finally {
        await this.#end(program);
      }
      await system.sleep(RESTART_MS, signal);
    }
  }

  /** Logs what the program says, until it ends or says nothing any more. Returns why that happened; `undefined`: it was logged. */
  async #listen(program: Attendant): Promise<string | undefined> {
    const { system, log } = this.#parts;
    const { signal } = this.#closed;
    for (;;) {
      const waiting = new AbortController();
      const stop = () => waiting.abort(CLOSED);
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      const line = await Promise.race([
        program.nextLine(),
        system.sleep(SILENCE_MS, waiting.signal).then(() => null),
      ]).finally(() => {
        signal.removeEventListener('abort', stop);
        waiting.abort(CLOSED);
      });
      if (line === null) return `its program has not answered for ${SILENCE_MS / 1000} s`;
      if (line === undefined) return `its program ended${inParentheses(program.complaint())}`;
      if (line === 'listening') {
        const asks = this.#settings.password === null ? '' : ', with a password';
        this.#logOnce(`The page is served on http://${listenName(this.#address)}/${asks}`, log.info);
      } else if (line !== 'alive') {
        this.#logOnce(`The page is not served: ${printableLine(line)}`, log.error);
        return undefined;
      }
    }
  }

  #logOnce(words: string, write: (words: string) => void): void {
    if (words !== this.#logged) write(words);
    this.#logged = words;
  }

  /** Lets the program end what it has started, for a moment. */
  async #end(program: Attendant): Promise<void> {
    const { system } = this.#parts;
    this.#write({ kind: 'end' });
    this.#running = undefined;
    const over = new AbortController();
    await Promise.race([
      program.ended,
      system.sleep(END_MS, over.signal).then(() => {
        if (program.pid !== undefined) system.kill(program.pid, 'SIGKILL');
        return program.ended;
      }),
    ]).finally(() => over.abort(CLOSED));
  }
}

function settingsOf(config: Config, { listen, hosts, password }: WebConfig, version: string): PageSettings {
  const { frequency, maintenance, logging, alerts, sites, file, metrics, report } = config;
  const names = (enabled: boolean) =>
    sites.filter((site) => site.enabled === enabled).map(({ name }) => name);
  return {
    listen: sharesAddress(listen, metrics?.listen) ? null : listen,
    hosts: hosts ?? null,
    password: password === undefined ? null : digestOf(password.reveal()),
    status: {
      frequency,
      maintenance,
      logging: { dir: logging.dir, file: logging.file },
      alerts: { expiryDays: alerts.expiryDays },
      ...(report === undefined ? {} : { report: { every: report.every, at: report.at } }),
    },
    sites: names(true),
    disabled: names(false),
    after: alerts.after,
    configFile: file,
    version,
  };
}

function digestOf(password: string): PasswordDigest {
  const key = randomBytes(32);
  return {
    key: key.toString('base64'),
    digest: createHmac('sha256', key).update(password).digest('base64'),
  };
}
