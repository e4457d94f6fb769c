import * as v from 'valibot';
import { KINDS, SITE_KINDS } from '../model/event-kinds.ts';
import { REPORT_EVERY, type Reported } from '../model/report-period.ts';
import { failed, good, type Result } from '../model/result.ts';
import { count, faultKind, faults, first, recipients, streak, time } from './fields.ts';
import { stateFileVersion1 } from './version-1.ts';

/** The layout of the state file. A file with a higher number was written by a newer program. */
export const STATE_VERSION = 2;

/**
 * The files for the changes since the state file was written. The state file names one of them; the next one names the other, so
 * changes never apply to a state file that they are not for.
 */
export const CHANGES = ['changes-a.jsonl', 'changes-b.jsonl'] as const;
/** The name of one of {@link CHANGES}. */
export type ChangesName = (typeof CHANGES)[number];

const siteState = v.object({
  ...streak,
  /** The announced outage. */
  announced: v.nullable(
    v.object({
      first,
      at: time,
      lastReminder: time,
      /** Whether its first message was given up without a confirmation: it may have arrived. */
      unconfirmed: v.optional(v.boolean()),
    }),
  ),
});

const hostFaultState = v.object({
  /** When the incident opened. */
  since: time,
  first,
  /** Every kind that a message of this incident has named. */
  announced: v.array(faultKind),
  faults,
});

/** An event that waits for others to be told with, and its own message. */
const pendingEvent = v.object({
  /** The site. */
  about: v.string(),
  kind: v.picklist(SITE_KINDS),
  /** What a list of sites says of it: for a failure the cause in short, for others the time that it lasts. */
  note: v.string(),
  subject: v.string(),
  text: v.string(),
  /** The last lines of `text`: where results, log and config are. A message about several events has them once. */
  foot: v.string(),
  created: time,
  /** The outage's first message; empty: this is the first. */
  first,
  /** When the outage began; `null`: it is about none, or an older program did not store it. */
  since: v.optional(v.nullable(time), null),
  /** Why the site is or was down; `null`: it is not known. */
  cause: v.optional(v.nullable(v.string()), null),
});

/** An event of a message, for programs. */
const toldEvent = v.object({
  kind: v.picklist(KINDS),
  /** The site; `null`: this host. */
  site: v.nullable(v.string()),
  /** The subject of the message that it would be alone. */
  summary: v.string(),
  /** When it was decided. */
  at: time,
  /** When the outage or the fault began; `null`: it is about none. */
  since: v.nullable(time),
  cause: v.nullable(v.string()),
});

/** A channel adds what it needs to send the same again. */
const prepared = v.looseObject({ recipients });

const outboxEntry = v.object({
  /** Names the message in its channel, the same at every try. */
  key: v.string(),
  /** The name of the channel. */
  channel: v.string(),
  /** A site; `null`: the host. Messages about one of them leave in order. */
  about: v.nullable(v.string()),
  /** Further sites that it is about. */
  also: v.optional(v.array(v.string()), []),
  /** What it tells of, for programs. Empty: an older program wrote the message. */
  events: v.optional(v.array(toldEvent), []),
  subject: v.string(),
  text: v.string(),
  created: time,
  /** The name of a file in the folder of reports that is sent with it, where the channel can. */
  attachment: v.optional(v.string()),
  /** The key of the outage's first message; `null`: this is the first. */
  replyTo: v.nullable(v.string()),
  /** Tries so far. All of them failed for the remaining recipients. */
  tries: count,
  /** Those of the tries that may have delivered it: all of it was sent, and no answer came. */
  doubts: v.optional(count, 0),
  /** Not tried before this time; `null`: at once. */
  nextTry: v.nullable(time),
  /** Whether it reached any recipient. */
  delivered: v.boolean(),
  /** `null`: the channel has not prepared it yet. */
  content: v.nullable(prepared),
});

const namedSite = v.object({ name: v.string(), ...siteState.entries });

const stateFile = v.object({
  version: v.literal(STATE_VERSION),
  /** The file with the changes of sites since then. */
  changes: v.optional(v.nullable(v.picklist(CHANGES)), null),
  // Lists, not objects: a site may be called __proto__, and numeric names would lose their order.
  sites: v.array(namedSite),
  host: v.nullable(hostFaultState),
  outbox: v.array(outboxEntry),
  pending: v.optional(v.array(pendingEvent), []),
  /** The last period whose report was made, or needs none. */
  reported: v.optional(
    v.nullable(v.object({ every: v.picklist(REPORT_EVERY), first: v.pipe(v.string(), v.isoDate()) })),
    null,
  ),
});

/** The streak of one site. All times are ISO strings. */
export type SiteState = Readonly<v.InferOutput<typeof siteState>>;
/** The open incident of this host. */
export type HostFaultState = Readonly<v.InferOutput<typeof hostFaultState>>;
/** By channel, the key of an outage's first message. */
export type FirstKeys = Readonly<v.InferOutput<typeof first>>;
/** An event of a message, for programs. */
export type ToldEvent = Readonly<v.InferOutput<typeof toldEvent>>;
/** What a channel sends for a message, the same at every try, and the recipients that have not received it yet. */
export type Prepared = Readonly<v.InferOutput<typeof prepared>>;
/** A message that has not reached all its recipients. */
export type OutboxEntry = Readonly<v.InferOutput<typeof outboxEntry>>;

/** An event that waits for others to be told with. */
export type PendingEvent = Readonly<v.InferOutput<typeof pendingEvent>>;

/** Everything that survives a restart. One `run` owns it; its parts replace values and then save. */
export interface State {
  readonly sites: Map<string, SiteState>;
  /** `null`: all is well. */
  host: HostFaultState | null;
  /** First in, first out. */
  outbox: OutboxEntry[];
  /** The events of this cycle, which will be one message in the outbox. First in, first out. */
  pending: PendingEvent[];
  /** `null`: no report was made yet. */
  reported: Reported | null;
}

/** The content of a state file. */
export interface StoredState {
  readonly state: State;
  /** The file with the changes of sites since then; `null`: there is none. */
  readonly changes: ChangesName | null;
  /** Of the file. Version 1 is that of the program 1.0.0. */
  readonly version: number;
}

/** The state of a program that never ran. */
export function freshState(): State {
  return { sites: new Map(), host: null, outbox: [], pending: [], reported: null };
}

/** The state as the text of its file. `changes`: the file that later changes of sites are appended to. */
export function formatState(
  { sites, host, outbox, pending, reported }: State,
  changes: ChangesName | null = null,
): string {
  const named = [...sites].map(([name, site]) => ({ name, ...site }));
  const all = { version: STATE_VERSION, changes, sites: named, host, outbox, pending, reported };
  return `${JSON.stringify(all, null, 1)}\n`;
}

/** The state of a site as a line of a file of changes. */
export function formatSite(name: string, site: SiteState): string {
  return `${JSON.stringify({ name, ...site })}\n`;
}

/** Parses a line of a file of changes; `null` if it is torn. */
export function parseSite(line: string): { readonly name: string; readonly site: SiteState } | null {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = v.safeParse(namedSite, json);
  if (!parsed.success) return null;
  const { name, ...site } = parsed.output;
  return { name, site };
}

/** Why a file holds no state that this program can use. */
export interface Unusable {
  /** What the file is, in words that follow its name. */
  readonly words: string;
  /** A part of the name under which it is set aside. */
  readonly label: string;
}

/** Reads the text of a state file, also of version 1, without the changes since it was written. Never throws. */
export function parseState(text: string): Result<State, Unusable> {
  const parsed = parseStateFile(text);
  return parsed.ok ? good(parsed.value.state) : parsed;
}

/** Reads the text of a state file, also of version 1, and the name of the file with the changes since. Never throws. */
export function parseStateFile(text: string): Result<StoredState, Unusable> {
  const damaged = failed({ words: 'is damaged', label: 'damaged' });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return damaged;
  }
  const found = v.safeParse(v.looseObject({ version: v.number() }), json);
  const version = found.success ? found.output.version : 0;
  if (version > STATE_VERSION) {
    return failed({ words: `is of the newer version ${version}`, label: `version-${version}` });
  }
  const parsed = v.safeParse(version === 1 ? stateFileVersion1 : stateFile, json);
  if (!parsed.success) return damaged;
  const { sites, host, outbox, pending, reported, changes } = parsed.output;
  const named = new Map(sites.map(({ name, ...site }) => [name, site]));
  return good({ state: { sites: named, host, outbox, pending, reported }, changes, version });
}
