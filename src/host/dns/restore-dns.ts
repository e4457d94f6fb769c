import type { Redact } from '../../log/log.ts';
import { DNS_OBSERVE_MS, DNS_RESTORE_MS, DNS_SETTLE_MS } from '../../model/limits.ts';
import { DONE, failed, type Result } from '../../model/result.ts';
import type { NetworkNote, ResolvConfNote as TestNote } from '../../state/host-note.ts';
import { poll, startDeadline } from '../../system/deadline.ts';
import { devices } from '../network/tun-devices.ts';
import { type NoteOptions, ResolvConfNote } from './dns-note.ts';
import { managerRecords, recordsLeft, removeRecord } from './manager-records.ts';
import {
  type ClientChange,
  isMarked,
  type ResolvConf,
  readResolvConf,
  versionOf,
  whoChanged,
} from './resolv-conf.ts';
import { runRestore } from './restore-command.ts';
import { tunnelNameservers } from './tunnel-nameservers.ts';
import { writeNoteBack } from './write-back.ts';

/** How long the restore command may take if it did not help before, in ms. */
const RETRY_MS = 1000;
const LOOK_EVERY_MS = 100;

/** Notes resolv.conf before a test, looks at it while the tunnel is up, and restores it after the test. */
export interface DnsKeeper {
  /**
   * Notes the file, unless it holds one of these marks. Returns what belongs to the note of the test.
   *
   * @param ours the marks of clients that nobody else on this host runs
   */
  note(ours: readonly string[]): TestNote;
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
export interface DnsOptions extends NoteOptions {
  readonly redact: Redact;
  /** `dns.restore`: the command and its arguments. */
  readonly command: readonly string[];
  /** Called after each successful restore. */
  readonly onRepaired: () => void;
}

/** Opens the {@link DnsKeeper} of one place. It remembers a file that could not be restored: until that changes, it is left alone. */
export function openDnsKeeper(options: DnsOptions): DnsKeeper {
  return new Keeper(options);
}

class Keeper implements DnsKeeper {
  readonly #options: DnsOptions;
  readonly #note: ResolvConfNote;
  /** The version of the file that could not be restored, and why. */
  #unrestored: { readonly version: string; readonly why: string } | undefined;
  /** The last warning about a file that can't be checked. */
  #warned: string | undefined;
  /** The devices before the test, and those that came with it. */
  #before: readonly string[] = [];
  readonly #came = new Set<string>();

  constructor(options: DnsOptions) {
    this.#options = options;
    this.#note = new ResolvConfNote(options);
  }

  note(ours: readonly string[]): TestNote {
    const { place } = this.#options;
    this.#before = devices(place);
    this.#came.clear();
    this.#note.take(ours);
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
    const note = this.#note.read();
    for (const device of devices(place)) if (!this.#before.includes(device)) this.#came.add(device);
    const now = this.#read();
    if (network?.resolvConf === undefined || note === null || now.seen.state !== 'read') return;
    if (note.unsure === versionOf(now) || whoChanged(now, [], note, null) === 'nobody') return;
    const old = note.content ?? '';
    const through = await tunnelNameservers(place, now.seen.text, old, this.#came, signal);
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
    const note = test?.resolvConf === undefined ? null : this.#note.read();
    const change = changeIn(test);
    if (whoChanged(now, marks, note, change) !== 'client') {
      this.#unrestored = undefined;
      this.#note.keepUnsure(now, note);
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
    const writeBack = () => writeNoteBack(place, file, this.#note.read(), marks, isClients);
    const helped = () => this.#read().seen.state === 'read' && !isClients();
    const restored = await runRestore({ place, restore: command, redact, timeoutMs, helped, signal }).catch(
      (error) => {
        // The clean-up is interrupted, but writing the note takes no time.
        writeBack();
        throw error;
      },
    );
    const written = restored.ok ? DONE : writeBack();
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

  #read(): ResolvConf {
    return readResolvConf(this.#options.place, this.#options.file);
  }
}

function holds({ seen }: ResolvConf, mark: string): boolean {
  return seen.state === 'read' && isMarked(seen.text, mark);
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
