import path from 'node:path';
import { isCsvFileName } from '../results/file-name.ts';
import { readClients } from './clients.ts';
import type { Config, MetricsConfig } from './config.ts';
import { emailConfig, readEmailExtras } from './email.ts';
import type { Reading } from './reading.ts';
import { parseListen } from './schema/address.ts';
import { RestSchema } from './schema/config-schema.ts';
import type { RawMetrics } from './schema/metrics-schema.ts';
import { validate } from './schema/validate.ts';
import { readSites } from './sites.ts';
import { warningsOf } from './warnings.ts';
import { find, stringOf } from './yaml/tree.ts';

/** A config, and where its secrets lie: the names of environment variables, and absolute paths of files. */
export interface Built {
  readonly config: Config;
  readonly secretVariables: readonly string[];
  readonly secretFiles: readonly string[];
}

/** Reads every part of a config, whatever is wrong with the others. Good only if nothing was reported. */
export function buildConfig(reading: Reading): Built | undefined {
  const rest = validate(RestSchema, { at: 0, value: reading.root }, [], reading.report);
  checkLogName(reading);
  const extras = readEmailExtras(reading);
  const clients = readClients(reading);
  const { sites, credentials: siteCredentials } = readSites(reading, clients);
  if (rest === undefined) return undefined;
  const credentials = [...siteCredentials, extras.credential].filter(
    (credential) => credential !== undefined,
  );
  const email = rest.logging.email && emailConfig(rest.logging.email, extras);
  const [command = '', ...args] = rest.dns.restore;
  return {
    config: {
      file: reading.file,
      frequency: rest.frequency,
      logging: {
        dir: path.resolve(reading.folder, rest.logging.dir),
        file: rest.logging.file,
        log: rest.logging.log,
        level: rest.logging.level,
        keepDays: rest.logging.keep_days,
        email,
      },
      sites,
      clients: clients.profiles,
      alerts: {
        after: rest.alerts.after,
        remindHours: rest.alerts.remind_hours,
        recovery: rest.alerts.recovery,
      },
      ping: rest.ping,
      login: {
        stepTimeout: rest.login.step_timeout,
        quitTimeout: rest.login.quit_timeout,
        rejectedRetryMinutes: rest.login.rejected_retry_minutes,
      },
      cleanup: { settleSeconds: rest.cleanup.settle_seconds },
      dns: { file: path.resolve(reading.folder, rest.dns.file), restore: [command, ...args] },
      metrics: rest.metrics && metricsConfig(rest.metrics, reading.folder),
      warnings: warningsOf(reading, credentials),
    },
    secretVariables: credentials.filter(({ key }) => key === 'password_env').map(({ value }) => value),
    secretFiles: credentials
      .filter(({ key }) => key === 'password_file')
      .map(({ value }) => path.resolve(reading.folder, value)),
  };
}

function metricsConfig({ listen, textfile }: RawMetrics, folder: string): MetricsConfig {
  return {
    listen: listen === undefined ? undefined : parseListen(listen),
    textfile: textfile === undefined ? undefined : path.resolve(folder, textfile),
  };
}

/** The log lies in the folder of the CSV files. */
function checkLogName({ root, report }: Reading): void {
  const log = find(root, 'logging', 'log');
  const file = stringOf(find(root, 'logging', 'file'));
  const name = stringOf(log);
  if (log === undefined || file === undefined || name === undefined) return;
  if (!isCsvFileName(file, name)) return;
  report({ at: log.at, path: ['logging', 'log'], text: 'expected a name that no CSV file has' });
}
