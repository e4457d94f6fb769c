import { DONE, failed, type Result } from '../../model/result.ts';
import type { DnsNote } from '../../state/host-note.ts';
import type { Place } from '../../system/place.ts';
import { isMarked, readResolvConf } from './resolv-conf.ts';

/**
 * Puts back what stood at the path of resolv.conf: the link if there was one, and what it led to if that is the client's as well. Fails
 * with the reason, also where the content did not stay.
 *
 * @param marks a note that holds one of these is not written back
 * @param isClients whether the file is the client's now
 */
export function writeNoteBack(
  place: Place,
  file: string,
  note: DnsNote | null,
  marks: readonly string[],
  isClients: () => boolean,
): Result {
  if (note === null || marks.some((mark) => isMarked(note.content ?? '', mark)))
    return failed('it was not seen without the mark since boot');
  const written = write(place, file, note, isClients);
  if (!written.ok) return failed(`its earlier content can't be written back: ${written.why}`);
  const good = note.content === null ? place.readLink(file) === note.link : !isClients();
  return good ? DONE : failed('its earlier content was written back, but did not stay');
}

function write(
  place: Place,
  file: string,
  { content, link, mode }: DnsNote,
  isClients: () => boolean,
): Result {
  const now = readResolvConf(place, file);
  if (link !== undefined && link !== null && now.link !== link) {
    const put = place.putLink(file, link);
    // The file that the link leads to is written only if the client has changed that too.
    if (!put.ok || content === null || !isClients()) return put;
  }
  if (content === null) return DONE;
  const isOtherForm = now.seen.state === 'missing' || (link === null && now.link !== null);
  return isOtherForm ? place.putFile(file, content, mode) : place.overwriteFile(file, content, mode);
}
