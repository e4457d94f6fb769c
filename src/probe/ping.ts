import { isIP } from 'node:net';
import { Console } from '../console/expect.ts';
import { KILL_GRACE_MS, TERM_GRACE_MS, terminate } from '../console/terminate.ts';
import type { Redact } from '../log/log.ts';
import type { System } from '../system.ts';
import type { StageResult } from './result.ts';

/** After SIGINT a ping prints its summary within this time, in ms. */
const SUMMARY_GRACE_MS = 1000;

/** What a ping says at its end. Times in ms, of the replies. */
export interface PingSummary {
  readonly sent: number;
  readonly received: number;
  readonly rtt: { readonly avg: number; readonly max: number; readonly mdev: number | undefined } | undefined;
}

/** How long {@link pingHost} takes at most, in ms. */
export function pingDeadlineMs(timeoutSeconds: number): number {
  return timeoutSeconds * 1000 + SUMMARY_GRACE_MS + TERM_GRACE_MS + KILL_GRACE_MS;
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
    const loss = Math.max(0, 100 * (1 - summary.received / summary.sent));
    const spread = mdev === undefined ? '' : `, mdev ${mdev.toFixed(3)} ms`;
    return {
      outcome: 'ok',
      ms: avg,
      detail: `avg ${avg.toFixed(3)} ms, max ${max.toFixed(3)} ms${spread}, packet loss ${Number(loss.toFixed(1))} %`,
    };
  }
  const complaint = foreign(
    /^(?:\S*ping: |From \S+ (?:\(\S+\) )?(?:icmp_seq=\d+ )?)(.*)$/m.exec(output)?.[1] ?? '',
  );
  if (summary && summary.received === 0) {
    const why = complaint === '' ? '' : ` (${complaint})`;
    const requests = summary.sent === 1 ? '1 echo request' : `${summary.sent} echo requests`;
    return { outcome: 'timeout', cause: 'unreachable', detail: `no reply to ${requests}${why}` };
  }
  const said = complaint === '' ? foreign(output.trim()) : complaint;
  if (
    /not known|bad address|unknown host|name resolution|no address associated|not supported for/i.test(output)
  ) {
    return { outcome: 'error', cause: 'name-not-resolved', detail: `${host} was not resolved: ${said}` };
  }
  if (/permission denied|operation not permitted|lacking privilege|are you root/i.test(output)) {
    return { outcome: 'error', cause: 'ping-not-permitted', detail: `ping is not permitted: ${said}` };
  }
  if (/unreachable/i.test(output)) return { outcome: 'error', cause: 'unreachable', detail: said };
  return { outcome: 'error', cause: 'ping-failed', detail: said === '' ? 'ping printed no summary' : said };
}

/**
 * Pings `host` with `count` echo requests: the value is the average round-trip time as ping prints it. At its deadline
 * ping is asked for its summary (SIGINT) and that counts. Rejects with the signal's reason, the ping then ended.
 */
export async function pingHost(
  host: string,
  { count, timeout }: { readonly count: number; readonly timeout: number },
  machine: { readonly system: System; readonly redact: Redact; readonly hurry: AbortSignal },
  signal: AbortSignal,
): Promise<StageResult> {
  const { system, redact, hurry } = machine;
  const command = system.findCommand('ping');
  if (command === undefined) {
    return { outcome: 'error', cause: 'ping-missing', detail: 'the command ping is not in PATH' };
  }
  const ping = new Console(system, command, ['-n', '-c', String(count), host], {
    ...system.env,
    LC_ALL: 'C',
    LANGUAGE: 'C',
  });
  try {
    let exit = await ping.ended(timeout * 1000, signal);
    if (exit === undefined) {
      system.kill(ping.pid, 'SIGINT');
      exit = await ping.ended(SUMMARY_GRACE_MS, signal);
    }
    if (exit && !parsePingSummary(ping.transcript.text)) await ping.expect([], SUMMARY_GRACE_MS, signal);
    const output = ping.transcript.text;
    if (parsePingSummary(output) === undefined && (exit === undefined || exit.signal !== 0)) {
      const cause = isIP(host.replace(/%.*/, '')) === 0 ? 'name-not-resolved' : 'ping-failed';
      const what = cause === 'ping-failed' ? 'ping printed no summary' : `${host} was not resolved`;
      return { outcome: 'error', cause, detail: `${what} within ${timeout} s` };
    }
    return judgePing(host, output, redact);
  } finally {
    await terminate(system, ping, hurry);
  }
}
