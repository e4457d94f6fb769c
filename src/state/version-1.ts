import * as v from 'valibot';
import { count, faultKind, faults, recipients, streak, time } from './fields.ts';

const storedMail = v.object({
  /** Its Message-ID. */
  id: v.string(),
  site: v.nullable(v.string()),
  subject: v.string(),
  created: time,
  from: v.string(),
  recipients,
  /** The whole message, headers and body. */
  raw: v.string(),
  tries: count,
  nextTry: v.nullable(time),
  delivered: v.boolean(),
});

const announced = v.object({
  /** The Message-ID of the outage's first mail; `null`: no mail was configured. */
  messageId: v.nullable(v.string()),
  at: time,
  lastReminder: time,
});

/** The state file of the program 1.0.0, which knew no channel but mail, in the form of version 2. */
export const stateFileVersion1 = v.pipe(
  v.object({
    version: v.literal(1),
    sites: v.array(v.object({ name: v.string(), ...streak, announced: v.nullable(announced) })),
    host: v.nullable(
      v.object({
        since: time,
        messageId: v.nullable(v.string()),
        announced: v.array(faultKind),
        faults,
      }),
    ),
    mails: v.array(storedMail),
  }),
  v.transform(({ sites, host, mails }) => ({
    sites: sites.map(({ announced, ...site }) => ({
      ...site,
      announced: announced && withFirst(announced),
    })),
    host: host && withFirst(host),
    outbox: mails.map(entryOf),
    pending: [],
    reported: null,
    changes: null,
  })),
);

/** Names an outage's first message by its key instead of its Message-ID. */
function withFirst<T extends { readonly messageId: string | null }>({ messageId, ...outage }: T) {
  return { ...outage, first: firstKeys(messageId) };
}

function firstKeys(messageId: string | null): Record<string, string> {
  return messageId === null ? {} : { mail: keyOf(messageId) };
}

/** The mail is prepared: its text is in `raw`. */
function entryOf({ id, site, from, recipients, raw, ...mail }: v.InferOutput<typeof storedMail>) {
  const content = { recipients, from, raw };
  return {
    ...mail,
    key: keyOf(id),
    channel: 'mail',
    about: site,
    also: [],
    events: [],
    text: '',
    replyTo: null,
    doubts: 0,
    content,
  };
}

/** A Message-ID without its angle brackets. */
function keyOf(messageId: string): string {
  return /^<(.*)>$/s.exec(messageId)?.[1] ?? messageId;
}
