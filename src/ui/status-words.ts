import { certificateFaults, timeSpan } from '../certificates/certificate-words.ts';
import { ackInWords, silenceInWords } from '../control/order-words.ts';
import { type Availability, shareInWords, shareUp, shareUpUnplanned } from '../history/availability.ts';
import { lossPercentOf, type StageValue } from '../history/measurement.ts';
import { type CertificateStatus, type SiteStatus, WINDOWS } from '../history/site-status.ts';
import { slowInWords } from '../model/slow.ts';
import { STAGE_NAMES } from '../model/test-result.ts';
import type { WarningEvent } from '../results/test-event.ts';
import { oneLine } from '../words/printable.ts';
import { clockTime, DAY_MS, durationInWords, HOUR_MS, MONTHS, shortMs } from '../words/time.ts';
import type { Screen, Style } from './screen.ts';
import { sparkline } from './sparkline.ts';

/** What the views of the status share. */
export interface StatusTableOptions {
  /** The current time, in ms since the epoch. */
  readonly now: number;
  readonly screen: Pick<Screen, 'paint'>;
  /** Whether the state could be read, which says what was mailed. */
  readonly mailsKnown: boolean;
}

const STATE_STYLES = { up: 'good', down: 'bad', unknown: 'warning' } as const satisfies Record<string, Style>;
/** A smaller share of a window is not shown. */
const MIN_SHARE = 0.005;

/** `UP`, `DOWN` or `UNKNOWN`, coloured. */
export function stateWord(site: SiteStatus, screen: Pick<Screen, 'paint'>): string {
  return screen.paint(STATE_STYLES[site.now], site.now.toUpperCase());
}

/** Since when the site has its state, or why that is unknown. */
export function sinceInWords(site: SiteStatus, now: number): string {
  const { unknown, earlier, since } = site;
  if (unknown !== null) return unknownInWords(site, now);
  if (earlier) return 'more than 30 d ago';
  return since === null ? '' : `${dayAndTime(since)}, ${durationInWords(now - since)}`;
}

/** Why the state of a site is unknown. */
export function unknownInWords({ unknown, last }: SiteStatus, now: number): string {
  if (unknown === 'never') return 'never tested';
  if (unknown === 'host') return 'this host cannot test';
  return `no result for ${durationInWords(now - (last?.time ?? now))}`;
}

/** Why the last test of a site failed: its cause and words; without them, its consecutive failures. '' for a site that is up. */
export function failureInWords({ now, failure, failures }: SiteStatus): string {
  if (now === 'up') return '';
  if (failure !== null) return `${failure.cause}: ${oneLine(failure.detail)}`;
  return now === 'down' ? failuresInARow(failures) : '';
}

function failuresInARow(failures: number): string {
  return failures === 1 ? '1 failure' : `${failures} failures in a row`;
}

/**
 * What the gateway warned of at the last log-in, `warning: Your password will expire in 5 days (Nov 28 12:00)`, and the certificates that
 * expire soon or that clients do not accept.
 */
export function warningsOf({ warnings, certificates }: SiteStatus, now: number): readonly string[] {
  return [
    ...warnings.map((warning) => warningInWords(warning)),
    ...certificates
      .filter((certificate) => isDoubtful(certificate, now))
      .map((certificate) => certificateInWords(certificate, now)),
  ].map((words) => `warning: ${words}`);
}

function isDoubtful(certificate: CertificateStatus, now: number): boolean {
  return certificate.soon || certificateFaults(certificate, now).length > 0;
}

/** The certificates that {@link warningsOf} does not contain. */
export function goodCertificates({ certificates }: SiteStatus, now: number): readonly string[] {
  return certificates
    .filter((certificate) => !isDoubtful(certificate, now))
    .map((certificate) => certificateInWords(certificate, now));
}

/** `gateway certificate: 10 days left (Dec 10 2026)`, and what else is wrong with it. */
function certificateInWords(certificate: CertificateStatus, now: number): string {
  const { owner, until, wrongName } = certificate;
  const ms = until.getTime() - now;
  const left = ms > 0 ? `${timeSpan(ms)} left` : `expired ${timeSpan(-ms)} ago`;
  const words = `${owner} certificate: ${left} (${dayAndYear(until)})`;
  return wrongName === null ? words : `${words}; ${wrongName}`;
}

/** Adds the date: the gateway's number of days was true at the time of the test. */
function warningInWords(warning: WarningEvent): string {
  const words = oneLine(warning.detail);
  if (warning.kind !== 'password-expires') return words;
  return `${words} (${dayAndTime(warning.expires.getTime())})`;
}

/** The packet loss of the last test where a ping has a number: `ping outside: packet loss 20 %`. Without one, the failure says it. */
export function lossesOf({ last }: SiteStatus): readonly string[] {
  if (last === null) return [];
  return last.stages.flatMap((value, index) => {
    const loss = typeof value === 'number' ? lossPercentOf(last, index + 1) : undefined;
    return loss === undefined ? [] : [`${STAGE_NAMES[index]}: packet loss ${loss} %`];
  });
}

/** The stages of the last test that were slow: `slow: log in 18.2 s (limit 15.0 s)`. */
function slowOf({ slow }: SiteStatus): readonly string[] {
  return slowInWords(slow.map(({ limit_ms, ...each }) => ({ ...each, limitMs: limit_ms }))).map(
    (words) => `slow: ${words}`,
  );
}

/** Lines about a site: its streak, why its last test failed, its packet loss, and what its gateway warned of. */
export function remarks(site: SiteStatus, options: StatusTableOptions): readonly string[] {
  const { screen } = options;
  const why = site.failure !== null ? [failureInWords(site)].filter((words) => words !== '') : [];
  return [
    ...[
      ...streak(site, options),
      ...why,
      ...lossesOf(site),
      ...targets(site),
      ...(site.flapping === null ? [] : [`flapping since ${dayAndTime(site.flapping)}`]),
      ...maintenanceInWords(site),
      ...ordersInWords(site),
    ].map((words) => screen.paint('dim', `  ${words}`)),
    ...slowOf(site).map((words) => screen.paint('warning', `  ${words}`)),
    ...warningsOf(site, options.now).map((words) => screen.paint('warning', `  ${words}`)),
  ];
}

/** Each target of `inside`, if there are several: one alone is stage 3 itself. */
function targets({ inside }: SiteStatus): readonly string[] {
  if (inside.length < 2) return [];
  return inside.map(({ target, ms, outcome, detail }) => {
    const value = ms === null ? `${outcome.toUpperCase()} (${oneLine(detail)})` : `${ms.toFixed(3)} ms`;
    return `inside ${oneLine(target)}: ${value}`;
  });
}

function streak(site: SiteStatus, { now, mailsKnown }: StatusTableOptions): readonly string[] {
  if (site.now !== 'down') return [];
  return [`${failuresInARow(site.failures)}${mailsKnown ? `, ${mailInWords(site, now)}` : ''}`];
}

/** `maintenance until Nov 28 06:00: new firmware`, and the availability without planned time if that is another. */
export function maintenanceInWords({ maintenance, availability }: SiteStatus): readonly string[] {
  const now =
    maintenance === null
      ? []
      : [
          `maintenance until ${dayAndTime(maintenance.to)}${maintenance.reason === null ? '' : `: ${oneLine(maintenance.reason)}`}`,
        ];
  const without = availability.map(shareUpUnplanned).map(shareInWords);
  const differs = availability.some((each, index) => shareInWords(shareUp(each)) !== without[index]);
  return differs ? [...now, `without maintenance: ${without.join(', ')}`] : now;
}

/** Who silenced the site, and who works on its outage. */
export function ordersInWords({ silence, ack }: SiteStatus): readonly string[] {
  return [
    ...(silence === null ? [] : [`silenced ${silenceInWords(silence)}`]),
    ...(ack === null ? [] : [`acknowledged ${ackInWords(ack)}`]),
  ];
}

function mailInWords({ mail, announced, withheld }: SiteStatus, now: number): string {
  if (withheld === 'maintenance' || withheld === 'silenced' || withheld === 'flapping')
    return `no mail: ${withheld}`;
  if (mail === null || announced === null) return 'no mail yet';
  if (mail === 'none') return 'no mail configured';
  if (mail === 'unconfirmed') {
    return `mail sent, but its server did not confirm it (since ${dayAndTime(announced)})`;
  }
  if (mail === 'waits') return `mail waits for its server since ${dayAndTime(announced)}`;
  return `mail sent ${durationInWords(now - announced)} ago`;
}

/** The last values, in the order of the stages. */
export function lastValues({ last }: SiteStatus): readonly string[] {
  const values = last?.stages ?? ['-', '-', '-'];
  return values.map(valueInWords);
}

function valueInWords(value: StageValue | '-'): string {
  return typeof value === 'number' ? shortMs(value) : value;
}

/** The availability of each window: `99.95 %`, or `99.95 % of 4 d` where nothing was measured in the rest of it. */
export function shares({ availability }: SiteStatus): readonly string[] {
  return availability.map(availabilityInWords);
}

function availabilityInWords(availability: Availability): string {
  const { up, down, unknown } = availability;
  const share = shareUp(availability);
  const whole = shareInWords(share);
  if (share === null || unknown < MIN_SHARE * (up + down + unknown)) return whole;
  return `${whole} of ${roughly(up + down)}`;
}

/** The availability of the last 24 hours, without how much of them was measured. */
export function shareOfDay({ availability: [day] }: SiteStatus): string {
  const share = day === undefined ? null : shareUp(day);
  return share === null ? '-' : shareInWords(share);
}

/** Whole days or hours: `6 d`, `47 h`, `12 min`. */
function roughly(ms: number): string {
  if (ms < HOUR_MS) return durationInWords(ms);
  return ms < 48 * HOUR_MS ? `${Math.floor(ms / HOUR_MS)} h` : `${Math.floor(ms / DAY_MS)} d`;
}

/** The median of each hour; `×` where none succeeded, `·` where none was measured. */
export function trend({ trend: hours }: SiteStatus, screen: Pick<Screen, 'paint'>): string {
  const line = sparkline(
    hours.map(({ ms }) => ms),
    (index) => ((hours[index]?.tests ?? 0) > 0 ? '×' : '·'),
  );
  return [...line]
    .map((char, index) => {
      if (char === '·') return screen.paint('dim', char);
      return (hours[index]?.failed ?? 0) > 0 ? screen.paint('bad', char) : char;
    })
    .join('');
}

/** `Nov 14 05:18`, local time. */
export function dayAndTime(time: number): string {
  const date = new Date(time);
  return `${MONTHS[date.getMonth()]} ${date.getDate()} ${clockTime(date)}`;
}

/** `Dec 10 2026`, local time. */
function dayAndYear(date: Date): string {
  return `${MONTHS[date.getMonth()]} ${date.getDate()} ${date.getFullYear()}`;
}

/** The names of the windows of availability: `24 h`, `7 d`, `30 d`. */
export const WINDOW_NAMES = WINDOWS.map((ms) => (ms <= DAY_MS ? '24 h' : `${ms / DAY_MS} d`));
