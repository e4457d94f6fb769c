import path from 'node:path';
import type { Config } from '../config/config.ts';
import {
  countsAgainstAccount,
  decisiveFailure,
  insideIsOutside,
  type SiteResult,
  STAGE_NAMES,
  type StageResult,
  stageValue,
} from '../model/test-result.ts';
import { diagnose, NAME_LIMIT } from '../probe/diagnosis.ts';
import { csvFileName } from '../results/file-name.ts';
import type { System } from '../system/system.ts';
import { counted } from '../words/numbers.ts';
import { oneLine } from '../words/printable.ts';
import { clockTime, DAY_MS, durationInWords, localTime } from '../words/time.ts';
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

/** The sender, as every message describes it. */
export interface Sender {
  /** The host that monitors. */
  readonly hostname: string;
  readonly version: string;
  /** The results folder, the base name of the CSV files and the name of the log in it. */
  readonly dir: string;
  readonly file: string;
  readonly log: string;
}

/** The sender of the messages of a config on this host. */
export function senderOf({ logging }: Config, { hostname }: System, version: string): Sender {
  return { hostname, version, dir: logging.dir, file: logging.file, log: logging.log };
}

const SUBJECT_LIMIT = 200;
/** Characters at the end of the client's transcript. */
const TRANSCRIPT_LIMIT = 2000;

/** The message about a site. Pure. */
export function siteMessage(event: SiteEvent, sender: Sender): Message {
  const { kind, result, failures, since, lastSuccess } = event;
  const recovered = kind === 'recovery';
  const cause = decisiveFailure(result)?.cause;
  return {
    subject: siteSubject(event),
    text: compose([
      recovered
        ? `${oneLine(result.site, NAME_LIMIT)}: all three stages work again, after ${downtime(event)}`
        : diagnose(result),
      ...table([
        ['Site', oneLine(result.site)],
        ['Monitored by', oneLine(sender.hostname)],
        ...(cause === undefined ? [] : ([['Cause', cause]] as const)),
        ['Failures', `${failures} in a row, since ${localTime(since)}`],
        [
          recovered ? 'Last success before' : 'Last success',
          lastSuccess === null ? 'none is known' : localTime(lastSuccess),
        ],
        ...(recovered ? ([['Back', localTime(result.time)]] as const) : []),
      ]),
      ...stageLines(result),
      ...lockWarning(event),
      ...leftLines(event),
      ...transcriptLines(result),
      ...whereabouts(sender, result.time),
    ]),
  };
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
function downtime({ kind, result, since, at }: SiteEvent): string {
  return durationInWords((kind === 'recovery' ? result.time : at).getTime() - since.getTime());
}

function siteSubject(event: SiteEvent): string {
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
export function expiryMessage({ result, words, expires, left, at }: ExpiryEvent, sender: Sender): Message {
  const site = oneLine(result.site, NAME_LIMIT);
  const when = expires === null ? null : remaining(expires.getTime() - at.getTime());
  return {
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
      ...whereabouts(sender, result.time),
    ]),
  };
}

/** `5 days`, `1 day`, or hours and minutes on the last day. Rounded: the time since the test must not cost a day. */
function remaining(ms: number): string {
  return ms < DAY_MS ? durationInWords(ms) : counted(Math.round(ms / DAY_MS), 'day');
}

/** The message about the host that monitors. Pure. */
export function hostMessage({ kind, faults, since, at }: HostEvent, sender: Sender): Message {
  const host = oneLine(sender.hostname, NAME_LIMIT);
  const words = faults.map((fault) => oneLine(fault.words)).join('; ');
  const recovered = kind === 'host-recovery';
  const headline = recovered
    ? `the monitor on ${host} can test again (after ${durationInWords(at.getTime() - since.getTime())})`
    : `the monitor on ${host} cannot test: ${words}`;
  return {
    subject: oneLine(headline, SUBJECT_LIMIT),
    text: compose([
      headline,
      ...table([
        ['Host', oneLine(sender.hostname)],
        ['Since', localTime(since)],
        ...(recovered ? ([['Recovered', localTime(at)]] as const) : []),
      ]),
      '',
      recovered ? 'The faults were:' : 'What is wrong:',
      ...faults.map((fault) => `  ${oneLine(fault.kind)}: ${oneLine(fault.words)}`),
      ...(recovered ? [] : ['', consequence(faults)]),
      ...whereabouts(sender, at),
    ]),
  };
}

function consequence(faults: HostEvent['faults']): string {
  return faults.every(({ kind }) => kind === 'records')
    ? 'Tests continue. What cannot be written waits in memory, and is lost if the monitor ends before it is written.'
    : 'This is no fault of any gateway: failures found meanwhile are not counted.';
}

/** The message that `test-mail` sends. Pure. */
export function testMessage(sender: Sender, at: Date): Message {
  const host = oneLine(sender.hostname, NAME_LIMIT);
  return {
    subject: `vpn-monitor on ${host}: test notification`,
    text: compose([
      `The monitor on ${host} can send mail: failures of VPN gateways will be reported to this address.`,
      ...table([
        ['Host', oneLine(sender.hostname)],
        ['Sent', localTime(at)],
      ]),
      ...whereabouts(sender, at),
    ]),
  };
}

function stageLines(result: SiteResult): string[] {
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

function whereabouts({ dir, file, log, version }: Sender, time: Date): string[] {
  return [
    ...table([
      ['Results', path.join(dir, csvFileName(file, time))],
      ['Log', path.join(dir, log)],
    ]),
    '',
    `vpn-monitor ${version}`,
  ];
}

/** A paragraph of `Name: value` lines with aligned values. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length)) + 3;
  return ['', ...rows.map(([name, value]) => `${`${name}:`.padEnd(width)}${value}`)];
}

function compose(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
