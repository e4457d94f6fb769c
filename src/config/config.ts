import type { ClientProfile } from '../clients/profile.ts';
import type { OneTimeCodes } from '../codes/one-time-codes.ts';
import type { MaintenanceWindow } from '../model/maintenance.ts';
import type { Secret } from '../model/secret.ts';
import type { Target } from '../targets/target.ts';
import type { Settings } from './schema/config-schema.ts';
import type { EmailSettings } from './schema/email-schema.ts';

/**
 * A valid config: defaults filled in, paths absolute, secrets read.
 *
 * The keys of its sections, their types and defaults come from the schema, which describes each key
 * (schema/config-schema.ts); `login.quit_timeout` is `login.quitTimeout` here.
 */
export interface Config {
  /** Absolute path of the file it came from. */
  readonly file: string;
  readonly frequency: Settings['frequency'];
  readonly concurrency: Settings['concurrency'];
  readonly logging: Omit<Settings['logging'], 'email'> & {
    /** `undefined`: no mail is sent. */
    readonly email: EmailConfig | undefined;
  };
  /** All sites in the order of the file, also the disabled ones. */
  readonly sites: readonly SiteConfig[];
  /** By name, each client that a site may name: the built-in ones, with the command of the file, and those of the file. */
  readonly clients: ReadonlyMap<string, ClientProfile>;
  readonly alerts: Settings['alerts'];
  /** The group that may give orders; `null`: that of the monitor's process. */
  readonly controlGroup: string | null;
  readonly maintenance: readonly MaintenanceWindow[];
  readonly ping: Settings['ping'];
  readonly login: Settings['login'];
  readonly cleanup: Settings['cleanup'];
  readonly dns: Settings['dns'];
  /** `undefined`: no metrics; their code is not loaded. */
  readonly metrics: MetricsConfig | undefined;
  /** What is valid but unwise, one line each, for the log and for `check`. */
  readonly warnings: readonly string[];
}

/** One site, ready to be tested. */
export interface SiteConfig {
  readonly name: string;
  readonly externalIp: string;
  readonly vpnGw: string;
  /** `undefined`: the client asks for none. */
  readonly username?: string | undefined;
  /** `undefined`: the client asks for none. */
  readonly password?: Secret | undefined;
  /** `undefined`: the site has no one-time codes. */
  readonly totp?: OneTimeCodes | undefined;
  /** Pinged by stage 3, or the host of the first of {@link inside}. */
  readonly internalIp: string;
  /** What stage 3 asks instead of a ping of {@link internalIp}; empty: nothing. */
  readonly inside: readonly Target[];
  readonly client: ClientProfile;
  /** By key, what else the client's profile knows of the site: `realm`, `timeout`, ... A path is absolute. */
  readonly clientKeys: ReadonlyMap<string, string>;
  /** By key, the secrets that the client's profile knows beside the password: `key_password`. */
  readonly clientSecrets?: ReadonlyMap<string, Secret>;
  readonly enabled: boolean;
  /** Where it is tested. */
  readonly isolation: Settings['isolation'];
}

/** How mail is sent. */
export interface EmailConfig extends Pick<EmailSettings, 'security' | 'from' | 'to'> {
  readonly host: string;
  readonly port: number;
  /** PEM of certificate authorities, trusted in addition to the system's. */
  readonly ca: string | undefined;
  /** `undefined`: no log-in on the mail server. */
  readonly auth: { readonly username: string; readonly password: Secret } | undefined;
}

/** Where the metrics go: at least one of the two keys has a value. `textfile` is absolute. */
export type MetricsConfig = NonNullable<Settings['metrics']>;

/** Returns every secret of a config, for the redaction. */
export function secretsOf(config: Config): readonly Secret[] {
  const mail = config.logging.email?.auth?.password;
  const passwords = config.sites
    .flatMap(({ password, clientSecrets, totp }) => [
      password,
      totp?.secret,
      totp?.written,
      ...(clientSecrets?.values() ?? []),
    ])
    .filter((secret) => secret !== undefined);
  return mail === undefined ? passwords : [...passwords, mail];
}
