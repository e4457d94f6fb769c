import type { ClientProfile } from '../clients/profile.ts';
import type { Config, SiteConfig } from '../config/config.ts';
import { usedClients } from '../config/used-clients.ts';
import { startDeadline } from '../deadline.ts';
import { addressesOf, gatewayHost } from '../host/addresses.ts';
import {
  type ClientTraces,
  cleanHost,
  cleanHostDeadlineMs,
  type HostKeeper,
  tracesOf,
} from '../host/clean.ts';
import { isMarked } from '../host/dns.ts';
import { NETWORK_DEADLINE_MS } from '../host/network.ts';
import { readResolvFile } from '../host/resolv-file.ts';
import type { Progress } from '../progress.ts';
import { clockTime } from '../words/time.ts';
import {
  type LoginContext,
  logIn,
  loginDeadlineMs,
  logoutDeadlineMs,
  noLogin,
  type Session,
} from './login.ts';
import { pingDeadlineMs, pingHost } from './ping.ts';
import {
  type Cause,
  type HostFaultKind,
  type HostReport,
  type SiteResult,
  type StageResult,
  stageValues,
} from './result.ts';
import { TUNNEL_UP_MS, waitForTunnel } from './tunnel.ts';

/** What the test of a site needs of its surroundings. */
export interface ProbeContext extends LoginContext {
  readonly config: Config;
  readonly host: HostKeeper;
  readonly progress: Progress;
  /** When the gateway of a site last rejected the credentials, if such attempts are to be spaced out. */
  readonly rejectedAt: (site: string) => Date | null;
}

/** How long the clean-up of a monitor that must end at once may take, in ms: long enough for a SIGKILL after SIGTERM. */
export const HURRIED_CLEANING_MS = 4000;

/** A name server that is silent is not waited for longer before a log-in, in ms. */
const GATEWAY_LOOKUP_MS = 5000;

/** How long the test of a site takes at most, in ms: the sum of its parts. What takes longer is cut off there. */
export function testDeadlineMs(config: Config, profile: ClientProfile): { testing: number; closing: number } {
  const cleaning = cleanHostDeadlineMs(tracesFor(config, profile, ''), config.cleanup.settleSeconds);
  const tunnel = profile.tunnel === 'device' ? GATEWAY_LOOKUP_MS + NETWORK_DEADLINE_MS + TUNNEL_UP_MS : 0;
  const pings = 2 * pingDeadlineMs(config.ping.timeout);
  return {
    testing: cleaning + pings + loginDeadlineMs(profile, config.login.stepTimeout) + tunnel,
    closing: logoutDeadlineMs(config.login.quitTimeout) + cleaning,
  };
}

/** What may be on the host: of every client in the config, since a monitor may have been killed with any of them. */
function tracesFor(config: Config, profile: ClientProfile, mark: string): ClientTraces {
  // A client that takes nothing of the host has nothing to find on it.
  return tracesOf(profile.tunnel === 'none' ? [profile] : usedClients(config), mark);
}

/**
 * One test of one site: clean the host, ping outside, log in, ping inside, log out, clean the host. A gateway that is
 * down is a result. Rejects with the reason of `stop` when that is aborted (a test cut short is no result); the host
 * is cleaned all the same.
 */
export async function probeSite(
  site: SiteConfig,
  profile: ClientProfile,
  context: ProbeContext,
  stop: AbortSignal,
): Promise<SiteResult> {
  const { system, log, config, progress } = context;
  const time = system.now();
  const limits = testDeadlineMs(config, profile);
  const traces = tracesFor(config, profile, context.mark);
  const testing = startDeadline(system, limits.testing, stop);
  const stages: StageResult[] = [];
  let host: HostReport = new Map();
  let session: Session | undefined;
  let left: readonly string[] = [];
  try {
    progress.cleaning(site.name);
    host = await cleanHost(traces, context.host, config.cleanup.settleSeconds, testing.signal);
    const fault = [...host].find(([, words]) => words !== null);
    if (fault) {
      stages.push(...untested(fault[0], fault[1] ?? ''));
    } else {
      progress.stage(site.name, 1);
      log.debug(`Running external delay test for ${site.name}`);
      stages.push(logged(await pingHost(site.externalIp, config.ping, context, testing.signal), context));

      progress.stage(site.name, 2);
      log.debug(`Running vpn gw delay test for ${site.name}`);
      session = await tryLogin(site, profile, context, testing.signal);
      stages.push(session.result);

      progress.stage(site.name, 3);
      log.debug(`Running internal delay test for ${site.name}`);
      const loggedIn = session.result.outcome === 'ok';
      const inside = await pingInside(site, profile, loggedIn, context, testing.signal);
      stages.push(logged(afterLoss(inside, session.lost()), context));
    }
  } catch (error) {
    if (!testing.struck()) throw error;
    log.critical(`The test of ${site.name} was cut off at its deadline of ${limits.testing / 1000} s`);
  } finally {
    testing.end();
    // What was found before this test is not its client's.
    context.host.takeFindings();
    const after = await closeTest(site, traces, session, context, limits.closing, stop);
    left = context.host.takeFindings();
    // What kept the site from being tested is reported, also if it is gone now.
    host = new Map([...host, ...after, ...[...host].filter(([, words]) => words !== null)]);
  }
  const [first = cutOff, second = cutOff, third = cutOff] = stages;
  const result: SiteResult = {
    site: site.name,
    time,
    stages: [first, second, third],
    host: new Map([...host, ...hostFindings(profile, [first, second, third])]),
    left,
    transcript: session?.transcript() ?? '',
  };
  log.debug(`Stages results: ${stageValues(result).join(', ')}`);
  return result;
}

/** Stage 2, unless the gateway has rejected the credentials only a while ago: each attempt may lock the account. */
async function tryLogin(
  site: SiteConfig,
  profile: ClientProfile,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<Session> {
  const { system, config, log } = context;
  const rejected = context.rejectedAt(site.name);
  const sinceMs = rejected === null ? Number.POSITIVE_INFINITY : system.now().getTime() - rejected.getTime();
  // A clock that was set back is no reason to wait longer.
  if (rejected !== null && sinceMs >= 0 && sinceMs < config.login.rejectedRetryMinutes * 60_000) {
    const detail = `not tried, rejected at ${clockTime(rejected)}`;
    log.warning(`${site.name}: ${detail}`);
    return noLogin('not-tried', detail);
  }
  if (profile.tunnel === 'device' || isMarkOfMany(profile)) await noteNetwork(site, profile, context, signal);
  return logIn(site, profile, context, signal);
}

/** Whether others on the host may leave the same word in resolv.conf: it is restored only if the test began without it. */
function isMarkOfMany({ own, dns }: ClientProfile): boolean {
  return own.by === 'mark' && dns !== undefined;
}

/** The network as it is now, for the clean-up after this test, or after the next start if we are killed in it. */
async function noteNetwork(
  site: SiteConfig,
  profile: ClientProfile,
  { system, host, config }: ProbeContext,
  signal: AbortSignal,
): Promise<void> {
  const resolv = readResolvFile(system.files, config.dns.file);
  const mark = profile.dns?.mark;
  const free = mark !== undefined && resolv.state === 'read' && !isMarked(resolv.text, mark);
  const unmarked = free ? [mark] : [];
  if (profile.tunnel !== 'device') {
    host.networkNotes.last = { bootId: system.bootId(), devices: null, routes: [], gateways: [], unmarked };
    return;
  }
  const gateways = await addressesOf(system, gatewayHost(site.vpnGw), GATEWAY_LOOKUP_MS, signal);
  host.networkNotes.last = { ...(await host.network.note(gateways, signal)), unmarked };
}

/** Stage 3. The wait for the tunnel belongs to no stage's value. */
async function pingInside(
  site: SiteConfig,
  profile: ClientProfile,
  loggedIn: boolean,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<StageResult> {
  const { system, log, config, host } = context;
  if (!loggedIn) log.debug('not logged in: this ping goes outside the tunnel');
  if (loggedIn && profile.tunnel === 'device') {
    const why = await waitForTunnel(system, site.internalIp, host.networkNotes.last?.devices ?? [], signal);
    if (why !== null) {
      return { outcome: 'error', cause: 'tunnel-no-traffic', detail: `tunnel up but no traffic: ${why}` };
    }
  }
  return asInside(await pingHost(site.internalIp, config.ping, context, signal));
}

const cutOff: StageResult = {
  outcome: 'error',
  cause: 'deadline',
  detail: 'the test was cut off at its deadline',
};

/** Logs out, ends the client and cleans the host; none of it is cut short by a stop, only by its own deadline and by hurry. */
async function closeTest(
  site: SiteConfig,
  traces: ClientTraces,
  session: Session | undefined,
  context: ProbeContext,
  limitMs: number,
  stop: AbortSignal,
): Promise<HostReport> {
  const { system, log, progress, config, hurry } = context;
  const closing = startDeadline(system, limitMs, hurry);
  try {
    progress.loggingOut(site.name);
    const gone = (await session?.close(closing.signal)) ?? true;
    if (!gone) log.critical(`The client of ${site.name} could not be ended`);
    progress.cleaning(site.name);
    // After a stop there is no next log-in for which the gateway would have to notice.
    const settleSeconds = stop.aborted ? 0 : config.cleanup.settleSeconds;
    return await cleanHost(traces, context.host, settleSeconds, closing.signal);
  } catch (error) {
    if (!closing.signal.aborted) throw error;
    return closing.struck() ? notCleaned('it took too long', log) : cleanInHurry(traces, context);
  } finally {
    closing.end();
  }
}

/** The clean-up of a monitor that must end at once: also then no client may stay behind. */
async function cleanInHurry(traces: ClientTraces, { system, log, host }: ProbeContext): Promise<HostReport> {
  const limit = startDeadline(system, HURRIED_CLEANING_MS, new AbortController().signal);
  try {
    return await cleanHost(traces, host, 0, limit.signal);
  } catch (error) {
    if (!limit.struck()) throw error;
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

/** A host that can't be tested from: all three stages are errors of the host's. */
function untested(kind: HostFaultKind, detail: string): StageResult[] {
  const cause: Cause = kind === 'ps' ? 'ps-missing' : 'host-not-clean';
  const stage: StageResult = { outcome: 'error', cause, detail };
  return [stage, stage, stage];
}

/** A site that was not tested at all, for a fault of this host. */
export function untestedSite(site: SiteConfig, time: Date, kind: HostFaultKind, words: string): SiteResult {
  const [first = cutOff, second = cutOff, third = cutOff] = untested(kind, words);
  return {
    site: site.name,
    time,
    stages: [first, second, third],
    host: new Map([[kind, words]]),
    left: [],
    transcript: '',
  };
}

/** A stage 3 that failed as the session had ended. */
function afterLoss(result: StageResult, lost: string | undefined): StageResult {
  if (result.outcome === 'ok' || lost === undefined) return result;
  return { ...result, cause: 'client-exited', detail: `${result.detail}; ${lost}` };
}

/** The same silence means something else inside. */
function asInside(result: StageResult): StageResult {
  return result.outcome !== 'ok' && result.cause === 'unreachable'
    ? { ...result, cause: 'inside-unreachable' }
    : result;
}

function logged(result: StageResult, { log }: ProbeContext): StageResult {
  if (result.outcome === 'ok') log.debug(`Ping results: ${result.detail}`);
  else log.error(`Ping failed: ${result.detail}`);
  return result;
}

/** What the stages tell about the host's own tools. Only what was tried is said. */
function hostFindings(profile: ClientProfile, stages: readonly StageResult[]): HostReport {
  const findings = new Map<HostFaultKind, string | null>();
  const detailOf = (...causes: Cause[]) => {
    const stage = stages.find((stage) => stage.outcome !== 'ok' && causes.includes(stage.cause));
    return stage?.detail ?? null;
  };
  if (detailOf('host-not-clean', 'ps-missing', 'deadline') === null) {
    findings.set('ping', detailOf('ping-missing', 'ping-not-permitted', 'ping-not-started'));
    findings.set(`client ${profile.name}`, detailOf('client-missing', 'client-not-started'));
  }
  return findings;
}
