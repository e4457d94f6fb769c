import type { SiteConfig } from '../config/config.ts';
import type { ClientTraces } from '../host/keeper.ts';
import { slowInWords, slowStages } from '../model/slow.ts';
import type { HostReport, SiteResult, StageResult } from '../model/test-result.ts';
import { stageValues } from '../model/test-result.ts';
import { startDeadline } from '../system/deadline.ts';
import { clientTraces } from './client-traces.ts';
import { type ClosedTest, closeTest } from './close-test.ts';
import type { ProbeContext, TestLimits } from './context.ts';
import { hostFindings } from './host-findings.ts';
import { openSession, pingOutside, testInside } from './stages.ts';
import { stagesOf, untested } from './untested.ts';
import { lacksUplink, NO_ROUTE } from './uplink.ts';

/** What is known of a test so far: all that there is if it is cut off. */
interface SoFar {
  before: HostReport;
  readonly stages: StageResult[];
  session?: Awaited<ReturnType<typeof openSession>>;
  targets?: SiteResult['inside'];
  certificates?: SiteResult['certificates'];
}

/**
 * Runs one test of one site: clean the host, ping outside, log in, ping inside, log out, clean the host. A gateway that is
 * down is a result. Rejects with the reason of `stop` if that is aborted, after the host was cleaned: an interrupted test
 * has no result.
 */
export async function probeSite(
  site: SiteConfig,
  limits: TestLimits,
  context: ProbeContext,
  stop: AbortSignal,
): Promise<SiteResult> {
  const time = context.place.now();
  const traces = clientTraces(context.config, site.client, context.mark);
  const testing = startDeadline(context.place, limits.testingMs, stop);
  const soFar: SoFar = { before: new Map(), stages: [] };
  let closed: ClosedTest;
  try {
    await untilInside(site, traces, soFar, context, testing.signal);
  } catch (error) {
    if (!testing.expired()) throw error;
    const seconds = limits.testingMs / 1000;
    context.resultLog.critical(`The test of ${site.name} was cut off at its deadline of ${seconds} s`);
  } finally {
    testing.end();
    closed = await closeTest(site, traces, soFar.session, context, limits.closingMs, stop);
  }
  const result = resultOf(site, time, soFar, closed);
  for (const words of slowInWords(result.slow ?? [])) context.log.warning(`${site.name} is slow: ${words}`);
  context.log.debug(`Stages results: ${stageValues(result).join(', ')}`);
  return result;
}

/** A test up to the ping inside. Stops before the first stage if the host is unfit, and before the log-in without an uplink. */
async function untilInside(
  site: SiteConfig,
  traces: ClientTraces | null,
  soFar: SoFar,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<void> {
  const { place, config } = context;
  context.progress({ kind: 'cleaning', site: site.name });
  soFar.before = await context.host.clean(traces, config.cleanup.settleSeconds, signal);
  const unfit = untested(soFar.before);
  if (unfit !== undefined) {
    soFar.stages.push(...unfit);
    return;
  }

  const pingUntil = place.monotonic() + config.ping.timeout * 1000;
  // While no tunnel takes the way to the gateway.
  const look = context.lookAtCertificates(site, signal);
  const outside = await pingOutside(site, context, signal);
  if (await lacksUplink(outside, pingUntil - place.monotonic(), context, signal)) {
    soFar.before = new Map([...soFar.before, ['uplink', NO_ROUTE]]);
    soFar.stages.push(...stagesOf('uplink', NO_ROUTE));
    return;
  }
  soFar.stages.push(outside);
  soFar.certificates = await look;

  soFar.session = await openSession(site, context, signal);
  soFar.stages.push(soFar.session.result);

  const inside = await testInside(site, soFar.session, context, signal);
  soFar.targets = inside.targets;
  soFar.stages.push(inside.result);
}

function resultOf(
  site: SiteConfig,
  time: Date,
  { before, stages, session, targets, certificates }: SoFar,
  closed: ClosedTest,
): SiteResult {
  const found = withStages(stages, site, before, closed.report);
  const slow = slowStages(found, site.slowMs);
  return {
    site: site.name,
    time,
    ...found,
    ...(slow.length === 0 ? {} : { slow }),
    ...(targets === undefined ? {} : { inside: targets }),
    left: closed.findings,
    transcript: session?.transcript() ?? '',
    ...(certificates === undefined ? {} : { certificates }),
    ...(session === undefined || session.warnings.length === 0 ? {} : { warnings: session.warnings }),
  };
}

const CUT_OFF: StageResult = {
  outcome: 'error',
  cause: 'deadline',
  detail: 'the test was cut off at its deadline',
};

/** The three stages, and what they and the two clean-ups found out about the host. */
function withStages(
  [first = CUT_OFF, second = CUT_OFF, third = CUT_OFF]: readonly StageResult[],
  site: SiteConfig,
  before: HostReport,
  after: HostReport,
): Pick<SiteResult, 'stages' | 'host'> {
  const stages = [first, second, third] as const;
  // Report the fault that prevented the test even if it is gone now.
  const faultsBefore = [...before].filter(([, words]) => words !== null);
  return { stages, host: new Map([...before, ...after, ...faultsBefore, ...hostFindings(site, stages)]) };
}
