import type { SecureContext } from 'node:tls';
import type { HeartbeatConfig } from '../config/config.ts';
import { sendRequest } from '../http/request.ts';
import type { Log } from '../log/log.ts';
import type { State } from '../state/store.ts';
import type { System } from '../system/system.ts';

/** For a request, in ms. */
const TIMEOUT_MS = 10_000;

/** The environment of a heartbeat. */
export interface HeartbeatParts {
  readonly state: Pick<State, 'host'>;
  readonly system: System;
  readonly log: Log;
  readonly secureContext: () => SecureContext;
}

/**
 * Tells a watchdog elsewhere that this monitor works, by a GET of its URL, or of the URL with `/fail` added while a fault of this host
 * keeps it from testing: the convention of healthchecks.io (https://healthchecks.io/docs/signaling_failures/). Nothing waits for it.
 */
export class Heartbeat {
  readonly #config: HeartbeatConfig;
  readonly #parts: HeartbeatParts;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  /** When the last one was sent, in ms on the monotonic clock. */
  #last = Number.NEGATIVE_INFINITY;
  #fails = false;

  constructor(config: HeartbeatConfig, parts: HeartbeatParts) {
    this.#config = config;
    this.#parts = parts;
  }

  /** How long until {@link beat} has something to do outside of the end of a cycle, in ms; `null`: never. */
  nextMs(): number | null {
    const { everyMs } = this.#config;
    if (everyMs === null || this.#running !== null) return null;
    return Math.max(0, this.#last + everyMs - this.#parts.system.monotonic());
  }

  /**
   * Begins to send one if it is due, unless one is under way. Returns at once. Call it while no tunnel is up.
   *
   * @param moment the end of a cycle, or between two tests
   */
  beat(moment: 'cycle' | 'between'): void {
    const isDue = this.#config.everyMs === null ? moment === 'cycle' : this.nextMs() === 0;
    if (!isDue || this.#running !== null || this.#stop.signal.aborted) return;
    this.#last = this.#parts.system.monotonic();
    this.#running = this.#send().finally(() => {
      this.#running = null;
    });
  }

  /** Ends what is under way. Never rejects. */
  async end(): Promise<void> {
    this.#stop.abort(new Error('the heartbeat is ended'));
    await this.#running;
  }

  async #send(): Promise<void> {
    const { state, system, log, secureContext } = this.#parts;
    const url = new URL(this.#config.url.reveal());
    const isUnfit = state.host?.faults.some(({ kind }) => kind !== 'records') === true;
    if (isUnfit) url.pathname = `${url.pathname.replace(/\/$/, '')}/fail`;
    const request = { method: 'GET', url, headers: {}, secureContext } as const;
    const answer = await sendRequest(request, TIMEOUT_MS, system, this.#stop.signal);
    if (this.#stop.signal.aborted) return;
    const isGood = answer.kind === 'answered' && answer.status >= 200 && answer.status < 300;
    if (!isGood && !this.#fails) {
      const why = answer.kind === 'answered' ? `the server answers ${answer.words}` : answer.words;
      log.warning(`The heartbeat was not sent: ${why} (see heartbeat.url)`);
    }
    if (isGood && this.#fails) log.info('The heartbeat is sent again');
    this.#fails = !isGood;
  }
}
