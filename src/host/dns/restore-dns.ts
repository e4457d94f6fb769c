import type { Log, Redact } from '../../log/log.ts';
import { DNS_RESTORE_MS } from '../../model/limits.ts';
import type { DnsNote } from '../../state/format.ts';
import type { System } from '../../system/system.ts';
import { type ResolvFile, readResolvFile, writeInPlace } from './resolv-file.ts';
import { runRestore } from './restore-command.ts';

/** The patience where it did not help before: only what helps at once counts. */
const IMPATIENT_MS = 1000;

/** Whether a VPN client's mark is in a resolv.conf: in any line, a comment too. */
export function isMarked(text: string, mark: string): boolean {
  return text.includes(mark);
}

/** What an unmarked file means beside the note: the first one seen since boot, the same, or changed by somebody. */
export function compareWithNote(
  content: string,
  note: DnsNote | null,
  bootId: string,
  file: string,
): 'first' | 'same' | 'changed' {
  if (note === null || note.bootId !== bootId || note.file !== file) return 'first';
  return note.content === content ? 'same' : 'changed';
}

/** Whether a note may be written into `file`: taken of it in this boot (`bootId` may be unknown: empty), and unmarked. */
export function isUsable(note: DnsNote | null, bootId: string, mark: string, file: string): note is DnsNote {
  if (note === null || bootId === '' || note.bootId !== bootId) return false;
  return note.file === file && !isMarked(note.content, mark);
}

/**
 * Looks at resolv.conf and restores it if it holds `mark` and that is among the `restorable`. Rejects only with the
 * signal's reason, when that is aborted.
 *
 * @param restorable the words of all clients that may be taken out of the file: with one of them it is no file to go back
 *   to.
 * @returns `null` if no word is left in the file that may be taken out, else why one is, in words, redacted.
 */
export type CheckDns = (
  mark: string,
  restorable: readonly string[],
  signal: AbortSignal,
) => Promise<string | null>;

/** What {@link dnsChecker} needs. */
export interface DnsOptions {
  readonly system: System;
  readonly log: Log;
  readonly redact: Redact;
  /** `dns.file`, absolute. */
  readonly file: string;
  /** `dns.restore`: the command and its arguments. */
  readonly restore: readonly string[];
  /** The note as it was stored; `null`: none yet. */
  readonly note: DnsNote | null;
  /** Stores a new note. Must not throw. */
  readonly takeNote: (note: DnsNote) => void;
  /** Told of each restoration. */
  readonly onRepaired: () => void;
}

/**
 * Makes a {@link CheckDns}. It keeps a note of the file without the mark, and remembers for each mark when nothing helped:
 * that is said once, and the wait for it is not paid again before the file was seen without that mark.
 */
export function dnsChecker(options: DnsOptions): CheckDns {
  const { system, log, redact, file, restore, takeNote, onRepaired } = options;
  let { note } = options;
  /** By mark: the file that could not be restored, and why. */
  const helpless = new Map<string, { readonly version: string; readonly why: string }>();
  /** What was said about a file that can't be looked at. */
  let said: string | undefined;

  const read = () => readResolvFile(system.files, file);
  const isGood = (seen: ResolvFile, mark: string) => seen.state === 'read' && !isMarked(seen.text, mark);

  const keep = (seen: ResolvFile, restorable: readonly string[]) => {
    const bootId = system.bootId();
    if (seen.state !== 'read' || !seen.exact || bootId === '') return;
    if (restorable.some((mark) => isMarked(seen.text, mark))) return;
    const step = compareWithNote(seen.text, note, bootId, file);
    if (step === 'same') return;
    if (step === 'changed') log.info(`${file} was changed, not by the VPN client: it is left as it is`);
    note = { bootId, takenAt: system.now().toISOString(), file, content: seen.text };
    takeNote(note);
  };

  /** `null`, or why not. */
  const writeNoteBack = (mark: string): string | null => {
    if (!isUsable(note, system.bootId(), mark, file)) return 'it was not seen without the mark since boot';
    const why = writeInPlace(system.files, file, note.content);
    if (why !== null) return `its earlier content can't be written back: ${why}`;
    return isGood(read(), mark) ? null : 'its earlier content was written back, but did not stay';
  };

  const repair = async (
    mark: string,
    restorable: readonly string[],
    signal: AbortSignal,
  ): Promise<string | null> => {
    log.critical('Invalid DNS settings. Forcing refresh');
    const patienceMs = helpless.has(mark) ? IMPATIENT_MS : DNS_RESTORE_MS;
    const helped = () => isGood(read(), mark);
    const vain = await runRestore({ system, restore, redact, patienceMs, helped, signal }).catch((error) => {
      // Nobody waits any longer: what can be done at once is.
      writeNoteBack(mark);
      throw error;
    });
    const unwritten = vain === null ? null : writeNoteBack(mark);
    const now = read();
    if (unwritten === null) {
      if (vain !== null) log.warning(`${vain}; ${file} was written back as noted ${note?.takenAt}`);
      helpless.delete(mark);
      keep(now, restorable);
      onRepaired();
      return null;
    }
    const why = `${file} holds the VPN client's settings: ${vain}; ${unwritten}`;
    if (!helpless.has(mark)) log.critical(`DNS could not be restored: ${why}`);
    helpless.set(mark, { version: versionOf(now), why });
    return why;
  };

  return async (mark, restorable, signal) => {
    signal.throwIfAborted();
    const seen = read();
    if (seen.state !== 'read') {
      const why = `${file} ${seen.state === 'missing' ? 'does not exist' : seen.why}`;
      if (said !== why) log.warning(why);
      said = why;
      return seen.state === 'missing' ? null : why;
    }
    said = undefined;
    if (isMarked(seen.text, mark)) {
      // Somebody else's session of the same client.
      if (!restorable.includes(mark)) return null;
      const before = helpless.get(mark);
      if (before?.version === seen.version) return before.why;
      return repair(mark, restorable, signal);
    }
    helpless.delete(mark);
    keep(seen, restorable);
    return null;
  };
}

function versionOf(seen: ResolvFile): string {
  return seen.state === 'read' ? seen.version : seen.state;
}
