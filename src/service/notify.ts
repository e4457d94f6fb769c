import { reason } from '../files/reason.ts';
import type { Log } from '../log/log.ts';
import { LAST_NOTICE_MS } from '../model/limits.ts';
import { DONE, failed, type Result } from '../model/result.ts';
import type { System } from '../system/system.ts';
import { oneLine } from '../words/printable.ts';

/** One message to systemd: assignments of sd_notify(3). */
export interface Notice {
  readonly state?: 'READY' | 'RELOADING' | 'STOPPING';
  /** What the monitor is doing, for `systemctl status`; shown as one line. */
  readonly status?: string;
  /** The loop makes progress. */
  readonly alive?: true;
  /** The new time between two `alive` notices before systemd ends the service, in ms. */
  readonly watchdogMs?: number;
  /** How long the stop may take from now on, in ms. */
  readonly stopMs?: number;
}

/** How long to wait for systemd-notify, in ms. */
const HELPER_MS = 10_000;

/**
 * Notifies systemd by the program systemd-notify: Node has no datagram sockets of that kind. One helper process runs at a time, in
 * order. Notices that arrive meanwhile are merged, but a reload is never merged with its end.
 *
 * Without `--no-block`, so that the helper lives until systemd has looked up its sender: with it 13 of 400 notices were lost,
 * without it none (measured, systemd 252).
 */
export class Notifier {
  readonly #socket: string;
  readonly #system: System;
  readonly #log: Log;
  /** Notices to send, one after the other: at most two. Each but the first has a state. */
  #waiting: Assignments[] = [];
  #sending: Promise<void> | undefined;
  #busy = false;
  /** The status that systemd shows. */
  #shown: string | undefined;
  #failed = false;
  #closed = false;

  /** `socket`: see NOTIFY_SOCKET in sd_notify(3). */
  constructor(socket: string, system: System, log: Log) {
    this.#socket = socket;
    this.#system = system;
    this.#log = log;
  }

  /** Sends a notice. Returns at once and never throws. Ignores every notice after `STOPPING`. */
  send(notice: Notice): void {
    if (this.#closed) return;
    this.#closed = notice.state === 'STOPPING';
    const [first, second] = this.#waiting;
    const more = assignments(notice);
    // systemd would not see a reload that is merged with its end.
    if (first === undefined || notice.state === undefined) {
      this.#waiting.push(merged(this.#waiting.pop(), more));
    } else {
      this.#waiting = [second === undefined ? first : merged(first, second), more];
    }
    if (!this.#busy) this.#sending = this.#sendAll();
  }

  /** Resolves when all notices are sent, after {@link LAST_NOTICE_MS} at the latest. Later notices are ignored. */
  async end(): Promise<void> {
    this.#closed = true;
    const limit = new AbortController();
    const timeout = this.#system.sleep(LAST_NOTICE_MS, limit.signal).catch(() => undefined);
    await Promise.race([this.#sending, timeout]);
    limit.abort();
  }

  async #sendAll(): Promise<void> {
    this.#busy = true;
    for (let now = this.#waiting.shift(); now !== undefined; now = this.#waiting.shift()) {
      const status = now.get('status')?.[0];
      if (status === this.#shown) now.delete('status');
      if (now.size === 0) continue;
      const sent = await runHelper([...now.values()].flat(), this.#socket, this.#system);
      if (!sent.ok && !this.#failed) this.#log.warning(`systemd can't be notified: ${sent.why}`);
      this.#failed = !sent.ok;
      if (!sent.ok) {
        // Send it with the next notice, unless that replaces it.
        this.#waiting[0] = merged(now, this.#waiting[0]);
        break;
      }
      this.#shown = status ?? this.#shown;
    }
    // No await between the last look at `#waiting` and this line: a notice in between would never be sent.
    this.#busy = false;
  }
}

/** The lines of a notice by kind. A later line replaces an earlier one that was not sent yet. */
type Assignments = Map<keyof Notice, readonly string[]>;

function merged(earlier: Assignments = new Map(), later: Assignments = new Map()): Assignments {
  return new Map([...earlier, ...later]);
}

function assignments({ state, status, alive, watchdogMs, stopMs }: Notice): Assignments {
  const all: Assignments = new Map();
  // Type=notify-reload needs the time on CLOCK_MONOTONIC. System.monotonic starts with the process.
  if (state === 'RELOADING') {
    all.set('state', ['RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`]);
  } else if (state !== undefined) {
    all.set('state', [`${state}=1`]);
  }
  if (status !== undefined) all.set('status', [`STATUS=${oneLine(status)}`]);
  if (watchdogMs !== undefined) all.set('watchdogMs', [`WATCHDOG_USEC=${watchdogMs * 1000}`]);
  if (stopMs !== undefined) all.set('stopMs', [`EXTEND_TIMEOUT_USEC=${stopMs * 1000}`]);
  if (alive) all.set('alive', ['WATCHDOG=1']);
  return all;
}

async function runHelper(lines: readonly string[], socket: string, system: System): Promise<Result> {
  const helper = system.findCommand('systemd-notify');
  if (helper === undefined) return failed('the command systemd-notify is not in PATH');
  try {
    const { code, output } = await system.run(helper, lines, {
      env: { NOTIFY_SOCKET: socket },
      timeoutMs: HELPER_MS,
    });
    if (code === 0) return DONE;
    return failed(
      code === null
        ? `systemd-notify did not end within ${HELPER_MS / 1000} s`
        : `systemd-notify ended with ${code}: ${oneLine(output)}`,
    );
  } catch (error) {
    return failed(`systemd-notify could not be started: ${reason(error)}`);
  }
}
