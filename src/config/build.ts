import path from 'node:path';
import { isCsvFileName } from '../results/file-name.ts';
import { readClients } from './clients.ts';
import type { Config } from './config.ts';
import { emailConfig, readEmailSecrets } from './email.ts';
import type { Reading } from './reading.ts';
import { SettingsSchema } from './schema/config-schema.ts';
import { validate } from './schema/validate.ts';
import { readSites } from './sites.ts';
import { warningsOf } from './warnings.ts';
import { find, stringOf } from './yaml/tree.ts';

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
  const emailSecrets = readEmailSecrets(reading);
  const clients = readClients(reading);
  const { sites, credentials: siteCredentials } = readSites(reading, clients);
  if (settings === undefined) return undefined;
  const { logging, dns, metrics } = settings;
  const credentials = [...siteCredentials, emailSecrets.credential].filter(
    (credential) => credential !== undefined,
  );
  const absolute = (file: string) => path.resolve(reading.folder, file);
  return {
    config: {
      ...settings,
      file: reading.file,
      logging: {
        ...logging,
        dir: absolute(logging.dir),
        email: logging.email && emailConfig(logging.email, emailSecrets),
      },
      sites,
      clients: clients.profiles,
      dns: { ...dns, file: absolute(dns.file) },
      metrics: metrics && { ...metrics, textfile: metrics.textfile && absolute(metrics.textfile) },
      warnings: warningsOf(reading, credentials),
    },
    secretVariables: credentials.filter(({ key }) => key === 'password_env').map(({ value }) => value),
    secretFiles: credentials.filter(({ key }) => key === 'password_file').map(({ value }) => absolute(value)),
  };
}

/** The log is in the folder of the CSV files: it must not have the name of one. */
function checkLogName({ root, report }: Reading): void {
  const log = find(root, 'logging', 'log');
  const file = stringOf(find(root, 'logging', 'file'));
  const name = stringOf(log);
  if (log === undefined || file === undefined || name === undefined) return;
  if (!isCsvFileName(file, name)) return;
  report({ at: log.at, path: ['logging', 'log'], text: 'expected a name that no CSV file has' });
}
