import type { Cause } from '../probe/result.ts';

/** The values of a site that a profile's templates may name, as `{vpn_gw}`. */
export type TemplateKey = 'vpn_gw' | 'realm' | 'timeout' | 'username' | 'password';

/** One prompt of the log-in dialogue and the line that answers it. */
export interface Step {
  /** How messages call it: `Username:`. */
  readonly prompt: string;
  readonly expect: RegExp;
  /** What is typed, a newline added; `{key}` stands for the site's value. */
  readonly send: string;
}

/** A text that ends the log-in as a failure. */
export interface Failure {
  readonly expect: RegExp;
  readonly cause: Cause;
  /** Counts only once this prompt was answered (its `prompt`); everywhere if left out. */
  readonly after?: string;
}

/** A process that is the client's own, recognised without a doubt. */
export interface OwnProcess {
  /** The name in /proc/PID/stat, or the base name of the program in the command line. */
  readonly name: string;
  /**
   * For a java, which others use too: the path of its own program, an entry of its class or module path, or its main
   * class or archive must match. Other options, and the arguments of the program that it runs, never count.
   */
  readonly code?: RegExp;
}

/**
 * What a VPN client is, as data: one interpreter (probe/login.ts) plays every profile, so a new client is a
 * new value of this type and no new code.
 */
export interface ClientProfile {
  readonly name: string;
  /** The command looked up in PATH when the config names none. */
  readonly command: string;
  /** Arguments, each a template. A value can never become an option: the config refuses a leading `-`. */
  readonly args: readonly string[];
  readonly dialogue: readonly Step[];
  /** Looked for after the last prompt was answered. */
  readonly success: {
    readonly expect: RegExp;
    /** Words that say on the same line that it did not succeed. */
    readonly unless: RegExp;
  };
  readonly failures: readonly Failure[];
  /** The line that logs out; the client then ends by itself. */
  readonly logout: string;
  /** What is looked for and killed before and after each test, in the order of the kill. */
  readonly processes: readonly OwnProcess[];
  /** The word that the client leaves in resolv.conf; `undefined` for a client that leaves DNS alone. */
  readonly dnsMark?: string;
  /** Whether it changes the whole host's network, so that only one test may run on the host at a time. */
  readonly takesHost: boolean;
}
