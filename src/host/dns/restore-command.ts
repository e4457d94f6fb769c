import path from 'node:path';
import { reason } from '../../files/reason.ts';
import type { Redact } from '../../log/log.ts';
import { redactedTail } from '../../log/redact.ts';
import { DONE, failed, type Result } from '../../model/result.ts';
import { poll } from '../../system/deadline.ts';
import type { CommandResult, Place } from '../../system/place.ts';
import { inParentheses } from '../../words/printable.ts';

const LOOK_EVERY_MS = 100;
/** So much of a failed command's output is shown, in characters. */
const OUTPUT_SHOWN = 200;

/**
 * The configured command as it is to be run by user `uid`: root needs no leading `sudo -n`, and a small host may have
 * no sudo. A sudo with other options, as `-u`, stays: it does something else.
 */
export function restoreArgv(restore: readonly string[], uid: number): readonly string[] {
  const [sudo = '', option = '', ...command] = restore;
  if (uid !== 0 || path.basename(sudo) !== 'sudo') return restore;
  if (option === '-n' || option === '--non-interactive') return command;
  return option.startsWith('-') ? restore : restore.slice(1);
}

/** The absolute path of the restore command; also looked for where resolvconf is and a short PATH does not lead. */
export function findRestoreCommand(place: Place, command: string): string | undefined {
  const folders = command.includes('/') ? [] : ['/usr/sbin', '/sbin'];
  return [command, ...folders.map((folder) => `${folder}/${command}`)]
    .map((candidate) => place.findCommand(candidate))
    .find((file) => file !== undefined);
}

/** What {@link runRestore} needs. */
export interface RestoreOptions {
  readonly place: Place;
  readonly restore: readonly string[];
  readonly redact: Redact;
  /** How long it may take to help, in ms. */
  readonly timeoutMs: number;
  /** Whether it has helped. */
  readonly helped: () => boolean;
  readonly signal: AbortSignal;
}

/**
 * Runs the restore command until it has ended and helped. One that fails is not waited for; one that ends well may take
 * effect a little later; one that hangs is ended. Rejects with the signal's reason when that is aborted.
 *
 * @returns a failure if it did not help: why, redacted.
 */
export async function runRestore(options: RestoreOptions): Promise<Result> {
  const { place, redact, timeoutMs, helped, signal } = options;
  signal.throwIfAborted();
  const [command, ...args] = restoreArgv(options.restore, place.uid);
  if (command === undefined) return failed('dns.restore names no command');
  const file = findRestoreCommand(place, command);
  if (file === undefined) return failed(`${command} was not found (dns.restore)`);
  const shown = [command, ...args].join(' ');

  let ended: CommandResult | { readonly failure: string } | undefined;
  // Not awaited: it may have helped before it ends, and a sudo that belongs to root can't be killed by us.
  place.run(file, args, { env: place.env, timeoutMs, signal }).then(
    (result) => {
      ended = result;
    },
    (error) => {
      ended = { failure: reason(error) };
    },
  );
  const outcome = await poll(place, { ms: timeoutMs, everyMs: LOOK_EVERY_MS }, signal, (left) => {
    // While it runs, what it has written so far may be half of a file.
    if ((ended !== undefined || left === 0) && helped()) return DONE;
    if (ended !== undefined && 'failure' in ended)
      return failed(`${shown} could not be started: ${ended.failure}`);
    if (ended !== undefined && ended.code !== null && ended.code !== 0) {
      const said = inParentheses(redactedTail(ended.output, OUTPUT_SHOWN, redact, false));
      return failed(`${shown} ended with ${ended.code}${said}`);
    }
    return undefined;
  });
  if (outcome !== undefined) return outcome;
  const seconds = `${timeoutMs / 1000} s`;
  const hung = ended === undefined || !('code' in ended) || ended.code !== 0;
  return failed(`${shown} did not ${hung ? 'end' : 'help'} within ${seconds}`);
}
