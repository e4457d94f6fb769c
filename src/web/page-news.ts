import type { Listen } from '../config/schema/address.ts';
import type { StatusConfig } from '../history/read-status.ts';
import type { ProgressEvent } from '../model/progress.ts';
import { STAGE_NAMES } from '../model/test-result.ts';
import { printableLine } from '../words/printable.ts';

/*
 * What the monitor tells the program that serves the page, on its stdin: one line of JSON each, the settings first.
 */

/** What the page needs to know of the config and of the monitor. It holds no secret. */
export interface PageSettings {
  /** `null`: the monitor hands over its connections, which came to the address of the metrics. */
  readonly listen: Listen | null;
  /** The names under which the page may be opened; `null`: this host's names and addresses. */
  readonly hosts: readonly string[] | null;
  /** `null`: no password is asked for. */
  readonly password: PasswordDigest | null;
  readonly status: StatusConfig;
  /** The enabled sites, in the order of the config. */
  readonly sites: readonly string[];
  /** Those that are not tested. */
  readonly disabled: readonly string[];
  /** `alerts.after`. */
  readonly after: number;
  /** Absolute path of the config. */
  readonly configFile: string;
  readonly version: string;
}

/** Tells whether a password is right without holding it: HMAC-SHA-256 of it with a random key, both in base64. */
export interface PasswordDigest {
  readonly key: string;
  readonly digest: string;
}

/** What the monitor does, as far as the page shows it. */
export type PageNews =
  /** A cycle has begun. */
  | { readonly kind: 'cycle' }
  /** A step of a test has begun. */
  | {
      readonly kind: 'step';
      readonly site: string;
      readonly words: string;
      /** Whether the site is logged in to: nothing may take the processor from it. */
      readonly login: boolean;
    }
  /** A test has ended. `transcript`: the end of the client's redacted output, if the log-in failed; else `null`. */
  | { readonly kind: 'finished'; readonly site: string; readonly transcript: string | null }
  /** The next cycle begins at this time, in ms since the epoch. */
  | { readonly kind: 'idle'; readonly next: number }
  /** The program is to end. */
  | { readonly kind: 'end' };

/** The longest transcript that is passed on, in characters. */
const TRANSCRIPT_LIMIT = 4000;

/** Returns what the page shows of an event; `null`: nothing. */
export function newsOf(event: ProgressEvent, now: Date): PageNews | null {
  const step = (site: string, words: string, login = false): PageNews => ({
    kind: 'step',
    site,
    words,
    login,
  });
  switch (event.kind) {
    case 'cycle':
      return { kind: 'cycle' };
    case 'cleaning':
      return step(event.site, 'checking the host');
    case 'stage':
      return step(event.site, STAGE_NAMES[event.stage - 1] ?? '', event.stage === 2);
    case 'logging-out':
      return step(event.site, 'logging out');
    case 'waiting-for-host':
      return step(event.site, `waiting for ${printableLine(event.holder)}`);
    case 'waiting-for-code':
      return step(event.site, 'waiting for a one-time code');
    case 'finished': {
      const { site, stages, transcript } = event.result;
      const failed = stages[1].outcome !== 'ok' && transcript !== '';
      return { kind: 'finished', site, transcript: failed ? transcript.slice(-TRANSCRIPT_LIMIT) : null };
    }
    case 'idle':
      return { kind: 'idle', next: now.getTime() + event.seconds * 1000 };
    default:
      return null;
  }
}
