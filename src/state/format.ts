import * as v from 'valibot';
import type { HostFaultKind } from '../model/test-result.ts';

/** The layout of the state file. A file that says a higher number was written by a newer program. */
const STATE_VERSION = 1;

const time = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text))),
);
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const siteState = v.object({
  /** Counted failures since the last success. */
  consecutiveFailures: count,
  /** The first failure of the streak. */
  since: v.nullable(time),
  lastSuccess: v.nullable(time),
  /** The last test that counted. */
  lastResult: v.nullable(time),
  /** The outage people were told about. `messageId` is `null` where no mail is configured. */
  announced: v.nullable(v.object({ messageId: v.nullable(v.string()), at: time, lastReminder: time })),
  /** When the gateway last rejected the credentials; `null`: never, or they were good since. */
  rejectedAt: v.optional(v.nullable(time), null),
});

const kind = v.custom<HostFaultKind>(
  (value) =>
    typeof value === 'string' &&
    (['ping', 'ps', 'cleaning', 'records'].includes(value) || /^(?:client|ping) /.test(value)),
);

const hostFaultState = v.object({
  /** When the incident opened. */
  since: time,
  /** The mail that opened it; later ones refer to it. */
  messageId: v.nullable(v.string()),
  /** Every kind that a mail of this incident has named. */
  announced: v.array(kind),
  /** What is wrong now, in words, redacted. */
  faults: v.array(v.object({ kind, words: v.string() })),
});

const storedMail = v.object({
  /** Its Message-ID, the same at every try. */
  id: v.string(),
  /** The site it is about; `null`: the host. Mails about one of them leave in order. */
  site: v.nullable(v.string()),
  /** For the log; the mail itself has its own. */
  subject: v.string(),
  created: time,
  from: v.string(),
  /** Who is still to get it. */
  recipients: v.pipe(v.array(v.string()), v.minLength(1)),
  /** The whole message, headers and body. */
  raw: v.string(),
  /** Tries so far, all of them in vain for the recipients left. */
  tries: count,
  /** Not tried before this time; `null`: at once. */
  nextTry: v.nullable(time),
  /** Whether it reached somebody. */
  delivered: v.boolean(),
});

const dnsNote = v.object({
  /** The boot it was taken in: under another one it is stale. */
  bootId: v.string(),
  takenAt: time,
  /** Its path; `null`: not noted, by an older program. */
  file: v.optional(v.nullable(v.string()), null),
  /** The file as it was, unmarked. */
  content: v.string(),
});

const stateFile = v.object({
  version: v.literal(STATE_VERSION),
  // Lists, not objects: a site may be called __proto__, and numeric names would lose their order.
  sites: v.array(v.object({ name: v.string(), ...siteState.entries })),
  host: v.nullable(hostFaultState),
  mails: v.array(storedMail),
  dns: v.nullable(dnsNote),
});

/** The streak of one site. All times are ISO strings. */
export type SiteState = Readonly<v.InferOutput<typeof siteState>>;
/** The open incident of this host. */
export type HostFaultState = Readonly<v.InferOutput<typeof hostFaultState>>;
/** A mail that some recipient has not got yet. */
export type StoredMail = Readonly<v.InferOutput<typeof storedMail>>;
/** The resolv.conf of this boot without the client's mark. */
export type DnsNote = Readonly<v.InferOutput<typeof dnsNote>>;

/** What outlives a restart. Owned by one `run`; its parts replace what is in it and then save. */
export interface State {
  readonly sites: Map<string, SiteState>;
  /** `null`: all is well. */
  host: HostFaultState | null;
  /** First in, first out. */
  mails: StoredMail[];
  dns: DnsNote | null;
}

/** The state of a program that never ran. */
export function freshState(): State {
  return { sites: new Map(), host: null, mails: [], dns: null };
}

/** The state as the text of its file. */
export function formatState({ sites, host, mails, dns }: State): string {
  const named = [...sites].map(([name, site]) => ({ name, ...site }));
  return `${JSON.stringify({ version: STATE_VERSION, sites: named, host, mails, dns }, null, 1)}\n`;
}

/** The text of a state file as a state, or why it is none: `damaged`, or the number of its newer version. Never throws. */
export function parseState(text: string): State | 'damaged' | { readonly newer: number } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'damaged';
  }
  const version = v.safeParse(v.looseObject({ version: v.number() }), json);
  if (version.success && version.output.version > STATE_VERSION) return { newer: version.output.version };
  const parsed = v.safeParse(stateFile, json);
  if (!parsed.success) return 'damaged';
  const { sites, host, mails, dns } = parsed.output;
  return { sites: new Map(sites.map(({ name, ...site }) => [name, site])), host, mails, dns };
}
