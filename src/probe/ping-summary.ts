/** Round-trip times, in ms. */
export interface RoundTripTimes {
  /** Below 0 if the clock of this host was set back meanwhile, by inetutils. */
  readonly min: number;
  readonly avg: number;
  readonly max: number;
  /** `undefined` if ping does not print it, or prints `nan`. */
  readonly mdev: number | undefined;
}

/** The summary of a ping. */
export interface PingSummary {
  readonly sent: number;
  readonly received: number;
  readonly rtt: RoundTripTimes | undefined;
}

/**
 * Reads the summary that ping prints: iputils (`rtt min/avg/max/mdev = ...`), BusyBox (`round-trip min/avg/max = ...`),
 * inetutils and the BSDs (`round-trip min/avg/max/stddev = ...`). Only complete numbers count, not `1.2.3abc`.
 *
 * @returns `undefined` if there is no summary.
 */
export function parsePingSummary(output: string): PingSummary | undefined {
  const counts = /^(\d+) packets? transmitted, (\d+) (?:packets? )?received\b/m.exec(output);
  if (!counts) return undefined;
  // Some programs print the decimal comma of the system's locale, even with LC_ALL=C.
  const number = String.raw`(-?\d+(?:[.,]\d+)?)`;
  const read = (text = '') => Number(text.replace(',', '.'));
  const times = new RegExp(
    // inetutils prints "nan" for the deviation if rounding makes the variance negative.
    `^(?:rtt|round-trip) min/avg/max(?:/(?:mdev|std-?dev))? = ${number}/${number}/${number}(?:/(?:${number}|-?nan))? ms(?:,.*)?$`,
    'm',
  ).exec(output);
  return {
    sent: Number(counts[1]),
    received: Number(counts[2]),
    rtt: times
      ? {
          min: read(times[1]),
          avg: read(times[2]),
          max: read(times[3]),
          mdev: times[4] === undefined ? undefined : read(times[4]),
        }
      : undefined,
  };
}

/** A reply as ping prints it: `64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.5 ms`. */
export const REPLY = /bytes from .*\b(?:ttl|hlim|time)[=<]/;

/** How far a round-trip time may exceed the time that ping ran, in ms: both are measured, on two clocks. */
const SLACK_MS = 1000;

/**
 * Returns the round-trip times without those that a step of this host's clock falsified: iputils and inetutils read the time of day, and
 * print minutes or years for a reply that came after the step, or a time below 0 (iputils: 0, with a warning).
 *
 * @param tookMs how long ping ran, by a clock without steps
 * @returns `kept`: how many replies the times are of, if the clock was set; `null` if none is left
 */
export function timesWithoutSteps(
  output: string,
  { min, avg, max, mdev }: RoundTripTimes,
  tookMs: number,
): { readonly times: RoundTripTimes; readonly kept: number | undefined } | null {
  const limit = tookMs + SLACK_MS;
  if (min >= 0 && min <= max && max <= limit && !/time of day goes back/.test(output)) {
    return { times: { min, avg, max, mdev }, kept: undefined };
  }
  const kept = output.split('\n').flatMap((line) => {
    const [, text] = /bytes from .*\btime[=<](-?\d+(?:[.,]\d+)?) ms(?!.*DUP!)/.exec(line) ?? [];
    const time = Number(text?.replace(',', '.'));
    return time > 0 && time <= limit ? [time] : [];
  });
  if (kept.length === 0) return null;
  const mean = kept.reduce((sum, time) => sum + time, 0) / kept.length;
  return {
    times: { min: Math.min(...kept), avg: Number(mean.toFixed(3)), max: Math.max(...kept), mdev: undefined },
    kept: kept.length,
  };
}
