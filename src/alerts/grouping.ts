import { EVENT_KINDS, SITE_KINDS } from '../model/event-kinds.ts';
import type { PendingEvent } from '../state/store.ts';
import { counted } from '../words/numbers.ts';
import { oneLine } from '../words/printable.ts';
import type { Message } from './message.ts';

const SUBJECT_LIMIT = 200;

/**
 * One message for events that belong together: what happened to how many sites, the causes, then each. A single event is its own
 * message. Both say if all sites failed. Pure.
 *
 * @param events at least one
 * @param sites the names of the enabled sites
 * @param failed the sites that have failed in this cycle so far, told or not
 */
export function groupMessage(
  events: readonly PendingEvent[],
  sites: readonly string[],
  failed: ReadonlySet<string>,
): Message {
  const hint = commonFailure(events, sites, failed);
  const [only] = events;
  if (only !== undefined && events.length === 1) {
    const { subject, text } = only;
    return { subject, text: hint === null ? text : text.replace('\n', `\n\n${hint}\n`) };
  }
  const groups = SITE_KINDS.flatMap((kind) => {
    const found = events.filter((event) => event.kind === kind);
    return found.length === 0 ? [] : [{ kind, words: EVENT_KINDS[kind].group, found }];
  });
  const headlines = groups.map(({ words, found }, index) => {
    const of = index === 0 ? `${found.length} of ${counted(sites.length, 'site')}` : String(found.length);
    return `${words.replace('%', of)}: ${found.map(({ about }) => oneLine(about)).join(', ')}`;
  });
  const parts = [
    [`VPN: ${headlines.join('; ')}`],
    ...(hint === null ? [] : [[hint]]),
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

/** What a message about failures says if every site has failed, and there are several; `null`: nothing. */
function commonFailure(
  events: readonly PendingEvent[],
  sites: readonly string[],
  failed: ReadonlySet<string>,
): string | null {
  const told = events.filter(({ kind }) => kind === 'failure').map(({ about }) => about);
  const allFailed = sites.every((site) => failed.has(site) || told.includes(site));
  if (told.length === 0 || sites.length < 2 || !allFailed) return null;
  return `${sites.length} of ${sites.length} failed: suspect what they have in common.`;
}

/** For failures the causes with their sites, for others each site with what there is to say of it. */
function linesOf(kind: PendingEvent['kind'], found: readonly PendingEvent[]): readonly string[] {
  if (kind !== 'failure') return found.map(({ about, note }) => `  ${oneLine(about)}: ${oneLine(note)}`);
  const byCause = new Map<string, string[]>();
  for (const { about, note } of found) byCause.set(note, [...(byCause.get(note) ?? []), oneLine(about)]);
  return [...byCause].map(([note, names]) => `  ${oneLine(note)}: ${names.join(', ')}`);
}
