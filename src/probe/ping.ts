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
import { isNotPermitted, judgePing, parsePingSummary, REPLY } from './ping-output.ts';

/** Of a name with more addresses only so many are tried. */
const MAX_ADDRESSES = 8;

/** What a ping needs of its surroundings. */
export interface PingMachine {
  readonly place: Place;
  readonly redact: Redact;
  /** Aborted when the monitor must end at once. */
  readonly force: AbortSignal;
}

/**
 * Pings `host`: the value is the average round-trip time as ping prints it. A name is pinged at the first of its addresses
 * that answers, in the resolver's order (RFC 6724), as a user's client reaches it. All of it together ends `timeout`
 * seconds after its start: ping is then asked for its summary (SIGINT) and that counts. Rejects with the signal's reason,
 * the ping then ended.
 *
 * @param addresses those of the name's addresses that are to be pinged; `undefined`: all.
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
     * An address without a route is left at once: its ping ends. One that is silent is left when all requests are sent and
     * the last has waited a second, or when its share of the time is over: ping itself would wait 10 s more, which the next
     * address can use. So a gateway that is down costs no more than ping.timeout, however many addresses it has.
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

/** The attempt that says most: silence of a gateway, then a way that is missing, then what kept this host from asking. */
function decisive(attempts: readonly FailedStage[]): StageResult {
  const best =
    attempts.find(({ cause }) => cause === 'packet-loss') ??
    attempts.find(({ outcome }) => outcome === 'timeout') ??
    attempts.find(({ cause }) => cause === 'unreachable') ??
    attempts[0];
  if (best === undefined) return { outcome: 'error', cause: 'ping-failed', detail: 'nothing was pinged' };
  return {
    ...best,
    detail: [best, ...attempts.filter((attempt) => attempt !== best)].map(inWords).join('; '),
  };
}

/** What ping is given. */
interface Target {
  readonly host: string;
  /** The options that go with it. */
  readonly options: readonly string[];
}

/** The addresses of a host in the order in which they are tried; the host itself if it is an address. A failure says why there are none. */
async function targetsOf(
  host: string,
  { family, timeout }: Config['ping'],
  place: Place,
  signal: AbortSignal,
  addresses?: readonly string[],
): Promise<Result<readonly Target[]>> {
  // With a zone (fe80::1%eth0) the address alone would not do.
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
    // ping says why, in the resolver's words.
    if (all.length === 0) return good([{ host, options: family === 'auto' ? [] : [`-${family}`] }]);
  }
  const wanted = [...new Set(all)].filter((address) => family === 'auto' || isIP(address) === family);
  if (wanted.length === 0) return failed(`${host} has no IPv${family} address (ping.family: ${family})`);
  return good(wanted.slice(0, MAX_ADDRESSES).map((address) => ({ host: address, options: [] })));
}

/** One run of ping. */
interface Run extends Target {
  /** Absolute. */
  readonly command: string;
  /** After so many ms ping is asked for its summary. */
  readonly leftMs: number;
  /** The same, as long as there was no reply. */
  readonly silentMs: number;
}

/** What one run of ping came to, and whether another address may still be tried after it. */
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
  const until = place.monotonic() + leftMs;
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
      // One that does not end at SIGINT needs the time that is counted for the end of a ping.
      return { result: { outcome: 'error', cause, detail }, canRetry: exit !== undefined };
    }
    const result = judgePing({ host, maxLoss }, output, redact);
    const answered = result.outcome === 'error' && result.cause === 'packet-loss';
    return { result, canRetry: exit !== undefined && !answered };
  } finally {
    await terminate(ping, force);
  }
}

/** A ping whose file needs a right that this user, or this service, may not have is not even executed. */
function unexecuted(command: string, why: string): StageResult {
  const cause = isNotPermitted(why) ? 'ping-not-permitted' : 'ping-missing';
  return { outcome: 'error', cause, detail: `${command} could not be executed: ${why}` };
}
