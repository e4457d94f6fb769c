import { MAIL } from '../config/config.ts';
import { type Ack, ackOf, type GivenOrder, type Silence, silenceOf } from '../control/order.ts';
import type { Certificate } from '../model/certificate.ts';
import { type Maintenance, type MaintenanceWindow, maintenanceAt } from '../model/maintenance.ts';
import {
  type InsideEvent,
  isSlow,
  isWarning,
  type SlowEvent,
  type WarningEvent,
} from '../results/test-event.ts';
import type { Withheld } from '../state/fields.ts';
import type { SiteState, State } from '../state/format.ts';
import { DAY_MS, HOUR_MS } from '../words/time.ts';
import { type Availability, addSpan, createAvailability } from './availability.ts';
import { bySite, failureOf, isUnmeasured, type Measurement } from './measurement.ts';
import type { DayRows } from './read-days.ts';
import { intervalOf, isGap, type Range, type SpanState, type Spans, spansOf } from './spans.ts';
import { quantile } from './values.ts';

/** The periods for which availability is given, in ms. */
export const WINDOWS = [DAY_MS, 7 * DAY_MS, 30 * DAY_MS] as const;
/** Hours of the trend. */
const TREND_HOURS = 24;

/** The tests of a site in one hour. */
export interface TrendHour {
  /** Start of the hour, in ms since the epoch. */
  readonly from: number;
  /** Median time to log in, in ms; `null` if no log-in succeeded. */
  readonly ms: number | null;
  readonly tests: number;
  readonly failed: number;
}

/** The current and recent state of a site. */
export interface SiteStatus {
  readonly name: string;
  /** The result of the last test; `unknown` if {@link unknown} gives a reason. */
  readonly now: SpanState;
  /** Why it is unknown: no test in 30 days; no test in the last three intervals; or this host could not test. */
  readonly unknown: 'never' | 'old' | 'host' | null;
  /** Since when it is up or down, in ms since the epoch; `null` if unknown. */
  readonly since: number | null;
  /** Whether this state began before the days that were read. */
  readonly earlier: boolean;
  readonly last: Measurement | null;
  /** Why the last test failed, in a word of the closed list and in words; `null`: it did not, or that is not recorded. */
  readonly failure: { readonly cause: string; readonly detail: string } | null;
  /** What the targets of `inside` came to in the last test. */
  readonly inside: readonly InsideEvent[];
  /** The stages of the last test that were slow. */
  readonly slow: readonly SlowEvent[];
  /** What the gateway warned of at the last log-in that worked. */
  readonly warnings: readonly WarningEvent[];
  /** The certificates that the log-in needs, as the monitor last read them. */
  readonly certificates: readonly CertificateStatus[];
  /** Consecutive failures: the monitor's count, without `once`. Without such a count, the failed rows. */
  readonly failures: number;
  /** When the outage was announced, by mail if that is configured; in ms since the epoch; `null`: not yet. */
  readonly announced: number | null;
  /** The state of that mail; `unconfirmed`: it may have arrived; `none`: mail is not configured; `null`: no mail yet. */
  readonly mail: 'sent' | 'waits' | 'unconfirmed' | 'none' | null;
  /** Since when people know that the site flaps, in ms since the epoch; `null`: it does not. */
  readonly flapping: number | null;
  /** The maintenance window that the site is in; `null`: none. */
  readonly maintenance: Maintenance | null;
  /** Who silenced the site; `null`: nobody. */
  readonly silence: GivenOrder<Silence> | null;
  /** Who works on the outage; `null`: nobody, or there is none. */
  readonly ack: GivenOrder<Ack> | null;
  /** Why people were not told of the outage; `null`: they were, or there is none. */
  readonly withheld: Withheld | null;
  /** One for each of {@link WINDOWS} that was read, up to now. */
  readonly availability: readonly Availability[];
  /** The last 24 hours, the oldest first. */
  readonly trend: readonly TrendHour[];
}

/** A certificate that the log-in of a site needs. */
export interface CertificateStatus extends Certificate {
  /** Whether it expires so soon that people are told of it, or has expired. */
  readonly soon: boolean;
}

/** What {@link statusOf} needs besides the rows. */
export interface StatusOptions {
  /** Names, in the order of the result. */
  readonly sites: readonly string[];
  /** In ms since the epoch. */
  readonly now: number;
  readonly frequencyMs: number;
  readonly state: Pick<State, 'sites' | 'host' | 'outbox' | 'pending'>;
  readonly maintenance: readonly MaintenanceWindow[];
  /** What people told the monitor. */
  readonly orders: readonly GivenOrder[];
  /** `alerts.expiry_days`. */
  readonly expiryDays: number;
  /** How far back the days go, one of {@link WINDOWS}, in ms; `undefined`: the longest. */
  readonly span?: number | undefined;
}

/**
 * Returns the status of each site. A site is down if its last test failed, also below `alerts.after`. Ignores rows of other sites
 * and rows after now.
 *
 * @param days at least those of the span, in order
 */
export function statusOf(days: Iterable<DayRows>, options: StatusOptions): readonly SiteStatus[] {
  const histories = new Map(options.sites.map((name) => [name, new SiteHistory(name, options)]));
  for (const { rows } of days) {
    for (const [name, ofSite] of bySite(rows)) {
      histories.get(name)?.add(ofSite.filter((row) => row.time <= options.now));
    }
  }
  return [...histories.values()].map((history) => history.status());
}

/** The tests of one site. */
class SiteHistory {
  readonly #name: string;
  readonly #now: number;
  readonly #frequencyMs: number;
  readonly #state: StatusOptions['state'];
  readonly #range: Range;
  readonly #maintenance: Maintenance | null;
  readonly #orders: StatusOptions['orders'];
  readonly #expiryMs: number;
  readonly #availability: readonly Availability[];
  readonly #spans: Spans;
  readonly #recent: Measurement[] = [];
  #interval: number;
  #last: Measurement | null = null;
  /** The last test that says something about the site. */
  #lastMeasured: Measurement | null = null;
  /** The last test whose log-in worked. */
  #lastLogin: Measurement | null = null;
  #failures = 0;
  #lastSuccess = Number.NEGATIVE_INFINITY;
  /** When the state of the last test began. */
  #began: number;

  constructor(name: string, options: StatusOptions) {
    const { now, frequencyMs, state, maintenance, orders, expiryDays, span = Math.max(...WINDOWS) } = options;
    this.#expiryMs = expiryDays * DAY_MS;
    this.#orders = orders;
    this.#name = name;
    this.#maintenance = maintenanceAt(maintenance, name, now);
    this.#now = now;
    this.#frequencyMs = frequencyMs;
    this.#state = state;
    this.#range = { from: now - span, to: now };
    const windows = WINDOWS.filter((ms) => ms <= span);
    this.#availability = windows.map(createAvailability);
    this.#interval = frequencyMs;
    this.#began = now;
    this.#spans = spansOf(this.#range, (covered) => {
      for (const [index, ms] of windows.entries()) {
        addSpan(this.#availability[index] ?? createAvailability(), covered, { from: now - ms, to: now });
      }
    });
  }

  /** Adds the tests of the next day, in order. */
  add(rows: readonly Measurement[]): void {
    this.#interval = intervalOf(
      rows.map((row) => row.time),
      this.#frequencyMs,
      this.#interval,
    );
    for (const row of rows) {
      this.#spans.add(row, this.#interval);
      this.#last = row;
      if (isUnmeasured(row)) continue;
      if (row.time > this.#now - TREND_HOURS * HOUR_MS) this.#recent.push(row);
      const before = this.#lastMeasured;
      const continues = before?.failed === row.failed && !isGap(row.time - before.time, this.#interval);
      if (!continues) this.#began = row.time;
      this.#lastMeasured = row;
      if (typeof row.stages[1] === 'number') this.#lastLogin = row;
      this.#failures = row.failed ? this.#failures + 1 : 0;
      if (!row.failed) this.#lastSuccess = row.time;
    }
  }

  /** Returns the status after the last test. To be called once. */
  status(): SiteStatus {
    this.#spans.end();
    const last = this.#last;
    const known = this.#state.sites.get(this.#name);
    const isOld = isGap(this.#now - (last?.time ?? this.#now), this.#interval);
    const unknown = whyUnknown(last, isOld, this.#state, this.#name);
    const isDown = last?.failed === true;
    // The state may know of a streak that began before the first row here, or before a gap.
    const streak = time(known?.since);
    const isStreak = isDown && streak !== null && streak > this.#lastSuccess;
    const since = isStreak ? Math.min(streak, this.#began) : this.#began;
    return {
      name: this.#name,
      now: unknown !== null ? 'unknown' : isDown ? 'down' : 'up',
      unknown,
      since: unknown === null ? since : null,
      earlier: unknown === null && since < this.#range.from && !isStreak,
      last,
      failure: (last && failureOf(last)) ?? null,
      inside: last?.events?.filter((event) => event.kind === 'inside') ?? [],
      slow: last?.events?.filter(isSlow) ?? [],
      warnings: this.#lastLogin?.events?.filter(isWarning) ?? [],
      certificates: (known?.certificates ?? []).map((each) => this.#certificate(each)),
      failures: isStreak ? (known?.consecutiveFailures ?? this.#failures) : this.#failures,
      announced: isStreak ? time(known?.announced?.at) : null,
      mail: isStreak ? mailOf(known?.announced ?? null, this.#name, this.#state) : null,
      flapping: time(known?.flap?.since),
      maintenance: this.#maintenance,
      silence: silenceOf(this.#orders, this.#name, this.#now),
      ack: isDown ? ackOf(this.#orders, this.#name) : null,
      withheld: isStreak ? (known?.withheld ?? null) : null,
      availability: this.#availability,
      trend: trendOf(this.#recent, this.#now),
    };
  }

  #certificate({ owner, fingerprint, wrongName, ...each }: SiteState['certificates'][number]) {
    const [from, until] = [new Date(each.from), new Date(each.until)];
    const soon = until.getTime() - this.#now <= this.#expiryMs;
    return { owner, fingerprint, from, until, wrongName, soon };
  }
}

function whyUnknown(
  last: Measurement | null,
  isOld: boolean,
  { sites, host }: StatusOptions['state'],
  name: string,
): SiteStatus['unknown'] {
  if (last === null) return 'never';
  if (isOld) return 'old';
  if (isUnmeasured(last)) return 'host';
  // The monitor does not count a failure while the host has a fault that prevents tests. Rows have whole seconds.
  const counted = (time(sites.get(name)?.lastResult) ?? 0) >= last.time;
  const unfit = host?.faults.some(({ kind }) => kind !== 'records') === true;
  return last.failed && unfit && !counted ? 'host' : null;
}

function mailOf(
  announced: SiteState['announced'],
  site: string,
  { outbox, pending }: StatusOptions['state'],
): SiteStatus['mail'] {
  if (announced === null) return null;
  if (pending.some(({ about, kind }) => about === site && kind === 'failure')) return 'waits';
  const mail = announced.first[MAIL];
  // Where mail is not configured, the other channels.
  const keys = mail === undefined ? Object.values(announced.first) : [mail];
  if (keys.length === 0) return 'none';
  // One that waits for some of its recipients only was sent.
  const waiting = outbox.filter(({ key, delivered }) => keys.includes(key) && !delivered);
  if (announced.unconfirmed || waiting.some(({ doubts }) => doubts > 0)) return 'unconfirmed';
  return waiting.length > 0 ? 'waits' : 'sent';
}

function time(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Date.parse(text);
}

function trendOf(rows: readonly Measurement[], now: number): readonly TrendHour[] {
  return Array.from({ length: TREND_HOURS }, (_, index) => {
    const from = now - (TREND_HOURS - index) * HOUR_MS;
    const ofHour = rows.filter((row) => row.time > from && row.time <= from + HOUR_MS);
    const logins = ofHour.map((row) => row.stages[1]).filter((value) => typeof value === 'number');
    return {
      from,
      ms: quantile(
        logins.toSorted((a, b) => a - b),
        0.5,
      ),
      tests: ofHour.length,
      failed: ofHour.filter((row) => row.failed).length,
    };
  });
}
