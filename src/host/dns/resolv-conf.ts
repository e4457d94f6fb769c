import { isIP } from 'node:net';
import type { DnsNote } from '../../state/host-note.ts';
import type { FileSeen, Place } from '../../system/place.ts';

/** What stands at the path of resolv.conf at one moment. */
export interface ResolvConf {
  /** The target of the link that stands there; `null`: no link. Programs that manage the file tell by it who does (systemd-resolved(8)). */
  readonly link: string | null;
  /** The file, or what the link leads to. */
  readonly seen: FileSeen;
}

/** Reads what stands at the path of resolv.conf. */
export function readResolvConf(place: Place, file: string): ResolvConf {
  return { link: place.readLink(file) ?? null, seen: place.readFile(file) };
}

/** Names the file and the link at one moment; equal as long as nobody wrote either. */
export function versionOf({ link, seen }: ResolvConf): string {
  return `${link ?? ''} ${seen.state === 'read' ? `${seen.version} ${seen.mode}` : seen.state}`;
}

/** Whether a resolv.conf contains a VPN client's mark, in any line, also in a comment. */
export function isMarked(text: string, mark: string): boolean {
  return text.includes(mark);
}

/** The name servers of a resolv.conf: an address, with a zone where it has one (resolv.conf(5)). */
export function nameservers(text: string): readonly string[] {
  return [...text.matchAll(/^nameserver[ \t]+([^ \t#;\r\n]+)/gm)]
    .map(([, server = '']) => server)
    .filter((server) => isIP(server) !== 0);
}

/** What is known of a change by the client of one test. */
export interface ClientChange {
  /** The name servers that it set while its tunnel was up: new ones, which are reached through the tunnel. */
  readonly nameservers: readonly string[];
}

/**
 * Who has changed resolv.conf since it was noted: the client, someone else, or nobody. A mark tells the client, and so does a name server
 * that was seen to be reached through its tunnel. Once the client was seen to have changed the file, a file with the noted text but in
 * another form (a copy in the place of a link, another mode) is what it left of taking that back.
 *
 * @param marks those that may be removed from the file
 * @param note before the test; `null`: no test ran, or nothing was noted. Then only the marks tell.
 * @param change `null`: the client was not seen to change the file
 */
export function whoChanged(
  { link, seen }: ResolvConf,
  marks: readonly string[],
  note: DnsNote | null,
  change: ClientChange | null,
): 'client' | 'other' | 'nobody' {
  if (seen.state === 'unreadable') return 'nobody';
  const text = seen.state === 'read' ? seen.text : null;
  if (text !== null && marks.some((mark) => isMarked(text, mark))) return 'client';
  if (note === null) return 'nobody';
  const form =
    note.link !== undefined && (note.link !== link || (seen.state === 'read' && note.mode !== seen.mode));
  if (text === note.content) return form ? (change === null ? 'other' : 'client') : 'nobody';
  if (text === null) return change === null ? 'other' : 'client';
  const old = nameservers(note.content ?? '');
  const added = nameservers(text).filter((server) => !old.includes(server));
  return added.some((server) => change?.nameservers.includes(server)) ? 'client' : 'other';
}
