import type { SiteConfig } from '../config/config.ts';
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
  const { place, log, config, progress, host } = context;
  const time = place.now();
  const traces = clientTraces(config, site.client, context.mark);
  const testing = startDeadline(place, limits.testingMs, stop);
  const stages: StageResult[] = [];
  let before: HostReport = new Map();
  let session: Awaited<ReturnType<typeof openSession>> | undefined;
  let targets: SiteResult['inside'];
  let certificates: SiteResult['certificates'];
  let closed: ClosedTest;
  try {
    progress({ kind: 'cleaning', site: site.name });
    before = await host.clean(traces, config.cleanup.settleSeconds, testing.signal);
    const unfit = untested(before);
    if (unfit !== undefined) {
      stages.push(...unfit);
    } else {
      const pingUntil = place.monotonic() + config.ping.timeout * 1000;
      // While no tunnel takes the way to the gateway.
      const look = context.lookAtCertificates(site, testing.signal);
      const outside = await pingOutside(site, context, testing.signal);
      if (await lacksUplink(outside, pingUntil - place.monotonic(), context, testing.signal)) {
        before = new Map([...before, ['uplink', NO_ROUTE]]);
        stages.push(...stagesOf('uplink', NO_ROUTE));
      } else {
        stages.push(outside);
        certificates = await look;
        session = await openSession(site, context, testing.signal);
        stages.push(session.result);
        const inside = await testInside(site, session, context, testing.signal);
        targets = inside.targets;
        stages.push(inside.result);
      }
    }
  } catch (error) {
    if (!testing.expired()) throw error;
    const seconds = limits.testingMs / 1000;
    context.resultLog.critical(`The test of ${site.name} was cut off at its deadline of ${seconds} s`);
  } finally {
    testing.end();
    closed = await closeTest(site, traces, session, context, limits.closingMs, stop);
  }
  const found = withStages(stages, site, before, closed.report);
  const slow = slowStages(found, site.slowMs);
  const result: SiteResult = {
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
  for (const words of slowInWords(slow)) log.warning(`${site.name} is slow: ${words}`);
  log.debug(`Stages results: ${stageValues(result).join(', ')}`);
  return result;
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
