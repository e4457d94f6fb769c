import type { Alerts } from '../alerts/alerts.ts';
import type { Heartbeat } from '../heartbeat/heartbeat.ts';
import type { Logger } from '../log/logger.ts';
import type { Metrics } from '../model/metrics-event.ts';
import type { SiteResult } from '../model/test-result.ts';
import { sleepUntil } from '../system/deadline.ts';
import { HeldFailures } from './held-failures.ts';
import { testSites } from './slots.ts';
import type { TestContext } from './test-in-slot.ts';

/** Between two cycles, how long to wait before records that could not be written are tried again, in ms. */
const RETRY_MS = 5000;
/** Between two cycles the loop runs at least this often, in ms, so that the watchdog sees it is alive. */
const ALIVE_MS = 30_000;

/** The parts of a running monitor that a reload replaces together. */
export interface MonitorParts extends TestContext {
  readonly log: Logger;
  readonly alerts: Alerts;
  /** Removes old results, at most once a day. Never throws. */
  readonly removeOldFiles: () => void;
  readonly metrics: Metrics;
  /** `undefined`: nobody watches the monitor. */
  readonly heartbeat?: Pick<Heartbeat, 'beat' | 'nextMs'> | undefined;
  /** Makes the reports by mail: called between two tests, at least every {@link ALIVE_MS} between two cycles. Throws only bugs. */
  readonly reports?: { tend(): void } | undefined;
}

/** Reads the config again. */
export interface Reload {
  /** Aborted when a reload is requested and not done yet. */
  readonly request: AbortSignal;
  /** Returns the parts of the new config. If that is bad, logs why and returns the current parts. Never rejects. */
  apply(current: MonitorParts): Promise<MonitorParts>;
}

/**
 * Tests all enabled sites, cycle after cycle, until it is stopped. The interval runs from the start of one cycle
 * to the start of the next, on the monotonic clock. Cycles never overlap.
 *
 * @param cycles ends after this many cycles.
 */
export async function monitor(
  first: MonitorParts,
  stop: AbortSignal,
  reload: Reload,
  cycles = Number.POSITIVE_INFINITY,
): Promise<'stopped' | 'done'> {
  let parts = first;
  let started = parts.system.monotonic();
  try {
    for (let count = 1; ; count++) {
      parts.progress({ kind: 'cycle', number: count });
      await timedCycle(parts, stop);
      if (count >= cycles) return 'done';
      parts = await idle(parts, started, stop, reload);
      started = nextStart(parts, started);
    }
  } catch (error) {
    if (!stop.aborted || error !== stop.reason) throw error;
    return 'stopped';
  }
}

/**
 * Removes old results, then tests each enabled site. What happened in the cycle is one message at its end. After a test on the host the messages
 * that are due have a head start on the next one: then no tunnel takes the way to the mail server.
 */
async function cycle(parts: MonitorParts, stop: AbortSignal): Promise<void> {
  parts.removeOldFiles();
  await checkUplink(parts, stop);
  const tell = oneAtATime(async () => {
    await parts.alerts.deliver(stop);
    await parts.metrics.publish();
  });
  const enabled = parts.config.sites.filter((site) => site.enabled);
  let left = enabled.length;
  const judge = async (result: SiteResult) => {
    await parts.alerts.record(result, recordsFault(parts));
    parts.metrics.measure({ kind: 'tested', result });
  };
  const held = new HeldFailures(parts, judge);
  try {
    await testSites(enabled, parts, stop, async (result) => {
      if (!held.hold(result)) await judge(result);
      left -= 1;
      if (left === 0) {
        await held.release();
        parts.alerts.endCycle();
      }
      parts.reports?.tend();
      await tell();
      parts.heartbeat?.beat('between');
    });
  } finally {
    // A stop: what was tested counts.
    await held.release();
  }
  parts.heartbeat?.beat('cycle');
}

/** Asks whether this host has an uplink, and tells of a change. */
async function checkUplink({ uplink, alerts }: MonitorParts, stop: AbortSignal): Promise<void> {
  if (await uplink.askBetweenTests(stop)) alerts.noteHost(new Map([['uplink', uplink.down]]));
}

/** Returns a function that calls `run`, never twice at the same time: calls during a run are answered by one more run after it. */
function oneAtATime(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const begin = () => {
    next = undefined;
    running = run().finally(() => {
      running = undefined;
    });
    return running;
  };
  return () => {
    if (running === undefined) return begin();
    next ??= running.then(begin);
    return next;
  };
}

/** Runs a cycle. Logs if it took longer than the interval. */
async function timedCycle(parts: MonitorParts, stop: AbortSignal): Promise<void> {
  const { system, log, config, metrics } = parts;
  const began = system.monotonic();
  await cycle(parts, stop);
  const took = (system.monotonic() - began) / 1000;
  const overrun = took > config.frequency;
  metrics.measure({ kind: 'cycled', seconds: took, overrun });
  if (!overrun) return;
  log.warning(
    `The cycle took ${took.toFixed(1)} s, longer than the frequency of ${config.frequency} s: the next starts at once`,
  );
}

/** The start of the next cycle: one interval after the last start, or now if that is over by a second. A timer fires some ms late. */
function nextStart({ config, system }: MonitorParts, started: number): number {
  const now = system.monotonic();
  const due = started + config.frequency * 1000;
  return now - due < 1000 ? due : now;
}

/** Waits for the next cycle. Meanwhile retries mails, and rows and state that could not be written. */
async function idle(
  current: MonitorParts,
  started: number,
  stop: AbortSignal,
  reload: Reload,
): Promise<MonitorParts> {
  let parts = current;
  for (;;) {
    if (reload.request.aborted) parts = await reload.apply(parts);
    const { system, config, rows, alerts, metrics, progress, heartbeat, reports } = parts;
    rows.retry();
    const fault = await alerts.checkRecords(recordsFault(parts));
    reports?.tend();
    await alerts.deliver(stop);
    await metrics.publish();
    heartbeat?.beat('between');
    const left = started + config.frequency * 1000 - system.monotonic();
    if (left <= 0) return parts;
    const mail = alerts.nextDue(system.now());
    const untilMail = mail === null ? left : mail.getTime() - system.now().getTime();
    const untilRetry = fault === null ? left : RETRY_MS;
    progress({ kind: 'idle', seconds: left / 1000 });
    const untilBeat = heartbeat?.nextMs() ?? left;
    const ms = Math.max(1, Math.min(left, untilRetry, untilMail, untilBeat, ALIVE_MS));
    await sleepUntil(system, ms, reload.request, stop);
    // The next cycle begins with the same question.
    if (ms < left && parts.uplink.down !== null) await checkUplink(parts, stop);
  }
}

/** Why rows or log can't be written; `null` if they can. */
function recordsFault({ rows, log }: MonitorParts): string | null {
  const faults = [rows.fault, log.fault()].filter((fault) => fault !== null);
  return faults.length === 0 ? null : faults.join('; ');
}
