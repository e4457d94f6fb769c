import path from 'node:path';
import { isCsvFileName } from '../results/file-name.ts';
import { readChannels } from './channels.ts';
import { readClients } from './clients.ts';
import type { Config } from './config.ts';
import type { Credential } from './credential.ts';
import { EMAIL, emailConfig, readEmailSecrets } from './email.ts';
import { checkAuthorities } from './inside.ts';
import type { Reading } from './reading.ts';
import { checkReport } from './report-recipients.ts';
import { type Settings, SettingsSchema } from './schema/config-schema.ts';
import { targetsOf } from './schema/target-schema.ts';
import { validate } from './schema/validate.ts';
import { readSites } from './sites.ts';
import { warningsOf } from './warnings.ts';
import { checkWeb, readWebPassword, webConfig } from './web.ts';
import { readWebAddress } from './web-address.ts';
import { didYouMean } from './yaml/problem.ts';
import { child, find, ownEntries, stringOf } from './yaml/tree.ts';

/** A config, and the places of its secrets. */
export interface Built {
  readonly config: Config;
  /** Names of the environment variables that hold secrets. */
  readonly secretVariables: readonly string[];
  /** Absolute paths of the files that hold secrets. */
  readonly secretFiles: readonly string[];
}

/**
 * Reads each part of a config, also if other parts are wrong, and reports every problem.
 *
 * @returns `undefined` if the settings are invalid. Otherwise the config is valid only if no problem was reported.
 */
export function buildConfig(reading: Reading): Built | undefined {
  const settings = validate(SettingsSchema, { at: 0, value: reading.root }, [], reading.report);
  checkLogName(reading);
  checkConcurrency(reading, settings);
  checkWeb(reading, settings);
  checkReport(reading, settings);
  const emailSecrets = readEmailSecrets(find(reading.root, ...EMAIL), EMAIL, reading);
  const { channels, credentials: ofChannels } = readChannels(reading, settings?.channels);
  const heartbeatUrl = readHeartbeatUrl(reading);
  const webPassword = readWebPassword(reading);
  const clients = readClients(reading);
  const { sites, credentials: siteCredentials } = readSites(reading, clients, {
    isolation: settings?.isolation ?? 'none',
    slow: settings?.slow_ms ?? {},
  });
  checkSiteNames('maintenance', reading);
  checkSiteNames('channels', reading);
  if (settings === undefined) return undefined;
  const { isolation: _, slow_ms: __, control, heartbeat, uplink, ...others } = settings;
  const { logging, dns, metrics, web } = others;
  const credentials = [
    ...siteCredentials,
    emailSecrets.credential,
    webPassword,
    heartbeatUrl,
    ...ofChannels,
  ].filter((credential) => credential !== undefined);
  const absolute = (file: string) => path.resolve(reading.folder, file);
  return {
    config: {
      ...others,
      file: reading.file,
      logging: {
        ...logging,
        dir: absolute(logging.dir),
        log: logFile(logging.log, absolute(logging.dir), reading.folder),
        email: logging.email && emailConfig(logging.email, emailSecrets, EMAIL),
      },
      controlGroup: control?.group ?? null,
      heartbeat: heartbeat && heartbeatUrl && { url: heartbeatUrl.secret, everyMs: msOf(heartbeat.every) },
      channels,
      report: others.report,
      maintenance: others.maintenance ?? [],
      uplink: readUplink(uplink, reading),
      sites,
      clients: clients.profiles,
      dns: { ...dns, file: absolute(dns.file) },
      web: web && webConfig(web, webPassword),
      metrics: metrics && { ...metrics, textfile: metrics.textfile && absolute(metrics.textfile) },
      warnings: warningsOf(reading, credentials),
    },
    secretVariables: credentials.filter(({ from }) => from === 'env').map(({ value }) => value),
    secretFiles: credentials.filter(({ from }) => from === 'file').map(({ value }) => absolute(value)),
  };
}

function readHeartbeatUrl(reading: Reading): Credential | undefined {
  const heartbeat = find(reading.root, 'heartbeat');
  return heartbeat && readWebAddress(heartbeat, ['heartbeat'], reading);
}

/** The time between two heartbeats, in ms; `null`: one at the end of each cycle. */
function msOf(every: number | 'cycle'): number | null {
  return every === 'cycle' ? null : every * 1000;
}

/** An entry of a list that names no site of the config would silently do nothing. */
function checkSiteNames(key: 'maintenance' | 'channels', { root, report }: Reading): void {
  const list = find(root, key);
  const sites = find(root, 'sites');
  if (list?.value.kind !== 'sequence' || sites?.value.kind !== 'mapping') return;
  const known = ownEntries(sites.value).map(([name]) => name);
  for (const [index, entry] of list.value.items.entries()) {
    const named = child(entry.value, 'sites');
    if (named?.value.kind !== 'sequence') continue;
    for (const [place, item] of named.value.items.entries()) {
      const name = stringOf(item);
      if (name === undefined || known.includes(name)) continue;
      const path = [key, index, 'sites', place];
      report({ at: item.at, path, text: `there is no such site${didYouMean(name, known)}` });
    }
  }
}

/** The control targets. Reports each of their files that can't be read. */
function readUplink(settings: Settings['uplink'], reading: Reading): Config['uplink'] {
  const targets = find(reading.root, 'uplink', 'targets');
  if (settings === undefined || targets === undefined) return [];
  checkAuthorities(targets, ['uplink', 'targets'], reading);
  return targetsOf(settings.targets, (file) => path.resolve(reading.folder, file));
}

/** Tests at once on one host would share its routes and its resolv.conf. */
function checkConcurrency(
  { root, report }: Reading,
  settings: { readonly isolation: string; readonly concurrency: number | string } | undefined,
): void {
  const concurrency = child(root, 'concurrency');
  if (concurrency === undefined || settings === undefined) return;
  if (settings.isolation !== 'none' || settings.concurrency === 1) return;
  report({
    at: concurrency.at,
    path: ['concurrency'],
    text: 'expected 1, since with isolation: none all tests share the routes and the DNS of this host: set isolation: cell or auto',
  });
}

/** A log in the results folder must not have the name of a CSV file. */
function checkLogName({ root, folder, report }: Reading): void {
  const log = find(root, 'logging', 'log');
  const [name, dir, file] = ['log', 'dir', 'file'].map((key) => stringOf(find(root, 'logging', key)));
  if (log === undefined || name === undefined || dir === undefined || file === undefined) return;
  const results = path.resolve(folder, dir);
  if (!isCsvFileName(file, path.relative(results, logFile(name, results, folder)))) return;
  report({ at: log.at, path: ['logging', 'log'], text: 'expected a name that no CSV file has' });
}

/** The absolute path of `logging.log`: a plain name is in the results folder. */
function logFile(log: string, results: string, folder: string): string {
  return log.includes('/') ? path.resolve(folder, log) : path.join(results, log);
}
