import type { Cause, SessionWarning } from '../model/test-result.ts';

/** What a log-in may only do where the config's `login.allow` has it. */
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
   * Tells questions with the same prompt apart: one of the lines before the prompt, since the last answer, must match.
   * Of several steps with the same prompt the first that matches is answered.
   */
  readonly within?: RegExp;
  /**
   * What is typed, followed by a newline. `{key}` is replaced by the site's value of that key. `{button:OK}` is replaced
   * by the number in front of the button `OK`, of those listed since the last answer; of several names (`{button:OK|Yes}`)
   * the first that is listed counts. A number at the end (`{button:OK|1}`) is typed if no buttons were listed.
   */
  readonly send: string;
  /** Whether the client may continue without it. */
  readonly optional?: boolean;
  /** The question may come at any time, and is answered so many times at most. */
  readonly limit?: number;
  /** Answered only if `login.allow` has it. */
  readonly permission?: Permission;
  readonly listed?: Listed;
}

/** A question that is answered only if what it shows is listed in the config, such as the fingerprint of a certificate. */
export interface Listed {
  /** The named group of `within` that matches what is shown. */
  readonly group: string;
  /** The site's key whose value lists what is accepted, separated by commas or blanks. */
  readonly key: string;
  /**
   * The failure for anything else. `send` is typed first, so that the client ends by itself. `{wanted}` in its words is the list
   * with what is shown.
   */
  readonly otherwise: Pick<Failure, 'cause' | 'words'> & { readonly send?: string };
}

/** A text, or a question that is never answered, that ends the log-in as a failure. */
export interface Failure {
  readonly expect: RegExp;
  readonly cause: Cause;
  /** Words on the same line with which it does not count. */
  readonly unless?: RegExp;
  /** Counts only if one of the lines before it, since the last answer, matches. It then comes before any step. */
  readonly within?: RegExp;
  /** Counts only once this prompt was answered (its `prompt`); everywhere if left out. */
  readonly after?: string;
  /** Counts only until this prompt was answered. */
  readonly before?: string;
  /**
   * What the failure says; the matched line if left out. A template: `{line}` is that line, `{list}` the numbered choices
   * since the last answer, `{key}` the site's value of a key, `{group}` a named group of `expect` or `within`.
   */
  readonly words?: string;
  /** Does not count if `login.allow` has it: a step with the same permission answers then. */
  readonly permission?: Permission;
  /** It says that the log-in failed, not why: another failure that comes within a second is preferred. */
  readonly vague?: boolean;
  /** For `second-factor`: the gateway has checked an answer, which counts against the account. */
  readonly rejects?: boolean;
}

/**
 * A text that is worth a warning and does not end the log-in. Named groups of `expect` hold the figures: `days`, `hours`,
 * `minutes` and `seconds` of `password-expires`, `left` of `grace-logins`.
 */
export interface Notice {
  readonly expect: RegExp;
  readonly kind: SessionWarning['kind'];
}

/** A process that is the client's own, recognised without a doubt by its program. */
export interface OwnProgram {
  /** The name in /proc/PID/stat, or the base name of the program in the command line. */
  readonly name: string;
  /**
   * For a java, which others use too: the path of its own program, an entry of its class or module path, or its main
   * class or archive must match. Other options, and the arguments of the program that it runs, never count.
   */
  readonly code?: RegExp;
}

/** How a client logs out: a line that is typed, or a signal. It then ends by itself. */
export type Logout = { readonly line: string } | { readonly signal: NodeJS.Signals };

/** A key of a site that means something to its client. */
export interface SiteKey {
  readonly required: boolean;
  /** Whether it names a file, which may be relative to the config. */
  readonly file: boolean;
  /** For a file that decides where the client logs in: finds the hosts in it, each the first group of a match. */
  readonly gateway?: RegExp;
  /** What its value must be. */
  readonly value?: {
    readonly pattern: RegExp;
    /** In words that follow "expected". */
    readonly expected: string;
  };
}

/** Arguments of a client: a template, or several that are given only together. */
export type Argument = string | readonly string[];

/**
 * Which processes are the client's own, to be killed if they are left over: by their names, for a client that a host can
 * have only one of; or only those that a monitor of this results folder started, known by a mark in their environment.
 */
export type Ownership =
  | { readonly by: 'name'; readonly processes: readonly OwnProgram[] }
  | { readonly by: 'mark' };

/** What a left-over process of a client is recognised by: its program, or this entry (`NAME=value`) of its environment. */
export type OwnProcess = OwnProgram | { readonly mark: string };

/** What a client does to resolv.conf. */
export interface DnsHabit {
  /** The word that it leaves in the file. */
  readonly mark: string;
}

/**
 * What a VPN client is, as data: one interpreter (probe/dialogue.ts) plays every profile, so a new client is a
 * new value of this type and no new code.
 */
export interface ClientProfile {
  readonly name: string;
  /** It logs in nowhere: nobody who chooses a client is offered it. */
  readonly simulated?: boolean;
  /** The config describes it: its patterns may be such as take for ever. */
  readonly described: boolean;
  /** The command looked up in PATH when the config names none. */
  readonly command: string;
  /** Debian's and Ubuntu's package of it, if they have one. */
  readonly package?: string;
  /**
   * Arguments, each a template: `{key}` is replaced by the site's value of that key. One that names a key which the site
   * does not have is left out, with those of its list. `{!key}` is replaced by nothing, and counts as missing if the site
   * does have the key. A value can never become an option: the config refuses a leading `-`.
   */
  readonly args: readonly Argument[];
  readonly keys: Readonly<Record<string, SiteKey>>;
  readonly dialogue: readonly Step[];
  /** Looked for after the last prompt that is not optional was answered. A prompt counts, too: after a short silence. */
  readonly success: {
    readonly expect: RegExp;
    /** Words that say on the same line that it did not succeed. */
    readonly unless?: RegExp;
  };
  readonly failures: readonly Failure[];
  readonly notices?: readonly Notice[];
  /** Texts that mean that the session has ended, after its success. */
  readonly ends?: readonly RegExp[];
  /** For a client that can leave the gateway's certificate unchecked: it does so at sites without this key. */
  readonly uncheckedWithout?: string;
  readonly logout: Logout;
  readonly own: Ownership;
  /** Whether its tunnel is a network device that appears during the log-in; else nobody can tell when it is up. */
  readonly tunnel: 'device' | 'unknown' | 'none';
  /** Whether it starts a program that has root's rights by its file (setuid): a service must not forbid that then. */
  readonly setuid?: boolean;
  /** `undefined` for a client that leaves DNS alone. */
  readonly dns?: DnsHabit;
}

/** Every template among the arguments of a client. */
export function templatesOf(args: readonly Argument[]): readonly string[] {
  return args.flat();
}

/** How often at most the client's questions are answered in one log-in. */
export function mostAnswers({ dialogue }: Pick<ClientProfile, 'dialogue'>): number {
  return dialogue.reduce((sum, { limit = 1 }) => sum + limit, 0);
}

/** The names of the clients that somebody may choose from. */
export function offered(clients: Iterable<ClientProfile>): string[] {
  return [...clients].filter(({ simulated }) => simulated !== true).map(({ name }) => name);
}
