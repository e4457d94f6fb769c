/**
 * The fault harness: what it is made of, and how data goes through it.
 *
 *   seed -> Schedule -> play -> Recording -> judge -> Violation[]
 *
 * A {@link Schedule} (made by make-schedule.ts) is plain data: what the client does in each test, when which
 * fault strikes, what the mail server does with each connection. It is laid out as files in a world of its
 * own (place.ts), where small programs act on it by themselves: the simulated client and ping (programs/),
 * the mail server (programs/mail-server.mjs), and a preload of the monitor that kills it at a chosen effect
 * (programs/strike.mjs). What strikes from outside (a full disk, a signal, a new config) is done by outside.ts.
 * The built monitor runs in fast time (test/support/fast-time.mjs), is started again whenever it ends, and is
 * stopped in the end, when all faults are over and all mails are out.
 *
 * What was seen is a {@link Recording} (recording.ts): what the programs have noted, what the monitor has
 * printed, its files, the mails that the server took, what is left on the host. The monitor's own state is asked
 * for nothing but the moment when no mail waits any more. Pure functions (judge.ts) say which invariants do not
 * hold.
 *
 * All moments are counted in tests: test 17 begins with the 17th ping outside, whichever site that is, and
 * also if the monitor does not live to its end. So a schedule means the same on a slow and on a fast machine.
 */
export interface Schedule {
  readonly seed: number;
  /** How many tests run at the same time: with more than one, each in a cell. */
  readonly atOnce: AtOnce;
  /** What the wall clock shows at first, ISO. */
  readonly start: string;
  /** TZ of the monitor. */
  readonly zone: string;
  readonly sites: readonly SitePlan[];
  /** The first is test 1. What comes after them works. */
  readonly tests: readonly TestPlan[];
  /** Faults from outside, in the order of their tests. */
  readonly faults: readonly Fault[];
  /** Maintenance windows of the config, in local time to the minute: `2018-11-14 12:01`. */
  readonly windows: readonly Window[];
  /** What the mail server does with its first connections; those after them it serves well. */
  readonly connections: readonly Connection[];
  /** What the web server of the webhook does with its first requests; those after them it serves well. */
  readonly requests: readonly Request[];
}

/** One test after the other on the host, or all sites at the same time. */
export type AtOnce = 1 | 8;

/** A site, tested in this order. */
export interface SitePlan {
  readonly name: string;
  /** `startct` is known by its name, `marked` (a client of the user's own) by the mark in its environment. */
  readonly client: 'startct' | 'marked';
  /** The tests in which the site is down: `[first, last]`. */
  readonly down: readonly (readonly [number, number])[];
}

/** Planned work at a site. */
export interface Window {
  /** Its index. */
  readonly site: number;
  readonly from: string;
  readonly to: string;
}

/** Where the dialogue of the client stands. */
export type Step = 'args' | 'username' | 'password' | 'choice';

/** What the client and ping do in one test. */
export interface TestPlan {
  /** How the log-in ends if the site is down in this test. */
  readonly failure: Failure;
  /** What is special about it, whether the site is down or not. */
  readonly noise: 'none' | 'flood' | 'garbage' | 'split' | 'echo' | 'escapes';
  /** Says much right before its last words, and so does ping. */
  readonly talks: boolean;
  /** Ignores SIGTERM, SIGINT and SIGHUP. */
  readonly stubborn: boolean;
  /**
   * What the client leaves running: in its own process group, in a session of its own, or forked away twice.
   */
  readonly leaves: 'nothing' | 'group' | 'session' | 'twice';
  readonly quits: 'well' | 'slowly' | 'never';
  /** How the client writes resolv.conf once it is up, and whether it takes that back when it quits. */
  readonly dns: 'nothing' | 'in-place' | 'rename' | 'link';
  readonly mends: boolean;
  /** An operator changes resolv.conf for good: before the client is up, or while it is. */
  readonly operator: 'nothing' | 'before' | 'during';
  /** Where the monitor is killed. */
  readonly strike: Strike | null;
}

/** A site that is down. */
export type Failure =
  | { readonly kind: 'hangs' | 'exits' | 'dies'; readonly at: Step }
  | { readonly kind: 'rejects' | 'asks-again' | 'refuses' | 'floods' | 'outside-silent' | 'inside-silent' };

/** A SIGKILL of the monitor. */
export type Strike =
  /** By the client or by ping, at this point of the test. */
  | { readonly by: 'client'; readonly at: 'outside' | Step | 'connected' | 'inside' | 'quit' }
  /**
   * By itself, at the Nth effect on its results from the beginning of the test on, before or after it; or in
   * the middle of the Nth row (`torn`: when that much of it is written).
   */
  | {
      readonly by: 'effect';
      readonly nth: number;
      readonly when: 'before' | 'after' | { readonly torn: number };
    }
  /** By the mail server, when it has got this far with a mail that comes in this test or later. */
  | { readonly by: 'mail'; readonly at: 'EHLO' | 'RCPT' | 'DATA' | 'MIDDLE' | 'END' };

/** What is done from outside when test `at` has begun, and undone, where that can be, when test `until` has. */
export type Fault = { readonly at: number } & (
  | {
      readonly kind: 'disk-full' | 'read-only' | 'mail-down' | 'hook-down' | 'restore-fails';
      readonly until: number;
    }
  /** `vpn-monitor silence` of a site, by its index, and its end: at most one for each site. */
  | { readonly kind: 'silence'; readonly site: number; readonly until: number }
  /** `vpn-monitor ack` of a site, by its index, if it is down then. */
  | { readonly kind: 'ack'; readonly site: number }
  | { readonly kind: 'folder-moved' | 'log-deleted' | 'config-good' | 'config-bad' }
  /** SIGTERM; `twice`: and another one, a second later. */
  | { readonly kind: 'stop'; readonly twice: boolean }
  | { readonly kind: 'clock'; readonly ms: number }
);

/** What the mail server does with one connection. */
export type Connection =
  | 'good'
  /** Says nothing. */
  | 'silent'
  /** Sends its greeting byte by byte and never comes to an end. */
  | 'drips'
  /** Takes its time for each answer. */
  | 'slow'
  | 'drops-greeting'
  | 'drops-middle'
  /** Takes the mail and drops the connection without an answer. */
  | 'drops-accepted'
  | 'answers-421'
  | 'answers-451-mail'
  | 'answers-452-data'
  | 'answers-554-data'
  /** Refuses the second recipient for now. */
  | 'answers-450-one';

/** What the web server of the webhook does with one request that it has got whole; a number is the status of its answer. */
export type Request = 'good' | 'silent' | 'slow' | 'drops' | 500 | 503 | 429 | 400;

/** How many tests a schedule has. */
export const TESTS = 50;
/** Who gets each mail. */
export const RECIPIENTS = ['noc@example.com', 'night@example.com'] as const;
/** What the client marks resolv.conf with. */
export const MARKS = { startct: 'SonicWall', marked: '#@FAULTS@' } as const;
/** The password of every site: found nowhere by chance. */
export const SECRET = 'Ha5r/"nE55+#0p';
/** The site's gateway, as the programs know it. */
export const gatewayOf = (index: number) => `g${index}`;
/** Whether a test is under way while a fault is, or may be: of several at once some are older, and some younger. */
export const isNear = ({ at, ...fault }: Fault, test: number, atOnce: AtOnce) =>
  at - 1 - atOnce <= test && test <= ('until' in fault ? fault.until : at) + 2 + atOnce;
/** Whether a site is down in a test. */
export const isDown = ({ down }: SitePlan, test: number) =>
  down.some(([first, last]) => first <= test && test <= last);
