import { randomUUID } from 'node:crypto';
import type { WebhookConfig } from '../../config/config.ts';
import { fillIn, type Json } from '../../model/json-template.ts';
import type { OutboxEntry } from '../../state/store.ts';
import { documentOf, eventsOf, type Origin } from '../document.ts';
import { alertsOf, testAlert } from './alertmanager.ts';

/** What is sent to a web server. */
export interface Body {
  /** The text, cut where the token belongs: it is put in when it is sent, so that the state never holds it. */
  readonly parts: readonly string[];
  readonly type: string;
  /** Parameters that are added to the URL. */
  readonly query: Readonly<Record<string, string>>;
}

/** A body of ntfy may have 4096 bytes (https://docs.ntfy.sh/publish/#limitations): more becomes an attachment. */
const NTFY_BYTES = 4000;

/** Makes what is sent for a message. Pure, but for the time in alerts of Alertmanager. */
export function bodyOf(entry: OutboxEntry, body: WebhookConfig['body'], origin: Origin, now: Date): Body {
  if (typeof body !== 'string') return fromTemplate(entry, body.template, origin);
  switch (body) {
    case 'standard':
      return json(documentOf(entry, origin));
    case 'alertmanager': {
      const { events, subject } = entry;
      return json(events.length === 0 ? testAlert(subject, origin, now) : alertsOf(events, origin, now));
    }
    case 'ntfy':
      return ntfy(entry);
  }
}

function json(text: string): Body {
  return { parts: [text], type: 'application/json', query: {} };
}

/** The parameters may be in the URL (https://docs.ntfy.sh/publish/#list-of-all-parameters): there any letter is safe. */
function ntfy(entry: OutboxEntry): Body {
  const [{ state, severity }] = eventsOf(entry);
  const isUrgent = state === 'firing' && severity === 'critical';
  const tags = { firing: 'rotating_light', resolved: 'white_check_mark', notice: 'information_source' };
  return {
    parts: [cut(entry.text, NTFY_BYTES)],
    type: 'text/plain; charset=utf-8',
    query: { title: entry.subject, priority: isUrgent ? 'high' : 'default', tags: tags[state] },
  };
}

/** The beginning of a text that has at most so many bytes in UTF-8. */
function cut(text: string, bytes: number): string {
  const buffer = Buffer.from(text);
  if (buffer.length <= bytes) return text;
  // A character that is cut in two becomes U+FFFD.
  return `${buffer
    .subarray(0, bytes - 4)
    .toString()
    .replace(/\uFFFD+$/, '')}...`;
}

function fromTemplate(entry: OutboxEntry, template: Json, { hostname }: Origin): Body {
  const events = eventsOf(entry);
  const [first] = events;
  const sites = new Set(events.map(({ site }) => site ?? hostname));
  const token = randomUUID();
  const filled = fillIn(template, {
    subject: entry.subject,
    text: entry.text,
    event: first.event,
    state: first.state,
    action: first.state === 'resolved' ? 'resolve' : 'trigger',
    severity: first.severity,
    site: [...sites].join(', '),
    cause: first.cause ?? '',
    incident: first.incident ?? entry.key,
    since: first.since ?? first.time,
    time: entry.created,
    key: entry.key,
    host: hostname,
    token,
  });
  return { ...json(''), parts: JSON.stringify(filled).split(token) };
}
