import type { ClientProfile } from '../clients/profile.ts';
import type { OneTimeCodes } from '../codes/one-time-codes.ts';
import type { EventName } from '../model/event-kinds.ts';
import type { Json } from '../model/json-template.ts';
import type { MaintenanceWindow } from '../model/maintenance.ts';
import type { Secret } from '../model/secret.ts';
import type { SlowLimits } from '../model/slow.ts';
import type { Target } from '../targets/target.ts';
import type { ChannelSettings } from './schema/channel-schema.ts';
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
  /** `dir` and `log` are absolute paths. */
  readonly logging: Omit<Settings['logging'], 'email'> & {
    /** `undefined`: no mail is sent. */
    readonly email: EmailConfig | undefined;
  };
  /** All sites in the order of the file, also the disabled ones. */
  readonly sites: readonly SiteConfig[];
  /** By name, each client that a site may name: the built-in ones, with the command of the file, and those of the file. */
  readonly clients: ReadonlyMap<string, ClientProfile>;
  readonly alerts: Settings['alerts'];
  /** The channels beside {@link MAIL}, in the order of the file. */
  readonly channels: readonly ChannelConfig[];
  /** The group that may give orders; `null`: that of the monitor's process. */
  readonly controlGroup: string | null;
  /** `undefined`: none is sent. */
  readonly heartbeat: HeartbeatConfig | undefined;
  /** The report by mail: `at` in minutes from midnight. `undefined`: none is sent. */
  readonly report: Settings['report'];
  readonly maintenance: readonly MaintenanceWindow[];
  /** The control targets; empty: there are none. */
  readonly uplink: readonly Target[];
  readonly ping: Settings['ping'];
  readonly login: Settings['login'];
  readonly cleanup: Settings['cleanup'];
  readonly dns: Settings['dns'];
  /** `undefined`: no page; its code is not loaded. */
  readonly web: WebConfig | undefined;
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
  /** By stage, the value in ms over which it is slow; `null`: never. */
  readonly slowMs: SlowLimits;
  readonly enabled: boolean;
  /** Where it is tested. */
  readonly isolation: Settings['isolation'];
}

/** The name of the channel that `logging.email` is. It is stored with every message. */
export const MAIL = 'mail';

/** A channel of the list `channels`. */
export interface ChannelConfig {
  readonly name: string;
  /** The events that it gets; `null`: all. */
  readonly events: readonly EventName[] | null;
  /** The sites whose events it gets; `null`: all. */
  readonly sites: readonly string[] | null;
  /** Whether what happens in one cycle is one message. */
  readonly group: boolean;
  readonly way:
    | { readonly kind: 'mail'; readonly email: EmailConfig }
    | { readonly kind: 'webhook'; readonly webhook: WebhookConfig }
    | { readonly kind: 'command'; readonly command: NonNullable<ChannelSettings['command']> };
}

/** A web server that gets messages. */
export interface WebhookConfig {
  /** A URL of http or https. */
  readonly url: Secret;
  /** The key that signs each request: base64, maybe after `whsec_`. `undefined`: requests are not signed. */
  readonly secret: Secret | undefined;
  /** `undefined`: none is sent. */
  readonly token: Secret | undefined;
  /** PEM of certificate authorities, trusted in addition to the system's. */
  readonly ca: string | undefined;
  /** What is sent: a ready-made body, or a document with placeholders. */
  readonly body: NonNullable<ChannelSettings['webhook']>['body'] | { readonly template: Json };
}

/** Where a watchdog elsewhere learns that the monitor works. */
export interface HeartbeatConfig {
  /** A URL of http or https. */
  readonly url: Secret;
  /** The time between two of them, in ms; `null`: one at the end of each cycle. */
  readonly everyMs: number | null;
}

/** How mail is sent. */
export interface EmailConfig extends Pick<EmailSettings, 'security' | 'from' | 'to'> {
  /** The key of the config that has these settings: `logging.email`, or `channels.NAME.mail`. */
  readonly key: string;
  readonly host: string;
  readonly port: number;
  /** PEM of certificate authorities, trusted in addition to the system's. */
  readonly ca: string | undefined;
  /** `undefined`: no log-in on the mail server. */
  readonly auth: { readonly username: string; readonly password: Secret } | undefined;
}

/** Where the page is served, and to whom. */
export interface WebConfig extends Pick<NonNullable<Settings['web']>, 'listen' | 'hosts'> {
  /** `undefined`: no password is asked for. */
  readonly password: Secret | undefined;
}

/** Where the metrics go: at least one of the two keys has a value. `textfile` is absolute. */
export type MetricsConfig = NonNullable<Settings['metrics']>;

/** Returns every secret of a config, for the redaction. */
export function secretsOf(config: Config): readonly Secret[] {
  const passwords = config.sites.flatMap(({ password, clientSecrets, totp }) => [
    password,
    totp?.secret,
    totp?.written,
    ...(clientSecrets?.values() ?? []),
  ]);
  const ways = config.channels.flatMap(({ way }) => {
    if (way.kind === 'webhook') return [way.webhook.url, way.webhook.secret, way.webhook.token];
    return way.kind === 'mail' ? [way.email.auth?.password] : [];
  });
  const others = [config.logging.email?.auth?.password, config.heartbeat?.url, config.web?.password];
  return [...passwords, ...others, ...ways].filter((secret) => secret !== undefined);
}
