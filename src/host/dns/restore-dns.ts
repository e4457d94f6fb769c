import type { Log, Redact } from '../../log/log.ts';
import { DNS_RESTORE_MS } from '../../model/limits.ts';
import { DONE, failed, type Result } from '../../model/result.ts';
import type { DnsNote, HostNotes } from '../../state/host-note.ts';
import type { FileSeen, Place } from '../../system/place.ts';
import { runRestore } from './restore-command.ts';

/** How long the restore command may take if it did not help before, in ms. */
const RETRY_MS = 1000;

/** Whether a resolv.conf contains a VPN client's mark, in any line, also in a comment. */
export function isMarked(text: string, mark: string): boolean {
  return text.includes(mark);
}

/** Compares an unmarked file with the note: the first file seen since boot, the same file, or a changed one. */
export function compareWithNote(
  content: string,
  note: DnsNote | null,
  bootId: string,
  file: string,
): 'first' | 'same' | 'changed' {
  if (note === null || note.bootId !== bootId || note.file !== file) return 'first';
  return note.content === content ? 'same' : 'changed';
}

/** Whether a note may be written to `file`: it was taken of this file in this boot, and is unmarked. An unknown `bootId` is empty. */
export function isUsable(note: DnsNote | null, bootId: string, mark: string, file: string): note is DnsNote {
  if (note === null || bootId === '' || note.bootId !== bootId) return false;
  return note.file === file && !isMarked(note.content, mark);
}

/**
 * Restores resolv.conf if it contains `mark` and `restorable` includes that. Fails with a redacted reason if the mark stays in the
 * file. Rejects only with the reason of `signal`.
 *
 * @param restorable the marks that may be removed from the file. A file with one of them is never noted.
 */
export type CheckDns = (mark: string, restorable: readonly string[], signal: AbortSignal) => Promise<Result>;

/** The options of {@link dnsChecker}. */
export interface DnsOptions {
  readonly place: Place;
  readonly log: Log;
  readonly redact: Redact;
  /** `dns.file`, absolute. */
  readonly file: string;
  /** `dns.restore`: the command and its arguments. */
  readonly restore: readonly string[];
  readonly notes: HostNotes;
  /** Called after each successful restore. */
  readonly onRepaired: () => void;
}

/** Returns the {@link CheckDns} of one place. */
export function dnsChecker(options: DnsOptions): CheckDns {
  const checker = new DnsChecker(options);
  return (mark, restorable, signal) => checker.check(mark, restorable, signal);
}

/**
 * Keeps a note of the unmarked file. Remembers for each mark that the file could not be restored: this is logged once, and the restore
 * is not tried again until the file changes.
 */
class DnsChecker {
  readonly #options: DnsOptions;
  /** By mark: the version of the file that could not be restored, and why. */
  readonly #unrestored = new Map<string, { readonly version: string; readonly why: string }>();
  /** The last warning about a file that can't be checked. */
  #warned: string | undefined;

  constructor(options: DnsOptions) {
    this.#options = options;
  }

  /** See {@link CheckDns}. */
  async check(mark: string, restorable: readonly string[], signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    const { file, log } = this.#options;
    const seen = this.#read();
    if (seen.state !== 'read') {
      const why = `${file} ${seen.state === 'missing' ? 'does not exist' : seen.why}`;
      if (this.#warned !== why) log.warning(why);
      this.#warned = why;
      return seen.state === 'missing' ? DONE : failed(why);
    }
    this.#warned = undefined;
    if (!isMarked(seen.text, mark)) {
      this.#unrestored.delete(mark);
      this.#keep(seen, restorable);
      return DONE;
    }
    // The mark may be of another user's session with the same client.
    if (!restorable.includes(mark)) return DONE;
    const before = this.#unrestored.get(mark);
    return before?.version === seen.version ? failed(before.why) : this.#restore(mark, restorable, signal);
  }

  async #restore(mark: string, restorable: readonly string[], signal: AbortSignal): Promise<Result> {
    const { place, log, redact, file, restore, notes, onRepaired } = this.#options;
    log.critical('Invalid DNS settings. Forcing refresh');
    const timeoutMs = this.#unrestored.has(mark) ? RETRY_MS : DNS_RESTORE_MS;
    const helped = () => isGood(this.#read(), mark);
    const restored = await runRestore({ place, restore, redact, timeoutMs, helped, signal }).catch(
      (error) => {
        // The clean-up is interrupted, but writing the note takes no time.
        this.#writeNoteBack(mark);
        throw error;
      },
    );
    const written = restored.ok ? DONE : this.#writeNoteBack(mark);
    const now = this.#read();
    if (written.ok) {
      if (!restored.ok) {
        log.warning(`${restored.why}; ${file} was written back as noted ${notes.read().dns?.takenAt}`);
      }
      this.#unrestored.delete(mark);
      this.#keep(now, restorable);
      onRepaired();
      return DONE;
    }
    const commandFailure = restored.ok ? '' : `${restored.why}; `;
    const why = `${file} holds the VPN client's settings: ${commandFailure}${written.why}`;
    if (!this.#unrestored.has(mark)) log.critical(`DNS could not be restored: ${why}`);
    this.#unrestored.set(mark, { version: now.state === 'read' ? now.version : now.state, why });
    return failed(why);
  }

  /** Notes the file if it contains none of the `restorable` marks. */
  #keep(seen: FileSeen, restorable: readonly string[]): void {
    const { place, log, file, notes } = this.#options;
    const bootId = place.bootId();
    if (seen.state !== 'read' || !seen.exact || bootId === '') return;
    if (restorable.some((mark) => isMarked(seen.text, mark))) return;
    const step = compareWithNote(seen.text, notes.read().dns, bootId, file);
    if (step === 'same') return;
    if (step === 'changed') log.info(`${file} was changed, not by the VPN client: it is left as it is`);
    notes.change({ dns: { bootId, takenAt: place.now().toISOString(), file, content: seen.text } });
  }

  #writeNoteBack(mark: string): Result {
    const { place, file, notes } = this.#options;
    const note = notes.read().dns;
    if (!isUsable(note, place.bootId(), mark, file)) {
      return failed('it was not seen without the mark since boot');
    }
    const written = place.overwriteFile(file, note.content);
    if (!written.ok) return failed(`its earlier content can't be written back: ${written.why}`);
    return isGood(this.#read(), mark)
      ? DONE
      : failed('its earlier content was written back, but did not stay');
  }

  #read(): FileSeen {
    return this.#options.place.readFile(this.#options.file);
  }
}

function isGood(seen: FileSeen, mark: string): boolean {
  return seen.state === 'read' && !isMarked(seen.text, mark);
}
