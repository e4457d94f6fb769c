import type { Cause } from '../model/test-result.ts';

/** One prompt of the log-in dialogue and the line that answers it. */
export interface Step {
  /** How messages call it: `Username:`. */
  readonly prompt: string;
  readonly expect: RegExp;
  /** What is typed, a newline added; `{key}` stands for the site's value of that key. */
  readonly send: string;
  /** Whether the client may go on without it. */
  readonly optional?: boolean;
}

/** A text that ends the log-in as a failure. */
export interface Failure {
  readonly expect: RegExp;
  readonly cause: Cause;
  /** Counts only once this prompt was answered (its `prompt`); everywhere if left out. */
  readonly after?: string;
  /** Counts only until this prompt was answered. */
  readonly before?: string;
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
}

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
   * Arguments, each a template: `{key}` stands for the site's value of that key. One that names a key which the site does
   * not have is left out. A value can never become an option: the config refuses a leading `-`.
   */
  readonly args: readonly string[];
  /** The keys of a site that the templates name, beside vpn_gw, username and password, which every site has. */
  readonly keys: Readonly<Record<string, SiteKey>>;
  readonly dialogue: readonly Step[];
  /** Looked for after the last prompt that is not optional was answered. */
  readonly success: {
    readonly expect: RegExp;
    /** Words that say on the same line that it did not succeed. */
    readonly unless?: RegExp;
  };
  readonly failures: readonly Failure[];
  readonly logout: Logout;
  readonly own: Ownership;
  /** Whether its tunnel is a network device that appears during the log-in; else nobody can tell when it is up. */
  readonly tunnel: 'device' | 'unknown' | 'none';
  /** Whether it starts a program that has root's rights by its file (setuid): a service must not forbid that then. */
  readonly setuid?: boolean;
  /** `undefined` for a client that leaves DNS alone. */
  readonly dns?: DnsHabit;
}

/** The names of the clients that somebody may choose from. */
export function offered(clients: Iterable<ClientProfile>): string[] {
  return [...clients].filter(({ simulated }) => simulated !== true).map(({ name }) => name);
}
