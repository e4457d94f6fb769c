import type { SiteConfig } from '../config/config.ts';
import { HOST_LOCK, type Lock, waitForLock } from '../host/lock.ts';
import { printable } from '../log/redact.ts';
import type { CsvFile } from '../results/csv-file.ts';
import { csvRow } from '../results/row.ts';
import type { SiteResult } from './result.ts';
import { type ProbeContext, probeSite } from './site.ts';

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
  const profile = context.config.clients.get(site.client);
  if (profile === undefined) throw new Error(`the config let an unknown client pass: ${site.client}`);
  stop.throwIfAborted();
  const lock = profile.tunnel !== 'none' ? await takeHost(site, context, stop) : undefined;
  try {
    const result = await probeSite(site, profile, context, stop);
    stop.throwIfAborted();
    context.rows.append(csvRow(result));
    context.progress.finished(result);
    return result;
  } finally {
    lock?.release();
  }
}

function takeHost(
  site: SiteConfig,
  { system, log, progress }: TurnContext,
  stop: AbortSignal,
): Promise<Lock> {
  const what = `the test of ${site.name}`;
  return waitForLock(
    HOST_LOCK,
    { pid: system.pid, what, since: system.now().toISOString() },
    {
      system,
      signal: stop,
      onWait: (holder) => {
        const words =
          holder === null ? 'another program' : `${printable(holder.what)} by process ${holder.pid}`;
        log.info(`Waiting for ${words} to finish with this host before testing ${site.name}`);
        progress.waitingForHost(site.name, words);
      },
    },
  );
}
