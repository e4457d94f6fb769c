import type { Cause, SessionWarning } from '../model/test-result.ts';

/** The actions that a log-in may take only if the config's `login.allow` lists them. */
export const PERMISSIONS = ['end-sessions', 'terms'] as const;
/** One of {@link PERMISSIONS}. */
export type Permission = (typeof PERMISSIONS)[number];

/**
 * One question of the log-in dialogue and the line that answers it. A step without a `limit` is answered once, in its
 * place in the dialogue.
 */
export interface Step {
  /** The name of the prompt in messages: `Username:`. */
  readonly prompt: string;
  readonly expect: RegExp;
  /**
   * Distinguishes questions with the same prompt: one of the lines before the prompt, since the last answer, must match.
   * If several steps have the same prompt, the first that matches is answered.
   */
  readonly within?: RegExp;
  /**
   * The answer; a newline is added. `{key}` is replaced by the site's value of that key, `{totp}` by a one-time code that was never
   * typed before, and `{password}` by password and code if the site has `totp_with_password`. `{button:OK}` is replaced by the
   * number before the button `OK` in the list printed since the last answer; with several names (`{button:OK|Yes}`) the
   * first one in the list is used. A number at the end (`{button:OK|1}`) is typed if no buttons were listed.
   */
  readonly send: string;
  /** Whether the client may continue without it. */
  readonly optional?: boolean;
  /** If set, the question may come at any time, and is answered at most this many times. */
  readonly limit?: number;
  /** Answered only if `login.allow` lists this permission. */
  readonly permission?: Permission;
  /** Asked only at sites that have this key; elsewhere the dialogue is without this step. `totp`: a secret of one-time codes. */
  readonly with?: string;
  readonly where?: Where;
  readonly listed?: Listed;
}

/**
 * A condition: the site's value of each of these keys must be one of those listed. A site without the key has the first of the key's
 * {@link SiteKey.choices}.
 */
export type Where = Readonly<Record<string, readonly string[]>>;

/** A condition: the question is answered only if the config lists the value that it shows, such as a fingerprint. */
export interface Listed {
  /** The named group of `within` that matches the shown value. */
  readonly group: string;
  /** The site's key that lists the accepted values, separated by commas or blanks. */
  readonly key: string;
  /**
   * The failure for any other value. `send` is typed first, so that the client ends by itself. `{wanted}` in its words is the
   * list plus the shown value.
   */
  readonly otherwise: Pick<Failure, 'cause' | 'words'> & { readonly send?: string };
}

/** A text, or a question that is never answered, that ends the log-in as a failure. */
export interface Failure {
  readonly expect: RegExp;
  readonly cause: Cause;
  /** The failure does not count if the same line also matches this. */
  readonly unless?: RegExp;
  /** Counts only if one of the lines before it, since the last answer, matches. It then takes precedence over all steps. */
  readonly within?: RegExp;
  /** Counts only after the step with this `prompt` was answered. Default: always. */
  readonly after?: string;
  /** Counts only until this prompt was answered. */
  readonly before?: string;
  /**
   * The text of the failure. Default: the matched line. A template: `{line}` is that line, `{list}` the numbered choices
   * since the last answer, `{key}` the site's value of a key, `{group}` a named group of `expect` or `within`.
   */
  readonly words?: string;
  /** Counts only at sites that do not have this key: there a step `with` the same key answers. */
  readonly without?: string;
  readonly where?: Where;
  /** Does not count if `login.allow` lists this permission: then a step with the same permission answers. */
  readonly permission?: Permission;
  /** The line gives no reason for the failure: another failure within the next second replaces it. */
  readonly vague?: boolean;
  /**
   * The client may go on after it, for example to the next address. It counts if the client then ends or its time is up, unless
   * a later line matches this, which shows that it went on. The last one counts; a vague one replaces no other.
   */
  readonly passing?: RegExp;
  /** For `second-factor`: the gateway has rejected an answer, which counts against the account. */
  readonly rejects?: boolean;
}

/**
 * A text that causes a warning but does not end the log-in. Named groups of `expect` contain the numbers: `days`, `hours`,
 * `minutes` and `seconds` of `password-expires`, `left` of `grace-logins`.
 */
export interface Notice {
  readonly expect: RegExp;
  readonly kind: SessionWarning['kind'];
}

/** A process of the client, identified by its program. */
export interface OwnProgram {
  /** The name in /proc/PID/stat, or the base name of the program in the command line. */
  readonly name: string;
  /**
   * For java, which other programs use too: the path of java itself, an entry of its class or module path, or its main
   * class or archive must match. Other options, and the arguments of the Java program, are ignored.
   */
  readonly code?: RegExp;
}

/** A program beside the client, looked up in PATH, and its arguments: templates as those of the client. */
export interface SideCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** How a client logs out: a line that is typed, a signal, or another command. It then ends by itself, if it has not ended before. */
export type Logout = { readonly line: string } | { readonly signal: NodeJS.Signals } | SideCommand;

/** The command that shows whether a client that returns at once is logged in. It is run again and again until it does. */
export interface ShownBy extends SideCommand {
  /** Whether a packet brings it about: `internal_ip` is pinged meanwhile. */
  readonly wakes?: boolean;
  /** The failure if it does not show it within `login.step_timeout`. `{line}` is the last line that it printed. */
  readonly otherwise: Pick<Failure, 'cause' | 'words'>;
}

/** A site's key that its client uses. */
export interface SiteKey {
  readonly required: boolean;
  /** A second secret, such as the pass phrase of a key. The config may have it in a file or a variable, as a password. */
  readonly secret?: true;
  /** Whether its value is a path, which may be relative to the config. */
  readonly file: boolean;
  /** The values that it may have. The first is that of a site without the key. */
  readonly choices?: readonly string[];
  /** For a file: finds the lines that keep the client from being watched, each the first group of a match. */
  readonly unwatched?: RegExp;
  /** For a file: arguments that the client gets before all others, unless the text of the file matches. */
  readonly adds?: { readonly args: readonly string[]; readonly unless: RegExp };
  /** For a file that decides where the client logs in: finds the hosts in it, each the first group of a match. */
  readonly gateway?: RegExp;
  /** The key names the certificate of the gateway: by its SHA1 fingerprint, or by the pin of its public key (RFC 7469, 2.4). */
  readonly fingerprint?: 'SHA1' | 'pin-sha256';
  /** What its value must be. */
  readonly value?: {
    readonly pattern: RegExp;
    /** Follows "expected" in an error message. */
    readonly expected: string;
  };
}

/** The site's key, a file, that holds the certificate of the user: PEM, or PKCS#12 with the pass phrase of {@link KEY_PASSWORD}. */
export const USER_CERTIFICATE = 'certificate';
/** The site's key, a secret, that holds the pass phrase of the user's key. */
export const KEY_PASSWORD = 'key_password';

/** Arguments of a client: a template, or several that are given only together. */
export type Argument = string | readonly string[];

/**
 * Which leftover processes belong to the client and may be killed: by name, for a client that a host can run only once; or
 * only those that a monitor of this results folder started, identified by a mark in their environment.
 */
export type Ownership =
  | { readonly by: 'name'; readonly processes: readonly OwnProgram[] }
  | { readonly by: 'mark' };

/** Identifies a leftover process of a client: its program, or an entry (`NAME=value`) of its environment. */
export type OwnProcess = OwnProgram | { readonly mark: string };

/** What a client keeps in the home folder of its user. */
export interface ClientHome {
  /**
   * Its folder, in the home folder of the user's entry in /etc/passwd, whatever HOME says. The client must be able to write
   * there.
   */
  readonly folder: string;
  /** The site's key that names the certificates to trust. Those that a user stored in the folder are trusted as well. */
  readonly trustKey?: string;
}

/** What a client does to resolv.conf. */
export interface DnsHabit {
  /** A word that the client writes into the file. */
  readonly mark: string;
}

/**
 * Describes a VPN client as data. One interpreter (probe/dialogue.ts) runs every profile, so a new client is a new value
 * of this type and needs no code.
 */
export interface ClientProfile {
  readonly name: string;
  /** A client without a real gateway: lists of clients to choose from leave it out. */
  readonly simulated?: boolean;
  /** A client of a config with the same name takes its place: older versions did not have it built in. */
  readonly replaceable?: boolean;
  /** Whether the config describes it: its patterns may then be very slow. */
  readonly described: boolean;
  /** The command looked up in PATH when the config names none. */
  readonly command: string;
  /** Its package in Debian and Ubuntu, if there is one. */
  readonly package?: string;
  /**
   * Arguments, each a template: `{key}` is replaced by the site's value of that key. An argument with a key that the site
   * does not have is left out, together with those of its inner list. `{!key}` is replaced by the empty string, and counts
   * as missing if the site has the key; `{?key}` also, and counts as missing if it has not. A value can never become an option: the config rejects a leading `-`.
   */
  readonly args: readonly Argument[];
  readonly keys: Readonly<Record<string, SiteKey>>;
  /**
   * Keys of which a site may have one instead of a username or a password (`totp`: one-time codes). An empty list: a site may do
   * without. Default: it must have both.
   */
  readonly insteadOf?: {
    readonly username?: readonly string[];
    readonly password?: readonly string[];
  };
  readonly dialogue: readonly Step[];
  /** Expected after the last required prompt was answered. A prompt can be the success, too: after a short silence. */
  readonly success: {
    readonly expect: RegExp;
    /** The line is no success if it also matches this. */
    readonly unless?: RegExp;
    /** The text is not in the client's output, but in that of this command, after the client has returned. */
    readonly shownBy?: ShownBy;
  };
  readonly failures: readonly Failure[];
  readonly notices?: readonly Notice[];
  /** Texts that mean that the session has ended, after its success. */
  readonly ends?: readonly RegExp[];
  /** For a client that can skip the check of the gateway's certificate: it does so for sites without this key. */
  readonly uncheckedWithout?: string;
  readonly logout: Logout;
  /** Whether it ends with status 0 once it has brought the session up, and leaves that to the kernel or to a service. */
  readonly returns?: boolean;
  /**
   * The name of the network device that it makes, a template. If that was not there before a test and is left behind, it is
   * removed, even if it is no device of a program.
   */
  readonly device?: string;
  /** The routing table that a rule of its own looks up (`ip rule`). If the rule was not there before a test and is left behind, it is removed. */
  readonly table?: string;
  readonly own: Ownership;
  /**
   * `device`: the tunnel is a network device that appears during the log-in. A route to `internal_ip` through it proves the
   * success, too. `route`: so does another source or routing table of that route: the tunnel may be a policy of the kernel.
   * `unknown`: it is not known when it is up. `none`: no tunnel.
   */
  readonly tunnel: 'device' | 'route' | 'unknown' | 'none';
  /**
   * The client logs in by TLS at `vpn_gw`, at the port that this names or at `port`: there the gateway's certificate is read. Without
   * it none is read.
   */
  readonly tls?: { readonly port: number };
  /** Whether pppd makes its tunnel: it then needs /dev/ppp, not /dev/net/tun, and the service must allow that. */
  readonly ppp?: boolean;
  /** Whether it starts a setuid root program: the service must then allow that. */
  readonly setuid?: boolean;
  /** Whether it only asks a service of the host to connect, which it does not reach from a cell. */
  readonly hostService?: boolean;
  /** `undefined` for a client that keeps nothing in the home folder. */
  readonly home?: ClientHome;
  /** `undefined` for a client that leaves DNS alone. */
  readonly dns?: DnsHabit;
}

/** Whether it can be seen when the tunnel of a client is up. */
export function isVisible({ tunnel }: Pick<ClientProfile, 'tunnel'>): boolean {
  return tunnel === 'device' || tunnel === 'route';
}

/** Every template among the arguments of a client. */
export function templatesOf(args: readonly Argument[]): readonly string[] {
  return args.flat();
}

/** The maximum number of one-time codes in one log-in. */
export function mostCodes({ dialogue }: Pick<ClientProfile, 'dialogue'>, withPassword: boolean): number {
  const types = withPassword ? /\{(?:totp|password)\}/ : /\{totp\}/;
  return mostAnswers({ dialogue: dialogue.filter(({ send }) => types.test(send)) });
}

/** The maximum number of answers in one log-in, whatever values the site's keys have. */
export function mostAnswers({ dialogue }: Pick<ClientProfile, 'dialogue'>): number {
  const keys = new Set(dialogue.flatMap(({ where = {} }) => Object.keys(where)));
  const sum = (steps: readonly Step[]) => steps.reduce((all, { limit = 1 }) => all + limit, 0);
  // A site has one value of each key, so the steps for its other values are not asked there.
  const bounds = [...keys].map((key) => {
    const values = new Set(dialogue.flatMap(({ where }) => where?.[key] ?? []));
    const withValue = (value: string) =>
      dialogue.filter(({ where }) => where?.[key]?.includes(value) !== false);
    return Math.max(...[...values].map((value) => sum(withValue(value))));
  });
  return Math.min(sum(dialogue), ...bounds);
}

/** The names of the clients that a user can choose from. */
export function offered(clients: Iterable<ClientProfile>): string[] {
  return [...clients].filter(({ simulated }) => simulated !== true).map(({ name }) => name);
}
