import path from 'node:path';
import { reason } from '../../files/reason.ts';
import type { Redact } from '../../log/log.ts';
import { redactedTail } from '../../log/redact.ts';
import { DONE, failed, good, type Result } from '../../model/result.ts';
import { poll } from '../../system/deadline.ts';
import type { CommandResult, Place } from '../../system/place.ts';
import { inParentheses } from '../../words/printable.ts';

const LOOK_EVERY_MS = 100;
/** How much of a failed command's output is shown, in characters. */
const OUTPUT_SHOWN = 200;

/**
 * Returns the restore command to run as user `uid`. For root, removes a leading `sudo -n`: a small host may have no sudo. Keeps a sudo
 * with other options, such as `-u`.
 */
export function restoreArgv(restore: readonly string[], uid: number): readonly string[] {
  const [sudo = '', option = '', ...command] = restore;
  if (uid !== 0 || path.basename(sudo) !== 'sudo') return restore;
  if (option === '-n' || option === '--non-interactive') return command;
  return option.startsWith('-') ? restore : restore.slice(1);
}

/** The absolute path of the restore command. Also searches the sbin folders, where resolvconf is; a short PATH may lack them. */
export function findRestoreCommand(place: Place, command: string): string | undefined {
  const folders = command.includes('/') ? [] : ['/usr/sbin', '/sbin'];
  return [command, ...folders.map((folder) => `${folder}/${command}`)]
    .map((candidate) => place.findCommand(candidate))
    .find((file) => file !== undefined);
}

/** The options of {@link runRestore}. */
export interface RestoreOptions {
  readonly place: Place;
  readonly restore: readonly string[];
  readonly redact: Redact;
  /** How long to wait for `helped`, in ms. */
  readonly timeoutMs: number;
  /** Whether resolv.conf is restored. */
  readonly helped: () => boolean;
  readonly signal: AbortSignal;
}

/**
 * Runs the restore command until it has ended and helped. Returns at once if the command fails; waits if it succeeds, since it may
 * take effect a little later; ends it if it hangs. Fails with a redacted reason if it did not help. Rejects with the reason of `signal`.
 */
export async function runRestore(options: RestoreOptions): Promise<Result> {
  const { place, redact, timeoutMs, helped, signal } = options;
  signal.throwIfAborted();
  const [command, ...args] = restoreArgv(options.restore, place.uid);
  if (command === undefined) return failed('dns.restore names no command');
  const file = findRestoreCommand(place, command);
  if (file === undefined) return failed(`${command} was not found (dns.restore)`);
  const shown = [command, ...args].join(' ');

  let ended: Result<CommandResult> | undefined;
  // Not awaited: a sudo that runs as root can't be killed by us, so a hang must not block the poll below.
  place.run(file, args, { env: place.env, timeoutMs, signal }).then(
    (result) => {
      ended = good(result);
    },
    (error) => {
      ended = failed(reason(error));
    },
  );
  const outcome = await poll(place, { ms: timeoutMs, everyMs: LOOK_EVERY_MS }, signal, (left) => {
    // While it runs, the file may be half written.
    if ((ended !== undefined || left === 0) && helped()) return DONE;
    if (ended === undefined) return undefined;
    if (!ended.ok) return failed(`${shown} could not be started: ${ended.why}`);
    const { code, output } = ended.value;
    if (code === null || code === 0) return undefined;
    const said = inParentheses(redactedTail(output, OUTPUT_SHOWN, redact, false));
    return failed(`${shown} ended with ${code}${said}`);
  });
  if (outcome !== undefined) return outcome;
  const seconds = `${timeoutMs / 1000} s`;
  const hung = !(ended?.ok && ended.value.code === 0);
  return failed(`${shown} did not ${hung ? 'end' : 'help'} within ${seconds}`);
}
