import { isVisible, mostCodes } from '../clients/profile.ts';
import type { SiteConfig } from '../config/config.ts';
import { IP_COMMAND_MS, REASON_MS } from '../model/limits.ts';
import { good, type Result } from '../model/result.ts';
import type { StageNumber, StageResult } from '../model/test-result.ts';
import { clockTime, MINUTE_MS } from '../words/time.ts';
import { askInside, type Inside } from './ask-inside.ts';
import { clientTraces } from './client-traces.ts';
import type { LoginContext, ProbeContext } from './context.ts';
import { logIn, noLogin, type Session } from './login.ts';
import { pingHost } from './ping.ts';
import { type Before, noteWays, routesThrough, watchTunnel } from './tunnel.ts';

/** Stage 1: a ping from outside the tunnel. Rejects with the signal's reason. */
export async function pingOutside(
  site: SiteConfig,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<StageResult> {
  begin(site, 1, 'external', context);
  const outside = { ...context, place: context.outside };
  return logged(await pingHost(site.externalIp, context.config.ping, outside, signal), context);
}

/**
 * Stage 2: the log-in. Not tried if the gateway has rejected the credentials a short time ago, since each attempt may lock
 * the account. Rejects with the signal's reason.
 */
export async function openSession(
  site: SiteConfig,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<Session & { readonly before?: Before }> {
  const { place, config, resultLog } = context;
  const rejected = context.rejectedAt(site.name);
  const sinceMs = rejected === null ? Number.POSITIVE_INFINITY : place.now().getTime() - rejected.getTime();
  // Do not wait longer because the clock was set back.
  const isTooSoon = sinceMs >= 0 && sinceMs < config.login.rejectedRetryMinutes * MINUTE_MS;
  const code = isTooSoon ? good(undefined) : await reserveCode(site, context, signal);
  begin(site, 2, 'vpn gw', context);
  if (rejected !== null && isTooSoon) {
    const detail = `not tried, rejected at ${clockTime(rejected)}`;
    resultLog.warning(`${site.name}: ${detail}`);
    return noLogin('not-tried', detail);
  }
  if (!code.ok) {
    resultLog.error(`${site.name}: ${code.why}`);
    return noLogin('second-factor', code.why);
  }
  const traces = clientTraces(config, site.client, context.mark);
  await context.host.note(site.client, site.vpnGw, traces, signal);
  const { client, internalIp } = site;
  const hosts = site.inside.length > 0 ? site.inside.map(({ host }) => host) : [internalIp];
  const before: Before = {
    devices: context.host.devicesBefore(),
    ...(client.tunnel === 'route' ? { ways: await noteWays(place, hosts, signal) } : {}),
  };
  const watch = (ended: AbortSignal) => watchTunnel(place, internalIp, before, ended);
  // Without a note of the devices before it, every device would be new.
  const canWatch = isVisible(client) && before.devices.length > 0;
  await context.admitLogin?.(signal);
  const session = await logIn(site, { ...context, code: code.value }, signal, canWatch ? watch : undefined);
  // A client that gave up may have written resolv.conf before; its tunnel is there only as long as it runs.
  if (session.result.outcome !== 'ok') await context.host.observe(signal);
  return { ...session, before };
}

/**
 * The one-time code for a log-in; `undefined`: the site has none. Waits until there is one that was not used before: this wait is part
 * of no stage.
 */
async function reserveCode(
  { name, client, totp }: SiteConfig,
  { codes, log, progress }: ProbeContext,
  signal: AbortSignal,
): Promise<Result<LoginContext['code']>> {
  if (totp === undefined || mostCodes(client, totp.withPassword) === 0) return good(undefined);
  const code = codes.fresh(totp, (ms) => {
    const seconds = Math.ceil(ms / 1000);
    log.info(`${name}: waiting ${seconds} s for a one-time code that was not used before`);
    progress({ kind: 'waiting-for-code', site: name, seconds });
  });
  const reserved = await code.reserve(signal);
  return reserved.ok ? good(code) : reserved;
}

/**
 * Stage 3: what is inside ({@link askInside}), and whether the session is still there then. Rejects with the signal's reason.
 */
export async function testInside(
  site: SiteConfig,
  session: Session & { readonly before?: Before },
  context: ProbeContext,
  signal: AbortSignal,
): Promise<Inside> {
  begin(site, 3, 'internal', context);
  const before = session.result.outcome === 'ok' ? session.before : undefined;
  const asked = await askInside(site, before, context, signal);
  // A client may write resolv.conf after its route.
  if (session.result.outcome === 'ok') await context.host.observe(signal);
  const { result, through } = asked;
  const over = await sessionOver(asked, site, { ...session, before }, context, signal);
  if (over !== undefined) return { ...asked, result: logged(notLasting(result, over), context) };
  // The targets of `inside` are logged one by one.
  return site.inside.length > 0 ? asked : { through, result: logged(result, context) };
}

/** Why the session is over, although nobody has logged out; `undefined`: it is not, or that can't be seen. */
async function sessionOver(
  { result, through }: Inside,
  { internalIp }: SiteConfig,
  { endedEarly, before }: Pick<Session, 'endedEarly'> & { readonly before: Before | undefined },
  { place }: ProbeContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  const answered = result.outcome === 'ok';
  const ended = await endedEarly(answered, signal);
  if (ended !== undefined || through === undefined || before === undefined) return ended;
  const [asked = internalIp] = through;
  const still = await routesThrough(place, asked, before, IP_COMMAND_MS, signal);
  // Nobody is thrown out because this host is slow.
  if (still.ok || still.unknown === true) return undefined;
  // A client that takes its tunnel down on its own says why a moment later, as it ends.
  return (await endedEarly(answered, signal, REASON_MS)) ?? still.why;
}

/** Stage 3 of a session that was over before its log-out: whatever was answered before, people are thrown out. */
function notLasting(result: StageResult, why: string): StageResult {
  const cause = 'client-exited';
  if (result.outcome !== 'ok') return { ...result, cause, detail: `${result.detail}; ${why}` };
  const { loss } = result;
  return {
    outcome: 'error',
    cause,
    ...(loss === undefined ? {} : { loss }),
    detail: `the inside answered, then the session was over: ${why}`,
  };
}

function begin(
  { name }: SiteConfig,
  stage: StageNumber,
  what: string,
  { log, progress }: ProbeContext,
): void {
  progress({ kind: 'stage', site: name, stage });
  // The script's wording.
  log.debug(`Running ${what} delay test for ${name}`);
}

function logged(result: StageResult, { log, resultLog }: ProbeContext): StageResult {
  if (result.outcome === 'ok') log.debug(`Ping results: ${result.detail}`);
  else resultLog.error(`Ping failed: ${result.detail}`);
  return result;
}
