import type { SiteConfig } from '../config/config.ts';
import type { ClientTraces } from '../host/keeper.ts';
import { FORCED_CLEANUP_MS } from '../model/limits.ts';
import type { HostReport } from '../model/test-result.ts';
import { startDeadline } from '../system/deadline.ts';
import type { ProbeContext } from './context.ts';
import type { Session } from './login.ts';

/** The state of the host after a test. */
export interface ClosedTest {
  readonly report: HostReport;
  /** The critical lines of the log about the clean-up: what the client left, and what was done about it. */
  readonly findings: readonly string[];
}

/**
 * Logs out, ends the client and cleans the host. A stop does not interrupt this; only its own limit and a forced stop do.
 */
export async function closeTest(
  site: SiteConfig,
  traces: ClientTraces | null,
  session: Session | undefined,
  context: ProbeContext,
  limitMs: number,
  stop: AbortSignal,
): Promise<ClosedTest> {
  const { place, log, progress, config, force } = context;
  const closing = startDeadline(place, limitMs, force);
  const findings: string[] = [];
  const clean = (settleSeconds: number, signal: AbortSignal) =>
    context.host.clean(traces, settleSeconds, signal, (line) => findings.push(line));
  try {
    progress({ kind: 'logging-out', site: site.name });
    const gone = (await session?.close(closing.signal)) ?? true;
    if (!gone) log.critical(`The client of ${site.name} could not be ended`);
    progress({ kind: 'cleaning', site: site.name });
    // After a stop no log-in follows, so the gateway need not notice first.
    const settleSeconds = stop.aborted ? 0 : config.cleanup.settleSeconds;
    return { report: await clean(settleSeconds, closing.signal), findings };
  } catch (error) {
    if (!closing.signal.aborted) throw error;
    if (closing.expired()) return { report: notCleaned('it took too long', log), findings };
  } finally {
    closing.end();
  }
  // A forced stop also ends all clients.
  const limit = startDeadline(place, FORCED_CLEANUP_MS, new AbortController().signal);
  try {
    return { report: await clean(0, limit.signal), findings };
  } catch (error) {
    if (!limit.expired()) throw error;
    return { report: notCleaned('the stop was forced', log), findings };
  } finally {
    limit.end();
  }
}

function notCleaned(why: string, log: ProbeContext['log']): HostReport {
  const fault = `the host was not cleaned after the test: ${why}`;
  log.critical(fault);
  return new Map([['cleaning', fault]]);
}
