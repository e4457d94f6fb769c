import type { SiteConfig } from '../config/config.ts';
import { HOST_LOCK, type Lock, waitForLock } from '../lock/lock.ts';
import { decisiveFailure, type SiteResult } from '../model/test-result.ts';
import { needsHost } from '../probe/client-traces.ts';
import type { ProbeContext } from '../probe/context.ts';
import { diagnose } from '../probe/diagnosis.ts';
import { probeSite } from '../probe/site.ts';
import { untestedSite } from '../probe/untested.ts';
import type { CsvFile } from '../results/csv-file.ts';
import { csvRow } from '../results/row.ts';
import { startDeadline } from '../system/deadline.ts';
import { printable } from '../words/printable.ts';
import { testDeadlineMs, testLimits } from './deadlines.ts';

/** What a test in its turn needs. */
export interface TurnContext extends ProbeContext {
  readonly rows: CsvFile;
}

/**
 * Tests a site when the host is free for it, and hands its row over before the host is free again: one host has one
 * tunnel. Rejects with the reason of `stop`, when that is aborted; there is then no row.
 */
export async function testInTurn(
  site: SiteConfig,
  context: TurnContext,
  stop: AbortSignal,
): Promise<SiteResult> {
  stop.throwIfAborted();
  const time = context.system.now();
  const lock = needsHost(site.client) ? await takeHost(site, context, stop) : undefined;
  try {
    const result =
      typeof lock === 'string'
        ? untestedSite(site, time, 'cleaning', lock)
        : await probeSite(site, testLimits(context.config, site.client), context, stop);
    stop.throwIfAborted();
    context.rows.append(csvRow(result));
    const failed = decisiveFailure(result);
    if (failed !== undefined) context.resultLog.error(`Cause: ${failed.cause}. ${diagnose(result)}`);
    context.progress({ kind: 'finished', result });
    return result;
  } finally {
    if (typeof lock !== 'string') lock?.release();
  }
}

/** Takes the host's lock; if it stays taken for longer than a whole test, returns who holds it, in words. */
async function takeHost(
  site: SiteConfig,
  { system, log, progress, config }: TurnContext,
  stop: AbortSignal,
): Promise<Lock | string> {
  const patience = startDeadline(system, testDeadlineMs(config, site.client), stop);
  let words = 'another program';
  try {
    return await waitForLock(
      HOST_LOCK,
      { pid: system.pid, what: `the test of ${site.name}`, since: system.now().toISOString() },
      {
        system,
        signal: patience.signal,
        onWait: (holder) => {
          if (holder !== null) words = `${printable(holder.what)} by process ${holder.pid}`;
          log.info(`Waiting for ${words} to finish with this host before testing ${site.name}`);
          progress({ kind: 'waiting-for-host', site: site.name, holder: words });
        },
      },
    );
  } catch (error) {
    if (!patience.expired()) throw error;
    return `the host is held by ${words} for longer than a test takes`;
  } finally {
    patience.end();
  }
}
