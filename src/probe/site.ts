import type { ClientProfile } from '../clients/profile.ts';
import type { SiteConfig } from '../config/config.ts';
import { readResolvFile } from '../host/dns/resolv-file.ts';
import { isMarked } from '../host/dns/restore-dns.ts';
import { cleanHost } from '../host/keeper.ts';
import { addressesOf, gatewayHost } from '../host/network/addresses.ts';
import { GATEWAY_LOOKUP_MS } from '../model/limits.ts';
import { type HostReport, type SiteResult, type StageResult, stageValues } from '../model/test-result.ts';
import { startDeadline } from '../system/deadline.ts';
import { clockTime, MINUTE_MS } from '../words/time.ts';
import { clientTraces } from './client-traces.ts';
import { closeTest } from './close-test.ts';
import type { ProbeContext, TestLimits } from './context.ts';
import { hostFindings } from './host-findings.ts';
import { logIn, noLogin, type Session } from './login.ts';
import { pingHost } from './ping.ts';
import { waitForTunnel } from './tunnel.ts';
import { untested } from './untested.ts';

const cutOff: StageResult = {
  outcome: 'error',
  cause: 'deadline',
  detail: 'the test was cut off at its deadline',
};

/**
 * One test of one site: clean the host, ping outside, log in, ping inside, log out, clean the host. A gateway that is
 * down is a result. Rejects with the reason of `stop` when that is aborted (a test cut short is no result); the host
 * is cleaned all the same.
 */
export async function probeSite(
  site: SiteConfig,
  limits: TestLimits,
  context: ProbeContext,
  stop: AbortSignal,
): Promise<SiteResult> {
  const { system, log, config, progress } = context;
  const time = system.now();
  const traces = clientTraces(config, site.client, context.mark);
  const testing = startDeadline(system, limits.testingMs, stop);
  const stages: StageResult[] = [];
  let host: HostReport = new Map();
  let session: Session | undefined;
  let left: readonly string[] = [];
  try {
    progress({ kind: 'cleaning', site: site.name });
    host = await cleanHost(traces, context.host, config.cleanup.settleSeconds, testing.signal);
    const fault = [...host].find(([, words]) => words !== null);
    if (fault) {
      stages.push(...untested(fault[0], fault[1] ?? ''));
    } else {
      progress({ kind: 'stage', site: site.name, stage: 1 });
      log.debug(`Running external delay test for ${site.name}`);
      stages.push(logged(await pingHost(site.externalIp, config.ping, context, testing.signal), context));

      progress({ kind: 'stage', site: site.name, stage: 2 });
      log.debug(`Running vpn gw delay test for ${site.name}`);
      session = await tryLogin(site, context, testing.signal);
      stages.push(session.result);

      progress({ kind: 'stage', site: site.name, stage: 3 });
      log.debug(`Running internal delay test for ${site.name}`);
      const loggedIn = session.result.outcome === 'ok';
      const inside = await pingInside(site, loggedIn, context, testing.signal);
      const lost = inside.outcome === 'ok' ? undefined : await session.lost(testing.signal);
      stages.push(logged(afterLoss(inside, lost), context));
    }
  } catch (error) {
    if (!testing.expired()) throw error;
    context.resultLog.critical(
      `The test of ${site.name} was cut off at its deadline of ${limits.testingMs / 1000} s`,
    );
  } finally {
    testing.end();
    // What was found before this test is not its client's.
    context.host.takeFindings();
    const after = await closeTest(site, traces, session, context, limits.closingMs, stop);
    left = context.host.takeFindings();
    // What kept the site from being tested is reported, also if it is gone now.
    host = new Map([...host, ...after, ...[...host].filter(([, words]) => words !== null)]);
  }
  const [first = cutOff, second = cutOff, third = cutOff] = stages;
  const result: SiteResult = {
    site: site.name,
    time,
    stages: [first, second, third],
    host: new Map([...host, ...hostFindings(site.client, [first, second, third])]),
    left,
    transcript: session?.transcript() ?? '',
  };
  log.debug(`Stages results: ${stageValues(result).join(', ')}`);
  return result;
}

/** Stage 2, unless the gateway has rejected the credentials only a while ago: each attempt may lock the account. */
async function tryLogin(site: SiteConfig, context: ProbeContext, signal: AbortSignal): Promise<Session> {
  const { system, config, resultLog } = context;
  const rejected = context.rejectedAt(site.name);
  const sinceMs = rejected === null ? Number.POSITIVE_INFINITY : system.now().getTime() - rejected.getTime();
  // A clock that was set back is no reason to wait longer.
  if (rejected !== null && sinceMs >= 0 && sinceMs < config.login.rejectedRetryMinutes * MINUTE_MS) {
    const detail = `not tried, rejected at ${clockTime(rejected)}`;
    resultLog.warning(`${site.name}: ${detail}`);
    return noLogin('not-tried', detail);
  }
  if (site.client.tunnel === 'device' || isMarkOfMany(site.client)) await noteNetwork(site, context, signal);
  return logIn(site, context, signal);
}

/** Whether others on the host may leave the same word in resolv.conf: it is restored only if the test began without it. */
function isMarkOfMany({ own, dns }: ClientProfile): boolean {
  return own.by === 'mark' && dns !== undefined;
}

/** The network as it is now, for the clean-up after this test, or after the next start if we are killed in it. */
async function noteNetwork(
  site: SiteConfig,
  { system, host, config }: ProbeContext,
  signal: AbortSignal,
): Promise<void> {
  const resolv = readResolvFile(system.files, config.dns.file);
  const mark = site.client.dns?.mark;
  const free = mark !== undefined && resolv.state === 'read' && !isMarked(resolv.text, mark);
  const unmarked = free ? [mark] : [];
  if (site.client.tunnel !== 'device') {
    host.networkNotes.last = { bootId: system.bootId(), devices: null, routes: [], gateways: [], unmarked };
    return;
  }
  const gateways = await addressesOf(system, gatewayHost(site.vpnGw), GATEWAY_LOOKUP_MS, signal);
  host.networkNotes.last = { ...(await host.network.note(gateways, signal)), unmarked };
}

/** Stage 3. The wait for the tunnel belongs to no stage's value. */
async function pingInside(
  site: SiteConfig,
  loggedIn: boolean,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<StageResult> {
  const { system, log, config, host } = context;
  if (!loggedIn) log.debug('not logged in: this ping goes outside the tunnel');
  if (loggedIn && site.client.tunnel === 'device') {
    const why = await waitForTunnel(system, site.internalIp, host.networkNotes.last?.devices ?? [], signal);
    if (why !== null) {
      return { outcome: 'error', cause: 'tunnel-no-traffic', detail: `tunnel up but no traffic: ${why}` };
    }
  }
  return asInside(await pingHost(site.internalIp, config.ping, context, signal));
}

/** A stage 3 that failed as the session had ended. */
function afterLoss(result: StageResult, lost: string | undefined): StageResult {
  return result.outcome === 'ok' || lost === undefined
    ? result
    : { ...result, cause: 'client-exited', detail: `${result.detail}; ${lost}` };
}

/** The same silence means something else inside. */
function asInside(result: StageResult): StageResult {
  return result.outcome !== 'ok' && result.cause === 'unreachable'
    ? { ...result, cause: 'inside-unreachable' }
    : result;
}

function logged(result: StageResult, { log, resultLog }: ProbeContext): StageResult {
  if (result.outcome === 'ok') log.debug(`Ping results: ${result.detail}`);
  else resultLog.error(`Ping failed: ${result.detail}`);
  return result;
}
