import * as v from 'valibot';
import { EVENT_KINDS, EVENT_NAMES } from '../model/event-kinds.ts';
import type { OutboxEntry, ToldEvent } from '../state/store.ts';

/** The version of the document. New fields do not change it. */
const DOCUMENT_VERSION = 1;

function described<S extends v.GenericSchema>(schema: S, text: string) {
  return v.pipe(schema, v.description(text));
}

const time = v.pipe(v.string(), v.examples(['2026-11-30T21:00:00.000Z']));

const event = v.object({
  event: described(v.picklist([...EVENT_NAMES, 'test']), 'What has happened, as in `events:` of a channel.'),
  state: described(
    v.picklist(['firing', 'resolved', 'notice']),
    'Whether something is wrong from now on, is over, or is only to be known.',
  ),
  severity: v.picklist(['critical', 'warning', 'info']),
  site: described(v.nullable(v.string()), 'The site; null: the host that monitors.'),
  summary: described(v.string(), 'One line.'),
  cause: described(
    v.nullable(v.string()),
    'Why the site is or was down: one of the causes of `once --json`; null: not known.',
  ),
  incident: described(
    v.nullable(v.string()),
    'Names what is wrong, the same from its begin to its end; null: nothing ends.',
  ),
  since: described(v.nullable(time), 'When it began; null: nothing began.'),
  time: described(time, 'When the event was decided.'),
});

/** The JSON document of a message. Its form follows Standard Webhooks 1.0.0, "Payload structure". */
export const MessageSchema = v.object({
  version: described(
    v.literal(DOCUMENT_VERSION),
    'Changes only if a field changes its meaning or is removed.',
  ),
  type: described(
    v.pipe(v.string(), v.regex(/^vpn\.[a-z]+$/)),
    '`vpn.` and the event, or `vpn.group` for several events.',
  ),
  timestamp: described(time, 'When it happened. The same at every try.'),
  key: described(
    v.string(),
    'Names this message. The same at every try, so a receiver can ignore repetitions.',
  ),
  monitor: v.object({ host: v.string(), version: v.string() }),
  subject: described(v.string(), 'One line, as the subject of a mail.'),
  text: described(v.string(), 'Plain text with line breaks, as the text of a mail.'),
  events: described(v.pipe(v.array(event), v.minLength(1)), 'At least one.'),
});

/** Who sends, as documents name it. */
export interface Origin {
  readonly hostname: string;
  readonly version: string;
}

/** An event in a document. */
export type DocumentEvent = Readonly<v.InferOutput<typeof event>>;

/** An event as programs read it. */
function documentEvent({ kind, site, summary, cause, since, at }: ToldEvent): DocumentEvent {
  const { event, state, severity } = EVENT_KINDS[kind];
  const incident = since === null ? null : `${site === null ? 'host' : `site ${site}`} ${since}`;
  return { event, state, severity, site, summary, cause, incident, since, time: at };
}

/** A message without events is a test notification. */
const TEST = { event: 'test', state: 'notice', severity: 'info', site: null, cause: null } as const;

/** The events of a message, at least one. Pure. */
export function eventsOf({
  events,
  subject,
  created,
}: OutboxEntry): readonly [DocumentEvent, ...DocumentEvent[]] {
  const [first, ...others] = events.map(documentEvent);
  if (first !== undefined) return [first, ...others];
  return [{ ...TEST, summary: subject, incident: null, since: null, time: created }];
}

/** The document of a message, which docs/channels.md describes. Pure. */
export function documentOf(entry: OutboxEntry, { hostname, version }: Origin): string {
  const { key, subject, text, created } = entry;
  const events = eventsOf(entry);
  const document: v.InferOutput<typeof MessageSchema> = {
    version: DOCUMENT_VERSION,
    type: `vpn.${events.length === 1 ? events[0].event : 'group'}`,
    timestamp: created,
    key,
    monitor: { host: hostname, version },
    subject,
    text,
    events: [...events],
  };
  return JSON.stringify(document);
}
