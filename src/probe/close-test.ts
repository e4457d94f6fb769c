import type { SiteConfig } from '../config/config.ts';
import { type ClientTraces, cleanHost } from '../host/keeper.ts';
import { FORCED_CLEANUP_MS } from '../model/limits.ts';
import type { HostReport } from '../model/test-result.ts';
import { startDeadline } from '../system/deadline.ts';
import type { ProbeContext } from './context.ts';
import type { Session } from './login.ts';

/** Logs out, ends the client and cleans the host; none of it is cut short by a stop, only by its own deadline and when the stop is forced. */
export async function closeTest(
  site: SiteConfig,
  traces: ClientTraces | null,
  session: Session | undefined,
  context: ProbeContext,
  limitMs: number,
  stop: AbortSignal,
): Promise<HostReport> {
  const { system, log, progress, config, force } = context;
  const closing = startDeadline(system, limitMs, force);
  try {
    progress({ kind: 'logging-out', site: site.name });
    const gone = (await session?.close(closing.signal)) ?? true;
    if (!gone) log.critical(`The client of ${site.name} could not be ended`);
    progress({ kind: 'cleaning', site: site.name });
    // After a stop there is no next log-in for which the gateway would have to notice.
    const settleSeconds = stop.aborted ? 0 : config.cleanup.settleSeconds;
    return await cleanHost(traces, context.host, settleSeconds, closing.signal);
  } catch (error) {
    if (!closing.signal.aborted) throw error;
    return closing.expired() ? notCleaned('it took too long', log) : cleanByForce(traces, context);
  } finally {
    closing.end();
  }
}

/** The clean-up of a monitor that must end at once: also then no client may stay behind. */
async function cleanByForce(
  traces: ClientTraces | null,
  { system, log, host }: ProbeContext,
): Promise<HostReport> {
  const limit = startDeadline(system, FORCED_CLEANUP_MS, new AbortController().signal);
  try {
    return await cleanHost(traces, host, 0, limit.signal);
  } catch (error) {
    if (!limit.expired()) throw error;
    return notCleaned('the monitor was told to end at once', log);
  } finally {
    limit.end();
  }
}

function notCleaned(why: string, log: ProbeContext['log']): HostReport {
  const fault = `the host was not cleaned after the test: ${why}`;
  log.critical(fault);
  return new Map([['cleaning', fault]]);
}
