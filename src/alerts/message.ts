import path from 'node:path';
import { timeSpan } from '../certificates/certificate-words.ts';
import { type Config, MAIL, type SiteConfig } from '../config/config.ts';
import {
  countsAgainstAccount,
  insideIsOutside,
  type SiteResult,
  STAGE_NAMES,
  type StageResult,
  stageValue,
} from '../model/test-result.ts';
import { diagnose, NAME_LIMIT } from '../probe/diagnosis.ts';
import { MOST_WAITING } from '../results/csv-file.ts';
import { csvFileName } from '../results/file-name.ts';
import type { System } from '../system/system.ts';
import { bytesInWords, counted } from '../words/numbers.ts';
import { oneLine } from '../words/printable.ts';
import { shellWord } from '../words/shell-word.ts';
import { clockTime, durationInWords, localTime } from '../words/time.ts';
import { wordsFor } from './causes.ts';
import type { ExpiryEvent } from './expiry-policy.ts';
import type { HostEvent } from './host-policy.ts';
import type { SiteEvent } from './policy.ts';

/** A message to people, for every channel. */
export interface Message {
  /** One line. */
  readonly subject: string;
  /** Plain text, lines end in LF. */
  readonly text: string;
}

/** The message about a site, and what a message about several sites takes of it. */
export interface SiteMessage extends Message {
  /** See `note` of a pending event in the state. */
  readonly note: string;
  /** The last lines of `text`: where results, log and config are. */
  readonly foot: string;
}

/** The sender, as every message describes it. */
export interface Sender {
  /** The host that monitors. */
  readonly hostname: string;
  readonly version: string;
  /** The results folder, and the base name of the CSV files in it. */
  readonly dir: string;
  readonly file: string;
  /** Absolute path of the log. */
  readonly log: string;
  /** Absolute path of the config. */
  readonly config: string;
  /** Whose words the subjects have. `classic`: those of 1.0.0, byte for byte, for filters that match them. */
  readonly subjects: Config['alerts']['subjects'];
}

/** The sender of the messages of a config on this host. */
export function senderOf(config: Config, { hostname }: System, version: string): Sender {
  const { logging, alerts, file } = config;
  const { dir, file: results, log } = logging;
  return { hostname, version, dir, file: results, log, config: file, subjects: alerts.subjects };
}

/** What a message says of a site's addresses. */
export type SiteAddresses = Pick<SiteConfig, 'externalIp' | 'vpnGw' | 'internalIp'>;

const SUBJECT_LIMIT = 200;
/** Names of sites in a subject. */
const MAX_NAMES = 5;
/** Characters at the end of the client's transcript. */
const TRANSCRIPT_LIMIT = 2000;

/**
 * The message about a site. Pure.
 *
 * @param addresses `undefined`: the site is no longer in the config
 */
export function siteMessage(
  event: SiteEvent,
  sender: Sender,
  addresses: SiteAddresses | undefined,
): SiteMessage {
  const { kind, result, failures, since, lastSuccess } = event;
  const recovered = kind === 'recovery';
  const cause = recovered ? null : event.cause;
  const foot = whereabouts(sender, result.time);
  return {
    subject: sender.subjects === 'classic' ? classicSubject(event) : siteSubject(event),
    note: noteOf(event),
    foot: compose(foot),
    text: compose([
      recovered
        ? `${oneLine(result.site, NAME_LIMIT)}: all three stages work again, after ${downtime(event)}`
        : diagnose(result),
      ...nextLines(cause),
      ...table([
        ['Site', oneLine(result.site)],
        ...addressRows(addresses),
        ['Monitored by', oneLine(sender.hostname)],
        ...(cause === null ? [] : ([['Cause', cause]] as const)),
        ['Failures', `${failures} in a row, since ${localTime(since)}`],
        [
          recovered ? 'Last success before' : 'Last success',
          lastSuccess === null ? 'none is known' : localTime(lastSuccess),
        ],
        ...(recovered ? ([['Back', localTime(event.back)]] as const) : []),
        ...event.orders.map(([name, words]) => [name, oneLine(words)] as const),
      ]),
      ...stageLines(result),
      ...lockWarning(event),
      ...leftLines(event),
      ...transcriptLines(result),
      ...commandLines(event, sender),
      ...foot,
    ]),
  };
}

/** What to do next. */
function nextLines(cause: string | null): readonly string[] {
  const next = cause === null ? undefined : wordsFor(cause)?.next;
  return next === undefined ? [] : ['', ...next];
}

/** What a message says of a site's addresses, as rows of a table; nothing if they are not known. */
export function addressRows(addresses: SiteAddresses | undefined): readonly (readonly [string, string])[] {
  if (addresses === undefined) return [];
  const { externalIp, vpnGw, internalIp } = addresses;
  const pinged = externalIp === vpnGw ? '' : ` (pinged at ${oneLine(externalIp)})`;
  return [
    ['Gateway', `${oneLine(vpnGw)}${pinged}`],
    ['Inside', oneLine(internalIp)],
  ];
}

/** The commands that a reader needs next, to paste into a shell. */
function commandLines({ kind, result: { site } }: SiteEvent, sender: Sender): string[] {
  if (kind === 'recovery') return [];
  const target = `-c ${shellWord(sender.config)} ${shellWord(site)}`;
  return table([
    testCommand(site, sender),
    ['Acknowledge', `vpn-monitor ack ${target} --note "..."`],
    ['Silence', `vpn-monitor silence ${target} --for 2h --reason "..."`],
  ]);
}

/** The row with the command that tests a site, to paste into a shell. */
export function testCommand(site: string, { config }: Sender): readonly [name: string, command: string] {
  return ['Test it now', `vpn-monitor once -c ${shellWord(config)} ${shellWord(site)}`];
}

/** Each further test tries a wrong password again: a gateway may lock the account. */
function lockWarning({ kind, result: { stages } }: SiteEvent): string[] {
  const [, login] = stages;
  const rejected = countsAgainstAccount(login) || (login.outcome !== 'ok' && login.cause === 'not-tried');
  if (kind === 'recovery' || !rejected) return [];
  return [
    '',
    'Repeated rejections may lock the account:',
    'login.rejected_retry_minutes spaces the attempts out.',
  ];
}

/** What the client of a failed test changed on this host, and how the monitor handled it. */
function leftLines({ kind, result: { left } }: SiteEvent): string[] {
  if (kind === 'recovery' || left.length === 0) return [];
  return ['', 'Found on this host after the test:', ...left.map((line) => `  ${oneLine(line)}`)];
}

/** From the first failed test to the first successful one, or to now. */
function downtime({ kind, back, since, at }: SiteEvent): string {
  return durationInWords((kind === 'recovery' ? back : at).getTime() - since.getTime());
}

/** The cause of a failure in a few words; `undefined`: it is not known. */
function shortCause({ cause }: SiteEvent): string | undefined {
  return cause === null ? undefined : wordsFor(cause)?.short;
}

function noteOf(event: SiteEvent): string {
  const why = shortCause(event);
  if (event.kind === 'failure') return why ?? 'cause not known';
  const because = why === undefined ? '' : `, ${why}`;
  return `down ${downtime(event)}${because}`;
}

/** The subject of the message that announces an outage. Pure. */
export function downSubject(name: string, cause: string | null): string {
  const why = cause === null ? undefined : wordsFor(cause)?.short;
  return `VPN ${oneLine(name, NAME_LIMIT)} DOWN${why === undefined ? '' : `: ${why}`}`;
}

function siteSubject(event: SiteEvent): string {
  const { kind, result } = event;
  const site = oneLine(result.site, NAME_LIMIT);
  const why = shortCause(event);
  const because = why === undefined ? '' : `: ${why}`;
  switch (kind) {
    case 'failure':
      return downSubject(result.site, event.cause);
    case 'reminder':
      return `VPN ${site} still DOWN (${downtime(event)})${because}`;
    case 'recovery':
      return `VPN ${site} is back (down ${downtime(event)}${why === undefined ? '' : `; ${why}`})`;
  }
}

/** The subjects of 1.0.0. */
function classicSubject(event: SiteEvent): string {
  const { kind, result, failures, since } = event;
  const site = oneLine(result.site, NAME_LIMIT);
  switch (kind) {
    case 'failure':
      return `${failures} consecutive ${failures === 1 ? 'failure' : 'failures'} for ${site}`;
    case 'reminder':
      return `${site} is still down (since ${clockTime(since)}, ${downtime(event)})`;
    case 'recovery':
      return `${site} is back (down ${downtime(event)})`;
  }
}

/** The message that the password of a site will expire. Pure. */
export function expiryMessage(
  { result, words, expires, left, at }: ExpiryEvent,
  sender: Sender,
): SiteMessage {
  const site = oneLine(result.site, NAME_LIMIT);
  const when = expires === null ? null : timeSpan(expires.getTime() - at.getTime());
  const foot = whereabouts(sender, result.time);
  return {
    note: when === null ? `${counted(left ?? 0, 'log-in')} left` : `in ${when}`,
    foot: compose(foot),
    subject:
      when === null
        ? `${counted(left ?? 0, 'log-in')} left before the password for ${site} must be changed`
        : `The password for ${site} expires in ${when}`,
    text: compose([
      `${site}: the monitor's password will expire (${words.map((line) => oneLine(line)).join(' ')})`,
      ...table([
        ['Site', oneLine(result.site)],
        ['Monitored by', oneLine(sender.hostname)],
        ...(expires === null ? [] : ([['Expires', localTime(expires)]] as const)),
        ...(left === null ? [] : ([['Log-ins left', String(left)]] as const)),
      ]),
      '',
      'Change it at the gateway, then where the config of the monitor has it. Once it has',
      'expired, each test of this site fails.',
      ...foot,
    ]),
  };
}

/** What a message about the host says beside its event. */
export interface HostFacts {
  /** The enabled sites. */
  readonly sites: readonly string[];
  /** Those of them that can't be tested while the faults last. */
  readonly untested: readonly string[];
  /** The free space of the results folder, in bytes; `null`: it can't be read. */
  readonly free: number | null;
}

/** The message about the host that monitors. Pure. */
export function hostMessage(event: HostEvent, sender: Sender, facts: HostFacts): Message {
  const { kind, faults, since, at } = event;
  const isOver = kind !== 'host-fault';
  const headline = hostHeadline(event, sender, facts);
  return {
    subject: oneLine(
      sender.subjects === 'classic' ? classicHostHeadline(event, sender) : headline,
      SUBJECT_LIMIT,
    ),
    text: compose([
      headline,
      ...table([
        ['Host', oneLine(sender.hostname)],
        ['Since', localTime(since)],
        ...(isOver ? ([['Recovered', localTime(at)]] as const) : []),
        ...(faults.some(({ kind }) => kind === 'records') ? freeSpace(sender, facts) : []),
      ]),
      '',
      isOver ? 'The faults were:' : 'What is wrong:',
      ...faults.map((fault) => `  ${oneLine(fault.kind)}: ${oneLine(fault.words)}`),
      ...(kind === 'uplink' ? ['', ...NO_SITE_BLAMED] : []),
      ...(isOver ? [] : ['', ...consequences(event, facts)]),
      ...(isOver ? [] : table([['How to fix it', `vpn-monitor check -c ${shellWord(sender.config)}`]])),
      ...whereabouts(sender, at),
    ]),
  };
}

const NO_SITE_BLAMED = [
  'No site was blamed: what failed meanwhile is not counted, and the time is neither up nor down. A site that',
  'still fails is told of as usual.',
];

/** What the faults keep the monitor from: tests of all sites, of some, or only the records. */
function hostHeadline({ kind, faults, since, at }: HostEvent, sender: Sender, facts: HostFacts): string {
  const host = oneLine(sender.hostname, NAME_LIMIT);
  const words = faults.map((fault) => oneLine(fault.words)).join('; ');
  const after = `(after ${durationInWords(at.getTime() - since.getTime())})`;
  if (kind === 'uplink') {
    return `the monitor on ${host} had no uplink from ${clockTime(since)} to ${clockTime(at)} (${durationInWords(at.getTime() - since.getTime())})`;
  }
  if (isOnlyRecords(faults)) {
    if (kind === 'host-recovery') return `results can be saved again on ${host} ${after}`;
    const free = facts.free === null ? '' : ` (${bytesInWords(facts.free)} free)`;
    return `results cannot be saved on ${host}${free}: ${words}`;
  }
  const which = facts.untested.length < facts.sites.length ? ` ${namesInWords(facts.untested)}` : '';
  return kind === 'host-recovery'
    ? `the monitor on ${host} can test${which} again ${after}`
    : `the monitor on ${host} cannot test${which}: ${words}`;
}

function classicHostHeadline({ kind, faults, since, at }: HostEvent, sender: Sender): string {
  const host = oneLine(sender.hostname, NAME_LIMIT);
  const words = faults.map((fault) => oneLine(fault.words)).join('; ');
  return kind !== 'host-fault'
    ? `the monitor on ${host} can test again (after ${durationInWords(at.getTime() - since.getTime())})`
    : `the monitor on ${host} cannot test: ${words}`;
}

function isOnlyRecords(faults: HostEvent['faults']): boolean {
  return faults.every(({ kind }) => kind === 'records');
}

function freeSpace({ dir }: Sender, { free }: HostFacts): readonly (readonly [string, string])[] {
  return free === null ? [] : [['Free space', `${bytesInWords(free)} in ${dir}`]];
}

/** What continues in spite of the faults, and what does not. */
function consequences({ faults }: HostEvent, { sites, untested }: HostFacts): readonly string[] {
  const records = faults.some(({ kind }) => kind === 'records')
    ? [
        `Results wait in memory, at most ${MOST_WAITING.toLocaleString('en-US')} rows, and are lost if the monitor ends before they are`,
        'written. Mails are sent.',
      ]
    : [];
  if (isOnlyRecords(faults)) return ['Tests continue.', ...records];
  const others = sites.length - untested.length;
  return [
    'This is no fault of any gateway: failures found meanwhile are not counted.',
    ...(others > 0
      ? [
          `${counted(others, 'other site')} of ${sites.length} ${others === 1 ? 'is' : 'are'} tested as usual.`,
        ]
      : []),
    ...records,
  ];
}

/** At most five names. */
function namesInWords(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).map((name) => oneLine(name, NAME_LIMIT));
  const more = names.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`;
}

/** The message that `test-notify` sends by a channel. Pure. */
export function testMessage(sender: Sender, at: Date, channel: string): Message {
  const host = oneLine(sender.hostname, NAME_LIMIT);
  return {
    subject: `vpn-monitor on ${host}: test notification`,
    text: compose([
      channel === MAIL
        ? `The monitor on ${host} can send mail: failures of VPN gateways will be reported to this address.`
        : `The monitor on ${host} can send to its channel ${channel}: failures of VPN gateways will be reported there.`,
      ...table([
        ['Host', oneLine(sender.hostname)],
        ['Sent', localTime(at)],
      ]),
      ...whereabouts(sender, at),
    ]),
  };
}

/** A paragraph with the values of the three stages. */
export function stageLines(result: SiteResult): string[] {
  const [outside, login, inside] = result.stages.map(stageInWords);
  const where = insideIsOutside(result) ? ' (outside the tunnel)' : '';
  const words = [outside, login, `${inside}${where}`];
  return table(words.map((each, index) => [`Stage ${index + 1}, ${STAGE_NAMES[index]}`, each ?? '']));
}

function stageInWords(stage: StageResult): string {
  if (stage.outcome === 'ok') return `${stageValue(stage)} ms`;
  const detail = oneLine(stage.detail);
  return `${stageValue(stage)}${detail === '' ? '' : `: ${detail}`}`;
}

function transcriptLines({ transcript }: SiteResult): string[] {
  const lines = transcript
    .trim()
    .slice(-TRANSCRIPT_LIMIT)
    .split(/\r\n|\r|\n/);
  if (lines.join('') === '') return [];
  return ['', "The end of the client's transcript:", ...lines.map((line) => `  | ${line.trimEnd()}`)];
}

/** The last lines of a message: where results, log and config are. */
export function whereabouts({ dir, file, log, config, version }: Sender, time: Date): string[] {
  return [
    ...table([
      ['Results', path.join(dir, csvFileName(file, time))],
      ['Log', log],
      ['Config', config],
    ]),
    '',
    `vpn-monitor ${version}`,
  ];
}

/** A paragraph of `Name: value` lines with aligned values. */
export function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length)) + 3;
  return ['', ...rows.map(([name, value]) => `${`${name}:`.padEnd(width)}${value}`)];
}

/** Joins the lines of a text. */
export function compose(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
