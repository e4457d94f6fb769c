import type { Log } from '../../log/log.ts';
import type { DnsNote, HostNotes } from '../../state/host-note.ts';
import type { Place } from '../../system/place.ts';
import { isMarked, type ResolvConf, readResolvConf, versionOf, whoChanged } from './resolv-conf.ts';

/** The options of {@link ResolvConfNote}. */
export interface NoteOptions {
  readonly place: Place;
  readonly log: Log;
  /** `dns.file`, absolute. */
  readonly file: string;
  readonly notes: HostNotes;
}

/** The stored note of what resolv.conf is without a client. */
export class ResolvConfNote {
  readonly #options: NoteOptions;

  constructor(options: NoteOptions) {
    this.#options = options;
  }

  /** The note, if it was taken of this file in this boot. */
  read(): DnsNote | null {
    const { place, file, notes } = this.#options;
    return usableNote(notes.read().dns, place.bootId(), file);
  }

  /**
   * Notes the file as it is now, unless it holds one of these marks, or is as a test left it without anybody writing it since.
   *
   * @param ours the marks of clients that nobody else on this host runs
   */
  take(ours: readonly string[]): void {
    const { place, log, file, notes } = this.#options;
    const now = readResolvConf(place, file);
    const before = this.read();
    const note = this.#noteOf(now, ours);
    if (note === null || before?.unsure === versionOf(now)) return;
    const changed = whoChanged(now, [], before, null) !== 'nobody';
    if (changed) log.info(`${file} was changed, not by the VPN client: it is left as it is`);
    // An older program's note says nothing of a link.
    if (changed || before === null || before.link === undefined) notes.change({ dns: note });
  }

  /** Remembers a file that a test left changed by someone unknown. */
  keepUnsure(now: ResolvConf, note: DnsNote | null): void {
    const { log, file, notes } = this.#options;
    if (note === null || now.seen.state !== 'read' || note.unsure === versionOf(now)) return;
    if (whoChanged(now, [], note, null) === 'nobody') return;
    log.info(`${file} was changed, not by the VPN client: it is left as it is`);
    notes.change({ dns: { ...note, unsure: versionOf(now) } });
  }

  #noteOf({ link, seen }: ResolvConf, ours: readonly string[]): DnsNote | null {
    const { place, file } = this.#options;
    const bootId = place.bootId();
    const missing = seen.state === 'missing' && link !== null;
    if (bootId === '' || !(missing || (seen.state === 'read' && seen.exact))) return null;
    if (seen.state === 'read' && ours.some((mark) => isMarked(seen.text, mark))) return null;
    const [content, mode] = seen.state === 'read' ? [seen.text, seen.mode] : [null, 0o644];
    return { bootId, takenAt: place.now().toISOString(), file, content, link, mode, unsure: null };
  }
}

/** The note, if it was taken of `file` in this boot. An unknown boot is ''. */
export function usableNote(note: DnsNote | null, bootId: string, file: string): DnsNote | null {
  return note !== null && bootId !== '' && note.bootId === bootId && note.file === file ? note : null;
}
