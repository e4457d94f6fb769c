import type { Cells } from '../cell/cells.ts';
import type { SiteConfig } from '../config/config.ts';
import { HOST_LOCK, type Lock, waitForLock } from '../lock/lock.ts';
import { maintenanceAt } from '../model/maintenance.ts';
import { failed, good, type Result } from '../model/result.ts';
import { decisiveFailure, type SiteResult } from '../model/test-result.ts';
import { needsHost } from '../probe/client-traces.ts';
import type { ProbeContext } from '../probe/context.ts';
import { diagnose } from '../probe/diagnosis.ts';
import { probeSite } from '../probe/site.ts';
import { untestedSite } from '../probe/untested.ts';
import type { CsvFile } from '../results/csv-file.ts';
import { csvRow } from '../results/csv-row.ts';
import type { EventFiles } from '../results/event-files.ts';
import { eventsOf } from '../results/test-event.ts';
import { startDeadline } from '../system/deadline.ts';
import type { System } from '../system/system.ts';
import { printable } from '../words/printable.ts';
import { testDeadlineMs, testLimits } from './deadlines.ts';
import type { UplinkWatch } from './uplink-watch.ts';

/** What {@link testInSlot} needs. */
export interface TestContext extends ProbeContext {
  /** The host that the monitor runs on. */
  readonly system: System;
  readonly rows: CsvFile;
  /** Where sites are tested whose tests are isolated. */
  readonly cells: Cells;
  readonly uplink: UplinkWatch;
  /** Gets what a row can't hold. */
  readonly events: Pick<EventFiles, 'append'>;
}

/**
 * Waits for the host's lock, tests a site on the host and writes its row before it releases the lock: one host has one tunnel. Rejects with the
 * reason of `stop`, without a row.
 */
export async function testInSlot(
  site: SiteConfig,
  context: TestContext,
  stop: AbortSignal,
): Promise<SiteResult> {
  stop.throwIfAborted();
  const time = context.system.now();
  const lock = needsHost(site.client) ? await lockHost(site, context, stop) : good(undefined);
  try {
    const result = lock.ok
      ? await context.uplink.test(
          site,
          () => probeSite(site, testLimits(context.config, site.client, site.totp), context, stop),
          stop,
        )
      : untestedSite(site, time, 'cleaning', lock.why);
    return keepResult(result, context, stop);
  } finally {
    if (lock.ok) lock.value?.release();
  }
}

/** Writes the row of a result and tells the log and the watchers. Throws the reason of `stop` instead: a test that was cut short has no row. */
export function keepResult(result: SiteResult, context: TestContext, stop: AbortSignal): SiteResult {
  stop.throwIfAborted();
  context.rows.append(csvRow(result));
  const planned = maintenanceAt(context.config.maintenance, result.site, result.time.getTime());
  context.events.append(eventsOf(result, planned));
  const failed = decisiveFailure(result);
  if (failed !== undefined) context.resultLog.error(`Cause: ${failed.cause}. ${diagnose(result)}`);
  context.progress({ kind: 'finished', result });
  return result;
}

/** Acquires the host's lock. Fails if another process holds it for longer than a whole test: says who; and if it can't be acquired. */
async function lockHost(
  site: SiteConfig,
  { system, log, progress, config }: TestContext,
  stop: AbortSignal,
): Promise<Result<Lock>> {
  const waiting = startDeadline(system, testDeadlineMs(config, site.client, site.totp), stop);
  let words = 'another program';
  try {
    const lock = await waitForLock(
      HOST_LOCK,
      { pid: system.pid, what: `the test of ${site.name}`, since: system.now().toISOString() },
      {
        system,
        signal: waiting.signal,
        onWait: (holder) => {
          if (holder !== null) words = `${printable(holder.what)} by process ${holder.pid}`;
          log.info(`Waiting for ${words} to finish with this host before testing ${site.name}`);
          progress({ kind: 'waiting-for-host', site: site.name, holder: words });
        },
      },
    );
    return lock.ok ? lock : failed(`the host's lock can't be acquired: ${lock.why}`);
  } catch (error) {
    if (!waiting.expired()) throw error;
    return failed(`the host is held by ${words} for longer than a test takes`);
  } finally {
    waiting.end();
  }
}
