import { type Availability, shareUp, shareUpUnplanned } from '../history/availability.ts';
import { lossPercentOf, type Measurement } from '../history/measurement.ts';
import { type SiteStatus, WINDOWS } from '../history/site-status.ts';
import type { Held } from '../lock/lock.ts';
import type { InsideEvent } from '../results/test-event.ts';
import { HOUR_MS } from '../words/time.ts';
import { certificateAsJson, slowAsJson, warningAsJson } from './result-json.ts';

/** The options of {@link statusAsJson}. */
export interface StatusJsonOptions {
  readonly version: string;
  /** The current time, in ms since the epoch. */
  readonly now: number;
  /** What keeps this host from testing, in words. */
  readonly hostFaults: readonly string[];
  /** Remarks about the files that were read. */
  readonly notes: readonly string[];
  /** The monitor that runs on the results folder; `null` if none does. */
  readonly monitor: Held | null;
  /** When a monitor last wrote there, in ms since the epoch; `null`: never. */
  readonly lastSign: number | null;
  /** When the next report by mail is due, in ms since the epoch; `null`: none is sent. */
  readonly nextReport: number | null;
}

/** The result of `status --json`: one object, indented. Times are ISO strings, spans seconds, shares 0 to 1. */
export function statusAsJson(sites: readonly SiteStatus[], options: StatusJsonOptions): string {
  const { version, now, hostFaults, notes, monitor, lastSign, nextReport } = options;
  const holder = monitor?.holder ?? null;
  const running = {
    running: monitor !== null,
    pid: holder?.pid ?? null,
    doing: holder?.doing ?? null,
    next: holder?.next ?? null,
    lastSign: iso(lastSign),
  };
  const all = {
    version,
    time: iso(now),
    monitor: running,
    hostFaults,
    notes,
    nextReport: iso(nextReport),
    sites: sites.map((site) => siteAsJson(site, now)),
  };
  return JSON.stringify(all, null, 2);
}

function siteAsJson(site: SiteStatus, now: number) {
  return {
    name: site.name,
    now: site.now,
    unknown: site.unknown,
    since: iso(site.since),
    failures: site.failures,
    announced: iso(site.announced),
    mail: site.mail,
    withheld: site.withheld,
    flapping: iso(site.flapping),
    maintenance: site.maintenance && {
      from: iso(site.maintenance.from),
      to: iso(site.maintenance.to),
      reason: site.maintenance.reason,
    },
    silence: site.silence && {
      author: site.silence.author,
      from: iso(site.silence.from),
      until: iso(site.silence.until),
      reason: site.silence.reason,
    },
    ack: site.ack && { author: site.ack.author, from: iso(site.ack.from), note: site.ack.note },
    cause: site.failure?.cause ?? null,
    detail: site.failure?.detail ?? null,
    ...(site.inside.length === 0 ? {} : { inside: site.inside.map(insideAsJson) }),
    ...(site.slow.length === 0 ? {} : { slow: site.slow.map(slowAsJson) }),
    warnings: site.warnings.map(warningAsJson),
    ...(site.certificates.length === 0
      ? {}
      : { certificates: site.certificates.map((each) => certificateAsJson(each, now)) }),
    last: site.last === null ? null : lastAsJson(site.last),
    availability: site.availability.map((each, index) => ({
      hours: (WINDOWS[index] ?? 0) / HOUR_MS,
      ...availabilityAsJson(each),
    })),
    trend: site.trend.map(({ from, ...hour }) => ({ from: iso(from), ...hour })),
  };
}

function insideAsJson({ target, ms, outcome, detail }: InsideEvent) {
  return { target, ms, outcome, detail };
}

function lastAsJson(row: Measurement) {
  const { time, failed, stages } = row;
  return {
    time: iso(time),
    summary: failed ? 'FAILURE' : 'SUCCESS',
    stages: stages.map((value, index) => {
      const loss = lossPercentOf(row, index + 1);
      return {
        stage: index + 1,
        ms: typeof value === 'number' ? value : null,
        outcome: typeof value === 'number' ? 'ok' : value.toLowerCase(),
        ...(loss === undefined ? {} : { loss_percent: loss }),
      };
    }),
  };
}

function availabilityAsJson(availability: Availability) {
  const { up, down, unknown } = availability;
  const seconds = { up: up / 1000, down: down / 1000, unknown: unknown / 1000 };
  return { share: shareUp(availability), shareUnplanned: shareUpUnplanned(availability), seconds };
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
