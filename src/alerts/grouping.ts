import { EVENT_KINDS, SITE_KINDS } from '../model/event-kinds.ts';
import type { PendingEvent } from '../state/store.ts';
import { counted } from '../words/numbers.ts';
import { oneLine } from '../words/printable.ts';

const SUBJECT_LIMIT = 200;

/**
 * One message for events that belong together: what happened to how many sites, the causes, then each. A single event is its own
 * message. Pure.
 *
 * @param events at least one
 * @param sites the number of enabled sites
 */
export function groupMessage(events: readonly PendingEvent[], sites: number) {
  const [only] = events;
  if (only !== undefined && events.length === 1) return { subject: only.subject, text: only.text };
  const groups = SITE_KINDS.flatMap((kind) => {
    const found = events.filter((event) => event.kind === kind);
    return found.length === 0 ? [] : [{ kind, words: EVENT_KINDS[kind].group, found }];
  });
  const headlines = groups.map(({ words, found }, index) => {
    const of = index === 0 ? `${found.length} of ${counted(sites, 'site')}` : String(found.length);
    return `${words.replace('%', of)}: ${found.map(({ about }) => oneLine(about)).join(', ')}`;
  });
  const allFailed = sites > 1 && events.filter(({ kind }) => kind === 'failure').length === sites;
  const parts = [
    [`VPN: ${headlines.join('; ')}`],
    ...(allFailed ? [[`${sites} of ${sites} failed: suspect what they have in common.`]] : []),
    groups.flatMap(({ kind, words, found }) => [
      `${words.replace('%', String(found.length))}:`,
      ...linesOf(kind, found),
    ]),
    ...events.map(({ subject, text, foot }) => [`== ${subject}`, '', text.slice(0, -foot.length).trimEnd()]),
  ];
  const foot = events.at(-1)?.foot ?? '';
  return {
    subject: oneLine(`VPN: ${headlines.join('; ')}`, SUBJECT_LIMIT),
    text: `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n${foot}`,
  };
}

/** For failures the causes with their sites, for others each site with what there is to say of it. */
function linesOf(kind: PendingEvent['kind'], found: readonly PendingEvent[]): readonly string[] {
  if (kind !== 'failure') return found.map(({ about, note }) => `  ${oneLine(about)}: ${oneLine(note)}`);
  const byCause = new Map<string, string[]>();
  for (const { about, note } of found) byCause.set(note, [...(byCause.get(note) ?? []), oneLine(about)]);
  return [...byCause].map(([note, names]) => `  ${oneLine(note)}: ${names.join(', ')}`);
}
