import { constants } from 'node:os';
import type { Request } from './schedule.ts';

/** What was seen of a schedule that was played, from outside of the monitor. */
export interface Recording {
  /** What ping, the client and the mail server have noted, in the order of time. */
  readonly notes: readonly Note[];
  /** Each start of the monitor, in order. */
  readonly lives: readonly Life[];
  /** All CSV files at the end, also those in folders that were moved away. */
  readonly csv: readonly TextFile[];
  /** What the mail server has seen of messages, in the order of time. */
  readonly mails: readonly MailNote[];
  /** What the web server of the webhook has got, in the order of time. */
  readonly posts: readonly PostNote[];
  /** Every file of the results folders and of those that were moved away, CSV files too. */
  readonly files: readonly TextFile[];
  /** Every command line that was seen while the monitor ran, its own and its children's. */
  readonly commandLines: readonly string[];
  readonly silences: readonly Silence[];
  readonly idle: Idle;
  readonly end: End;
  /** What did not happen in time, in words; the play was cut short there. */
  readonly stuck: string | null;
}

/** A silence of a site, in tests. */
export interface Silence {
  /** The index of the site. */
  readonly site: number;
  /** It may hold in these tests. */
  readonly outer: readonly [first: number, last: number];
  /** It holds in these tests; `null`: in none for sure. */
  readonly inner: readonly [first: number, last: number] | null;
}

/** One note: `17 g2 4711 client 1542196800.123456 connected`. */
export interface Note {
  readonly test: number;
  /** Its gateway; `-` where no site is known. */
  readonly gateway: string;
  /** The monitor that it worked for. */
  readonly daemon: number;
  readonly by: 'outside' | 'client' | 'inside' | 'mail' | 'effect';
  /** Real time, in seconds since 1970. */
  readonly at: number;
  readonly what: string;
}

/** From a start of the monitor to its end. */
export interface Life {
  readonly pid: number;
  /** 128 + N after signal N. */
  readonly status: number;
  /** Whether it was told to end. */
  readonly stopped: boolean;
  /** What it was sent, but for the kill. */
  readonly signals: readonly ('SIGTERM' | 'SIGHUP')[];
  readonly stdout: string;
  readonly stderr: string;
}

/** Whether a signal came before Node had run a line of the monitor: then the signal's default ends it. */
export const neverRan = ({ status, signals, stdout, stderr }: Life) =>
  signals.some((name) => status === 128 + constants.signals[name]) && stdout === '' && stderr === '';

/** A file and its text. */
export interface TextFile {
  readonly name: string;
  readonly text: string;
}

/**
 * What the mail server notes: a message whose Message-ID has come, one that came whole, one whose answer was
 * sent.
 */
export type MailNote =
  | { readonly kind: 'seen'; readonly number: number; readonly id: string }
  | {
      readonly kind: 'taken';
      readonly number: number;
      readonly id: string;
      readonly to: readonly string[];
      readonly raw: string;
      /** The monitor that ran then. */
      readonly daemon: number;
    }
  | { readonly kind: 'answered'; readonly number: number };

/** What the web server notes: a request that came whole, and one whose answer was sent to its end. */
export type PostNote =
  | {
      readonly kind: 'taken';
      readonly number: number;
      readonly id: string;
      readonly body: string;
      /** The monitor that ran then. */
      readonly daemon: number;
      readonly behaviour: Request;
    }
  | { readonly kind: 'answered'; readonly number: number };

/** The monitor between two cycles, when all faults are over. */
export interface Idle {
  /** What its open files are. */
  readonly descriptors: readonly string[];
  /** Its children: name and state. */
  readonly children: readonly string[];
}

/** The host when the monitor has been stopped. */
export interface End {
  /** Other processes than those of the harness: name and state. */
  readonly processes: readonly string[];
  /** Abstract sockets that are still bound. */
  readonly locks: readonly string[];
  /** Network devices of cells that are still there. */
  readonly links: readonly string[];
  readonly resolv: string;
  /** What it should be: with every change of the operator's. */
  readonly resolvGood: string;
  /** What lies in the results folder. */
  readonly entries: readonly string[];
}

/** Reads the notes of the programs. A line that was cut off by a kill is left out. */
export function parseNotes(text: string): Note[] {
  return text.split('\n').flatMap((line) => {
    const [, test, gateway, daemon, by, at, what] =
      /^(\d+) (\S+) (\d+) (\w+) ([\d.]+) (.+)$/.exec(line) ?? [];
    if (what === undefined || gateway === undefined) return [];
    return [
      {
        test: Number(test),
        gateway,
        daemon: Number(daemon),
        // The programs write nothing else there.
        by: by as Note['by'],
        at: Number(at),
        what,
      },
    ];
  });
}
