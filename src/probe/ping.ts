import { isIP } from 'node:net';
import { Terminal } from '../console/expect.ts';
import { terminate } from '../console/terminate.ts';
import type { Redact } from '../log/log.ts';
import { PING_SUMMARY_MS } from '../model/limits.ts';
import type { StageResult } from '../model/test-result.ts';
import type { Place } from '../system/place.ts';

const NOT_RESOLVED =
  /not known|bad address|unknown host|name resolution|no address associated|not supported for/i;
const NOT_PERMITTED = /permission denied|operation not permitted|lacking privilege|are you root/i;
const UNREACHABLE = /unreachable/i;

/** What a ping says at its end. Times in ms, of the replies. */
export interface PingSummary {
  readonly sent: number;
  readonly received: number;
  readonly rtt: { readonly avg: number; readonly max: number; readonly mdev: number | undefined } | undefined;
}

/**
 * Reads the summary that ping prints: iputils (`rtt min/avg/max/mdev = ...`), BusyBox (`round-trip min/avg/max = ...`)
 * and the BSDs' form. Only whole numbers as ping prints them count; `1.2.3abc` is none.
 *
 * @returns `undefined` if there is no summary.
 */
export function parsePingSummary(output: string): PingSummary | undefined {
  const counts = /^(\d+) packets transmitted, (\d+) (?:packets )?received\b/m.exec(output);
  if (!counts) return undefined;
  const number = String.raw`(\d+(?:\.\d+)?)`;
  const times = new RegExp(
    `^(?:rtt|round-trip) min/avg/max(?:/(?:mdev|stddev))? = ${number}/${number}/${number}(?:/${number})? ms(?:,.*)?$`,
    'm',
  ).exec(output);
  return {
    sent: Number(counts[1]),
    received: Number(counts[2]),
    rtt: times
      ? {
          avg: Number(times[2]),
          max: Number(times[3]),
          mdev: times[4] === undefined ? undefined : Number(times[4]),
        }
      : undefined,
  };
}

/** Judges what a ping printed up to its end. Pure; `foreign` makes text of ping fit for a log. */
export function judgePing(host: string, output: string, foreign: (text: string) => string): StageResult {
  const summary = parsePingSummary(output);
  if (summary?.rtt && summary.received > 0) {
    const { avg, max, mdev } = summary.rtt;
    // Duplicates may make it more replies than requests.
    const loss = Math.max(0, summary.sent - summary.received) / summary.sent;
    const spread = mdev === undefined ? '' : `, mdev ${mdev.toFixed(3)} ms`;
    return {
      outcome: 'ok',
      ms: avg,
      loss,
      detail: `avg ${avg.toFixed(3)} ms, max ${max.toFixed(3)} ms${spread}, packet loss ${Number((100 * loss).toFixed(1))} %`,
    };
  }
  // Before the complaint itself iputils may name the kind of socket.
  const line = /^(?:\S*ping: (?!socktype: )|From \S+ (?:\(\S+\) )?(?:icmp_seq=\d+ )?)(.*)$/gm;
  const complaints = Array.from(output.matchAll(line), (match) => match[1] ?? '');
  const complaintOf = (cause: RegExp) =>
    foreign(complaints.find((text) => cause.test(text)) ?? complaints[0] ?? '');
  if (summary && summary.received === 0) {
    const complaint = complaintOf(UNREACHABLE);
    const why = complaint === '' ? '' : ` (${complaint})`;
    const requests = summary.sent === 1 ? '1 echo request' : `${summary.sent} echo requests`;
    return { outcome: 'timeout', cause: 'unreachable', detail: `no reply to ${requests}${why}` };
  }
  const said = (cause: RegExp) => complaintOf(cause) || foreign(output.trim());
  if (NOT_RESOLVED.test(output)) {
    const detail = `${host} was not resolved: ${said(NOT_RESOLVED)}`;
    return { outcome: 'error', cause: 'name-not-resolved', detail };
  }
  if (NOT_PERMITTED.test(output)) {
    const detail = `ping is not permitted: ${said(NOT_PERMITTED)}`;
    return { outcome: 'error', cause: 'ping-not-permitted', detail };
  }
  if (UNREACHABLE.test(output)) {
    return { outcome: 'error', cause: 'unreachable', detail: said(UNREACHABLE) };
  }
  return { outcome: 'error', cause: 'ping-failed', detail: said(/./) || 'ping printed no summary' };
}

/** A ping whose file needs a right that this user, or this service, may not have is not even executed. */
function unexecuted(command: string, why: string): StageResult {
  const cause = NOT_PERMITTED.test(why) ? 'ping-not-permitted' : 'ping-missing';
  return { outcome: 'error', cause, detail: `${command} could not be executed: ${why}` };
}

/**
 * Pings `host` with `count` echo requests: the value is the average round-trip time as ping prints it. At its deadline
 * ping is asked for its summary (SIGINT) and that counts. Rejects with the signal's reason, the ping then ended.
 */
export async function pingHost(
  host: string,
  { count, timeout }: { readonly count: number; readonly timeout: number },
  machine: { readonly place: Place; readonly redact: Redact; readonly force: AbortSignal },
  signal: AbortSignal,
): Promise<StageResult> {
  const { place, redact, force } = machine;
  const command = place.findCommand('ping');
  if (command === undefined) {
    return { outcome: 'error', cause: 'ping-missing', detail: 'the command ping is not in PATH' };
  }
  const env = { ...place.env, LC_ALL: 'C', LANGUAGE: 'C' };
  const started = Terminal.start(place, command, ['-n', '-c', String(count), host], env);
  if (!started.ok) {
    const detail = `${command} could not be started: ${redact(started.why)}`;
    return { outcome: 'error', cause: 'ping-not-started', detail };
  }
  const ping = started.value;
  try {
    let exit = await ping.ended(timeout * 1000, signal);
    const tooSlow = exit === undefined;
    if (tooSlow) {
      place.kill(ping.pid, 'SIGINT');
      exit = await ping.ended(PING_SUMMARY_MS, signal);
    }
    if (exit && !parsePingSummary(ping.transcript.text)) await ping.expect([], PING_SUMMARY_MS, signal);
    if (ping.notExecuted !== undefined) return unexecuted(command, ping.notExecuted);
    const output = ping.transcript.text;
    if (parsePingSummary(output) === undefined && exit?.signal !== 0) {
      if (exit && !tooSlow) {
        return { outcome: 'error', cause: 'ping-failed', detail: `ping was ended by signal ${exit.signal}` };
      }
      const cause = isIP(host.replace(/%.*/, '')) === 0 ? 'name-not-resolved' : 'ping-failed';
      const what = cause === 'ping-failed' ? 'ping printed no summary' : `${host} was not resolved`;
      return { outcome: 'error', cause, detail: `${what} within ${timeout} s` };
    }
    return judgePing(host, output, redact);
  } finally {
    await terminate(ping, force);
  }
}
