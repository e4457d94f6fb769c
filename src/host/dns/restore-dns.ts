import type { Log, Redact } from '../../log/log.ts';
import { DNS_OBSERVE_MS, DNS_RESTORE_MS, DNS_SETTLE_MS } from '../../model/limits.ts';
import { DONE, failed, type Result } from '../../model/result.ts';
import type { DnsNote, HostNotes, NetworkNote, ResolvConfNote } from '../../state/host-note.ts';
import { poll, startDeadline } from '../../system/deadline.ts';
import type { Place } from '../../system/place.ts';
import { routeDevice } from '../network/ip-command.ts';
import { devices } from '../network/tun-devices.ts';
import { managerRecords, recordsLeft, removeRecord } from './manager-records.ts';
import {
  type ClientChange,
  isMarked,
  nameservers,
  type ResolvConf,
  readResolvConf,
  whoChanged,
} from './resolv-conf.ts';
import { runRestore } from './restore-command.ts';

/** How long the restore command may take if it did not help before, in ms. */
const RETRY_MS = 1000;
const LOOK_EVERY_MS = 100;
/** More than glibc asks (MAXNS): each is one call of ip(8). */
const MAX_NAMESERVERS = 8;

/** Notes resolv.conf before a test, looks at it while the tunnel is up, and restores it after the test. */
export interface DnsKeeper {
  /**
   * Notes the file, unless it holds one of these marks. Returns what belongs to the note of the test.
   *
   * @param ours the marks of clients that nobody else on this host runs
   */
  note(ours: readonly string[]): ResolvConfNote;
  /** Notes whether the client has changed the file, and which of its name servers are reached through its tunnel. */
  observe(signal: AbortSignal): Promise<void>;
  /**
   * Restores what the client of a test has changed: removes resolvconf's records of its tunnel, and puts resolv.conf back. Fails with a
   * redacted reason if something stays. Rejects only with the reason of `signal`.
   *
   * @param marks those that may be removed from the file
   * @param test the note of the test that ran; `null` if none did
   */
  restore(marks: readonly string[], test: NetworkNote | null, signal: AbortSignal): Promise<Result>;
}

/** The options of {@link openDnsKeeper}. */
export interface DnsOptions {
  readonly place: Place;
  readonly log: Log;
  readonly redact: Redact;
  /** `dns.file`, absolute. */
  readonly file: string;
  /** `dns.restore`: the command and its arguments. */
  readonly command: readonly string[];
  readonly notes: HostNotes;
  /** Called after each successful restore. */
  readonly onRepaired: () => void;
}

/** Opens the {@link DnsKeeper} of one place. It remembers a file that could not be restored: until that changes, it is left alone. */
export function openDnsKeeper(options: DnsOptions): DnsKeeper {
  return new Keeper(options);
}

class Keeper implements DnsKeeper {
  readonly #options: DnsOptions;
  /** The version of the file that could not be restored, and why. */
  #unrestored: { readonly version: string; readonly why: string } | undefined;
  /** The last warning about a file that can't be checked. */
  #warned: string | undefined;
  /** The devices before the test, and those that came with it. */
  #before: readonly string[] = [];
  readonly #came = new Set<string>();

  constructor(options: DnsOptions) {
    this.#options = options;
  }

  note(ours: readonly string[]): ResolvConfNote {
    const { place, log, file, notes } = this.#options;
    this.#before = devices(place);
    this.#came.clear();
    const now = this.#read();
    const before = this.#noted();
    const note = this.#noteOf(now, ours);
    if (note !== null && before?.unsure !== versionOf(now)) {
      const changed = whoChanged(now, [], before, null) !== 'nobody';
      if (changed) log.info(`${file} was changed, not by the VPN client: it is left as it is`);
      // An older program's note says nothing of a link.
      if (changed || before === null || before.link === undefined) notes.change({ dns: note });
    }
    return { records: [...managerRecords(place)], nameservers: null };
  }

  async observe(signal: AbortSignal): Promise<void> {
    const deadline = startDeadline(this.#options.place, DNS_OBSERVE_MS, signal);
    try {
      await this.#observe(deadline.signal);
    } catch (error) {
      if (!deadline.expired()) throw error;
    } finally {
      deadline.end();
    }
  }

  async #observe(signal: AbortSignal): Promise<void> {
    const { place, notes } = this.#options;
    const { network } = notes.read();
    const note = this.#noted();
    for (const device of devices(place)) if (!this.#before.includes(device)) this.#came.add(device);
    const now = this.#read();
    if (network?.resolvConf === undefined || note === null || now.seen.state !== 'read') return;
    if (note.unsure === versionOf(now) || whoChanged(now, [], note, null) === 'nobody') return;
    const old = nameservers(note.content ?? '');
    const through: string[] = [];
    for (const server of nameservers(now.seen.text).slice(0, MAX_NAMESERVERS)) {
      if (old.includes(server)) continue;
      const [address = '', zone] = server.split('%');
      const device = zone ?? (await routeDevice(place, address, signal));
      if (device !== undefined && this.#came.has(device)) through.push(server);
    }
    if (through.length === 0 && !network.unmarked.some((mark) => holds(now, mark))) return;
    const known = network.resolvConf.nameservers;
    const all = [...new Set([...(known ?? []), ...through])];
    if (known?.length === all.length) return;
    notes.change({ network: { ...network, resolvConf: { ...network.resolvConf, nameservers: all } } });
  }

  async restore(marks: readonly string[], test: NetworkNote | null, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    const { place, log, file } = this.#options;
    const records = test === null ? [] : await this.#removeRecords(test, signal);
    const now = this.#read();
    const unreadable = whyUnreadable(now, file);
    if (unreadable !== undefined && this.#warned !== unreadable) log.warning(unreadable);
    this.#warned = unreadable;
    if (now.seen.state === 'unreadable') return failed([...records, `${file} ${now.seen.why}`].join('; '));
    const note = test?.resolvConf === undefined ? null : this.#noted();
    const change = changeIn(test);
    if (whoChanged(now, marks, note, change) !== 'client') {
      this.#unrestored = undefined;
      this.#keepUnsure(now, note);
      return result(records);
    }
    if (this.#unrestored?.version === versionOf(now)) return result([...records, this.#unrestored.why]);
    const known = change ?? { nameservers: [] };
    const isClients = () => whoChanged(this.#read(), marks, note, known) === 'client';
    // A mark stays until somebody acts; what bears none may be of a program that has yet to notice the end of the tunnel.
    if (!marks.some((mark) => holds(now, mark))) {
      await poll(
        place,
        { ms: DNS_SETTLE_MS, everyMs: LOOK_EVERY_MS },
        signal,
        () => !isClients() || undefined,
      );
      if (!isClients()) return result(records);
    }
    const restored = await this.#restore(marks, isClients, signal);
    return result(restored.ok ? records : [...records, restored.why]);
  }

  /** Removes the records that came with a test and whose devices are gone. Returns why some stay. */
  async #removeRecords(test: NetworkNote, signal: AbortSignal): Promise<readonly string[]> {
    const { place, log, redact, onRepaired } = this.#options;
    if (test.resolvConf === undefined || test.bootId !== place.bootId()) return [];
    const left = recordsLeft(managerRecords(place), test.resolvConf.records, devices(place), [...this.#came]);
    const staying: string[] = [];
    for (const record of left) {
      log.critical(`resolvconf's record ${record} was left by the client: removing it`);
      const removed = await removeRecord(place, record, signal);
      if (removed.ok) onRepaired();
      else staying.push(redact(removed.why));
    }
    for (const why of staying) log.critical(why);
    return staying;
  }

  async #restore(marks: readonly string[], isClients: () => boolean, signal: AbortSignal): Promise<Result> {
    const { place, log, redact, file, command, notes, onRepaired } = this.#options;
    log.critical('Invalid DNS settings. Forcing refresh');
    const timeoutMs = this.#unrestored !== undefined ? RETRY_MS : DNS_RESTORE_MS;
    const helped = () => this.#read().seen.state === 'read' && !isClients();
    const restored = await runRestore({ place, restore: command, redact, timeoutMs, helped, signal }).catch(
      (error) => {
        // The clean-up is interrupted, but writing the note takes no time.
        this.#writeNoteBack(marks, isClients);
        throw error;
      },
    );
    const written = restored.ok ? DONE : this.#writeNoteBack(marks, isClients);
    if (written.ok) {
      if (!restored.ok) {
        log.warning(`${restored.why}; ${file} was written back as noted ${notes.read().dns?.takenAt}`);
      }
      this.#unrestored = undefined;
      onRepaired();
      return DONE;
    }
    const commandFailure = restored.ok ? '' : `${restored.why}; `;
    const why = `${file} holds the VPN client's settings: ${commandFailure}${written.why}`;
    if (this.#unrestored === undefined) log.critical(`DNS could not be restored: ${why}`);
    this.#unrestored = { version: versionOf(this.#read()), why };
    return failed(why);
  }

  /** Puts back what stood at the path: the link if there was one, and what it led to if that is the client's as well. */
  #writeNoteBack(marks: readonly string[], isClients: () => boolean): Result {
    const { place, file } = this.#options;
    const note = this.#noted();
    if (note === null || marks.some((mark) => isMarked(note.content ?? '', mark)))
      return failed('it was not seen without the mark since boot');
    const written = this.#write(note, isClients);
    if (!written.ok) return failed(`its earlier content can't be written back: ${written.why}`);
    const good = note.content === null ? place.readLink(file) === note.link : !isClients();
    return good ? DONE : failed('its earlier content was written back, but did not stay');
  }

  #write({ content, link, mode }: DnsNote, isClients: () => boolean): Result {
    const { place, file } = this.#options;
    const now = this.#read();
    if (link !== undefined && link !== null && now.link !== link) {
      const put = place.putLink(file, link);
      // The file that the link leads to is written only if the client has changed that too.
      if (!put.ok || content === null || !isClients()) return put;
    }
    if (content === null) return DONE;
    const isOtherForm = now.seen.state === 'missing' || (link === null && now.link !== null);
    return isOtherForm ? place.putFile(file, content, mode) : place.overwriteFile(file, content, mode);
  }

  /** Remembers a file that a test left changed by someone unknown. */
  #keepUnsure(now: ResolvConf, note: DnsNote | null): void {
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

  /** The note, if it was taken of this file in this boot. */
  #noted(): DnsNote | null {
    const { place, file, notes } = this.#options;
    return usableNote(notes.read().dns, place.bootId(), file);
  }

  #read(): ResolvConf {
    return readResolvConf(this.#options.place, this.#options.file);
  }
}

/** The note, if it was taken of `file` in this boot. An unknown boot is ''. */
export function usableNote(note: DnsNote | null, bootId: string, file: string): DnsNote | null {
  return note !== null && bootId !== '' && note.bootId === bootId && note.file === file ? note : null;
}

function holds({ seen }: ResolvConf, mark: string): boolean {
  return seen.state === 'read' && isMarked(seen.text, mark);
}

/** Names the file and the link at one moment; equal as long as nobody wrote either. */
function versionOf({ link, seen }: ResolvConf): string {
  return `${link ?? ''} ${seen.state === 'read' ? `${seen.version} ${seen.mode}` : seen.state}`;
}

function whyUnreadable({ seen }: ResolvConf, file: string): string | undefined {
  if (seen.state === 'read') return undefined;
  return `${file} ${seen.state === 'missing' ? 'does not exist' : seen.why}`;
}

function changeIn(test: NetworkNote | null): ClientChange | null {
  const servers = test?.resolvConf?.nameservers ?? null;
  return servers === null ? null : { nameservers: servers };
}

function result(staying: readonly string[]): Result {
  return staying.length === 0 ? DONE : failed(staying.join('; '));
}
