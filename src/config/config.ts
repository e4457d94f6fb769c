import type { ClientProfile } from '../clients/profile.ts';
import type { Level } from '../log/log.ts';
import type { Secret } from '../model/secret.ts';
import type { Listen, MailAddress } from './schema/address.ts';

/** A config that is good: defaults filled in, paths absolute, secrets read. */
export interface Config {
  /** Absolute path of the file it came from. */
  readonly file: string;
  /** Seconds from the start of one cycle to the start of the next. */
  readonly frequency: number;
  readonly logging: {
    /** Absolute path of the results folder. */
    readonly dir: string;
    /** Base name of the CSV files: `FILE_YYMMDD.csv`. */
    readonly file: string;
    /** Name of the log in `dir`, monitoring.log unless said. */
    readonly log: string;
    readonly level: Level;
    /** CSV files of days longer ago are removed; 0: none. */
    readonly keepDays: number;
    /** `undefined`: no mail is sent. */
    readonly email: EmailConfig | undefined;
  };
  /** All sites in the file's order, the disabled ones too. */
  readonly sites: readonly SiteConfig[];
  /** By name, every client that a site may name: the built-in ones, with the file's command, and the file's own. */
  readonly clients: ReadonlyMap<string, ClientProfile>;
  readonly alerts: {
    /** Failures in a row before the first mail. */
    readonly after: number;
    /** Hours between reminders; 0: none. */
    readonly remindHours: number;
    readonly recovery: boolean;
  };
  readonly ping: {
    /** Echo requests. */
    readonly count: number;
    /** Seconds before a ping is given up. */
    readonly timeout: number;
  };
  readonly login: {
    /** Seconds per prompt. */
    readonly stepTimeout: number;
    /** Seconds to log out. */
    readonly quitTimeout: number;
    /** Minutes without a further attempt after rejected credentials; 0: none. */
    readonly rejectedRetryMinutes: number;
  };
  /** Seconds to wait after a left-over client was killed, for the gateway to notice. */
  readonly cleanup: { readonly settleSeconds: number };
  readonly dns: {
    readonly file: string;
    /** The command and its arguments. */
    readonly restore: readonly [string, ...string[]];
  };
  /** `undefined`: none, and nothing of them is loaded. */
  readonly metrics: MetricsConfig | undefined;
  /** What is allowed but unwise, one line each, for the log and for `check`. */
  readonly warnings: readonly string[];
}

/** One site, ready to be tested. */
export interface SiteConfig {
  readonly name: string;
  readonly externalIp: string;
  readonly vpnGw: string;
  readonly username: string;
  readonly password: Secret;
  readonly internalIp: string;
  readonly client: ClientProfile;
  /** By key, what else the client's profile knows of the site: `realm`, `timeout`, ... A path is absolute. */
  readonly clientKeys: ReadonlyMap<string, string>;
  readonly enabled: boolean;
}

/** How mail is sent. */
export interface EmailConfig {
  readonly host: string;
  readonly port: number;
  readonly security: 'auto' | 'none' | 'starttls' | 'tls';
  /** PEM of the company's certificate authority, used beside the system's. */
  readonly ca: string | undefined;
  readonly auth: { readonly username: string; readonly password: Secret } | undefined;
  readonly from: MailAddress;
  /** Each address once. */
  readonly to: readonly [MailAddress, ...MailAddress[]];
}

/** Where the metrics go: at least one of the two. */
export interface MetricsConfig {
  readonly listen: Listen | undefined;
  /** Absolute path. */
  readonly textfile: string | undefined;
}

/** Every secret of a config, for the redaction. */
export function secretsOf(config: Config): readonly Secret[] {
  const mail = config.logging.email?.auth?.password;
  const passwords = config.sites.map((site) => site.password);
  return mail === undefined ? passwords : [...passwords, mail];
}
