import { isIP } from 'node:net';
import type { Config } from '../config/config.ts';
import { Terminal } from '../console/expect.ts';
import { terminate } from '../console/terminate.ts';
import type { Redact } from '../log/log.ts';
import { PING_SUMMARY_MS } from '../model/limits.ts';
import { failed, good, type Result } from '../model/result.ts';
import type { FailedStage, StageResult } from '../model/test-result.ts';
import { startDeadline, unlessAborted } from '../system/deadline.ts';
import type { Place } from '../system/place.ts';
import { isNotPermitted, judgePing } from './ping-output.ts';
import { parsePingSummary, REPLY } from './ping-summary.ts';

/** The maximum number of addresses of a name that are tried. */
const MAX_ADDRESSES = 8;

/** The environment of a ping. */
export interface PingMachine {
  readonly place: Place;
  readonly redact: Redact;
  /** Aborted by a forced stop. */
  readonly force: AbortSignal;
}

/**
 * Pings `host`. The value is the average round-trip time as ping prints it. A name is pinged at the first of its addresses
 * that answers, in the resolver's order (RFC 6724), as a user's client reaches it. The whole call ends `timeout` seconds
 * after its start: SIGINT then makes ping print its summary, which counts. On an abort, ends the ping and rejects with the
 * signal's reason.
 *
 * @param addresses the addresses of the name to ping; `undefined`: all.
 */
export async function pingHost(
  host: string,
  settings: Config['ping'],
  machine: PingMachine,
  signal: AbortSignal,
  addresses?: readonly string[],
): Promise<StageResult> {
  const { place } = machine;
  const command = place.findCommand('ping');
  if (command === undefined) {
    return { outcome: 'error', cause: 'ping-missing', detail: 'the command ping is not in PATH' };
  }
  const until = place.monotonic() + settings.timeout * 1000;
  const found = await targetsOf(host, settings, place, signal, addresses);
  if (!found.ok) return { outcome: 'error', cause: 'name-not-resolved', detail: found.why };
  const attempts: FailedStage[] = [];
  for (const [index, target] of found.value.entries()) {
    const leftMs = until - place.monotonic();
    if (attempts.length > 0 && leftMs <= 0) break;
    const others = found.value.length - index - 1;
    /*
     * The ping of an address without a route ends at once. The ping of a silent address is ended one second after its last
     * request, or at the end of its share of the time: ping itself would wait for 10 s more, which the next address can use.
     * So a gateway that is down costs no more than ping.timeout, however many addresses it has.
     */
    const silentMs = others === 0 ? leftMs : Math.min(settings.count * 1000, leftMs / (others + 1));
    const { result, canRetry } = await pingOnce(
      { ...target, command, leftMs, silentMs },
      settings,
      machine,
      signal,
    );
    if (result.outcome === 'ok') return { ...result, detail: [result, ...attempts].map(inWords).join('; ') };
    attempts.push(result);
    if (!canRetry) break;
  }
  return decisive(attempts);
}

function inWords({ detail }: StageResult): string {
  return detail;
}

/** The most informative attempt: a silent gateway, then a missing route, then a fault of this host. */
function decisive(attempts: readonly FailedStage[]): StageResult {
  const best =
    attempts.find(({ cause }) => cause === 'packet-loss') ??
    attempts.find(({ outcome, noRoute }) => outcome === 'timeout' && !noRoute) ??
    attempts.find(({ outcome }) => outcome === 'timeout') ??
    attempts.find(({ cause }) => cause === 'unreachable') ??
    attempts[0];
  if (best === undefined) return { outcome: 'error', cause: 'ping-failed', detail: 'nothing was pinged' };
  return {
    ...best,
    detail: [best, ...attempts.filter((attempt) => attempt !== best)].map(inWords).join('; '),
  };
}

/** The arguments of one ping. */
interface Target {
  readonly host: string;
  /** Further options. */
  readonly options: readonly string[];
}

/** The addresses of a host in the order of the attempts; the host itself if it is an address. Fails if there are none. */
async function targetsOf(
  host: string,
  { family, timeout }: Config['ping'],
  place: Place,
  signal: AbortSignal,
  addresses?: readonly string[],
): Promise<Result<readonly Target[]>> {
  // Keep the zone of an address such as fe80::1%eth0.
  if (isIP(host) !== 0 || host.includes('%')) return good([{ host, options: [] }]);
  let all = addresses;
  if (all === undefined) {
    const deadline = startDeadline(place, timeout * 1000, signal);
    try {
      all = await unlessAborted(place.resolve(host), deadline.signal);
    } catch (error) {
      if (!deadline.expired()) throw error;
      return failed(`${host} was not resolved within ${timeout} s`);
    } finally {
      deadline.end();
    }
    // Let ping print the resolver's error message.
    if (all.length === 0) return good([{ host, options: family === 'auto' ? [] : [`-${family}`] }]);
  }
  const wanted = [...new Set(all)].filter((address) => family === 'auto' || isIP(address) === family);
  if (wanted.length === 0) return failed(`${host} has no IPv${family} address (ping.family: ${family})`);
  return good(wanted.slice(0, MAX_ADDRESSES).map((address) => ({ host: address, options: [] })));
}

/** One run of ping. */
interface Run extends Target {
  /** The absolute path. */
  readonly command: string;
  /** After this time, in ms, SIGINT makes ping print its summary. */
  readonly leftMs: number;
  /** The same, if there was no reply yet. */
  readonly silentMs: number;
}

/** The result of one ping, and whether another address may be tried after it. */
interface Attempt {
  readonly result: StageResult;
  readonly canRetry: boolean;
}

async function pingOnce(
  { host, options, command, leftMs, silentMs }: Run,
  { count, maxLoss }: Config['ping'],
  { place, redact, force }: PingMachine,
  signal: AbortSignal,
): Promise<Attempt> {
  const env = { ...place.env, LC_ALL: 'C', LANGUAGE: 'C' };
  const begun = place.monotonic();
  const until = begun + leftMs;
  const started = Terminal.start(place, command, ['-n', ...options, '-c', String(count), host], env);
  if (!started.ok) {
    const detail = `${command} could not be started: ${redact(started.why)}`;
    return { result: { outcome: 'error', cause: 'ping-not-started', detail }, canRetry: false };
  }
  const ping = started.value;
  try {
    const silent =
      silentMs < leftMs && (await ping.expect([{ regex: REPLY }], silentMs, signal)).kind === 'timeout';
    let exit = silent ? undefined : await ping.ended(until - place.monotonic(), signal);
    const tooSlow = exit === undefined;
    if (tooSlow) {
      place.kill(ping.pid, 'SIGINT');
      exit = await ping.ended(PING_SUMMARY_MS, signal);
    }
    if (exit && !parsePingSummary(ping.transcript.text)) await ping.expect([], PING_SUMMARY_MS, signal);
    if (ping.notExecuted !== undefined)
      return { result: unexecuted(command, ping.notExecuted), canRetry: false };
    const output = ping.transcript.text;
    if (parsePingSummary(output) === undefined && exit?.signal !== 0) {
      if (exit && !tooSlow) {
        const detail = `ping was ended by signal ${exit.signal}`;
        return { result: { outcome: 'error', cause: 'ping-failed', detail }, canRetry: false };
      }
      const cause = isIP(host.replace(/%.*/, '')) === 0 ? 'name-not-resolved' : 'ping-failed';
      const what = cause === 'ping-failed' ? 'ping printed no summary' : `${host} was not resolved`;
      const waitedMs = silent ? silentMs : leftMs;
      const detail = `${what} within ${Number((waitedMs / 1000).toFixed(1))} s`;
      // A ping that does not end at SIGINT uses up the time reserved for the end of a ping.
      return { result: { outcome: 'error', cause, detail }, canRetry: exit !== undefined };
    }
    const result = judgePing({ host, maxLoss, tookMs: place.monotonic() - begun }, output, redact);
    const answered = result.outcome === 'error' && result.cause === 'packet-loss';
    return { result, canRetry: exit !== undefined && !answered };
  } finally {
    await terminate(ping, force);
  }
}

/** The kernel does not execute a ping file that needs a right which this user or service may not have. */
function unexecuted(command: string, why: string): StageResult {
  const cause = isNotPermitted(why) ? 'ping-not-permitted' : 'ping-missing';
  return { outcome: 'error', cause, detail: `${command} could not be executed: ${why}` };
}
