import { reason } from '../files/reason.ts';
import type { Log } from '../log/log.ts';
import { LAST_NOTICE_MS } from '../model/limits.ts';
import type { System } from '../system/system.ts';
import { oneLine } from '../words/printable.ts';

/** What systemd is told at once: the assignments of sd_notify(3). */
export interface Notice {
  readonly state?: 'READY' | 'RELOADING' | 'STOPPING';
  /** For people: `systemctl status` shows it, as one line. */
  readonly status?: string;
  /** The loop turns. */
  readonly alive?: true;
  /** The service may be silent for so long from now on, in ms. */
  readonly watchdogMs?: number;
  /** The stop may take so long from now on, in ms. */
  readonly stopMs?: number;
}

/** Tells systemd of this service. */
export interface Notifier {
  /** Returns at once and never throws. After `STOPPING` nothing more is told. */
  tell(notice: Notice): void;
  /** Resolves when all is told, {@link LAST_NOTICE_MS} later at the latest. Nothing is told any more. */
  end(): Promise<void>;
}

/** A systemd that does not answer is not waited for longer, in ms. */
const HELPER_MS = 10_000;

/**
 * Tells systemd through systemd-notify, since Node has no datagram sockets of that kind: one helper process at a time, in
 * order; what comes meanwhile is told together, the last of each kind, but a reload apart from its end. Without `--no-block`, so that the helper lives until
 * systemd has looked whose it is: of 400 messages 13 were lost with it and none without (measured, systemd 252).
 */
export function createNotifier(socket: string, system: System, log: Log): Notifier {
  /** To be told one after the other: at most two, each but the first with a state of its own. */
  let waiting: Assignments[] = [];
  let telling: Promise<void> | undefined;
  let busy = false;
  /** The status that systemd shows. */
  let shown: string | undefined;
  let failed = false;
  let closed = false;

  const tellAll = async () => {
    busy = true;
    for (let now = waiting.shift(); now !== undefined; now = waiting.shift()) {
      const status = now.get('status')?.[0];
      if (status === shown) now.delete('status');
      if (now.size === 0) continue;
      const why = await runHelper([...now.values()].flat(), socket, system);
      if (why !== null && !failed) log.warning(`systemd can't be told how the service fares: ${why}`);
      failed = why !== null;
      if (failed) {
        // Told with what comes next, where that does not replace it.
        waiting[0] = merged(now, waiting[0]);
        break;
      }
      shown = status ?? shown;
    }
    // In one go with the look at what waits: else what comes in between would wait for ever.
    busy = false;
  };
  return {
    tell: (notice) => {
      if (closed) return;
      closed = notice.state === 'STOPPING';
      const [first, second] = waiting;
      const more = assignments(notice);
      // A reload that is told together with its end has not been, to systemd.
      if (first === undefined || notice.state === undefined) waiting.push(merged(waiting.pop(), more));
      else waiting = [second === undefined ? first : merged(first, second), more];
      if (!busy) telling = tellAll();
    },
    end: async () => {
      closed = true;
      const limit = new AbortController();
      await Promise.race([telling, system.sleep(LAST_NOTICE_MS, limit.signal).catch(() => undefined)]);
      limit.abort();
    },
  };
}

/** By kind: a later one replaces an earlier one that was not told yet. */
type Assignments = Map<keyof Notice, readonly string[]>;

function merged(earlier: Assignments = new Map(), later: Assignments = new Map()): Assignments {
  return new Map([...earlier, ...later]);
}

function assignments({ state, status, alive, watchdogMs, stopMs }: Notice): Assignments {
  const all: Assignments = new Map();
  // Type=notify-reload asks for the time on CLOCK_MONOTONIC. System.monotonic is not that: it begins with the process.
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

/** `null`, or why it was not told, in words. */
async function runHelper(lines: readonly string[], socket: string, system: System): Promise<string | null> {
  const helper = system.findCommand('systemd-notify');
  if (helper === undefined) return 'the command systemd-notify is not in PATH';
  try {
    const { code, output } = await system.run(helper, lines, {
      env: { NOTIFY_SOCKET: socket },
      timeoutMs: HELPER_MS,
    });
    if (code === 0) return null;
    return code === null
      ? `systemd-notify did not end within ${HELPER_MS / 1000} s`
      : `systemd-notify ended with ${code}: ${oneLine(output)}`;
  } catch (error) {
    return `systemd-notify could not be started: ${reason(error)}`;
  }
}
