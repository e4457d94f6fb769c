import { reason } from '../../files/reason.ts';
import { DNS_RECORD_MS } from '../../model/limits.ts';
import { DONE, failed, type Result } from '../../model/result.ts';
import { sudoersLine } from '../../rights/sudoers.ts';
import { userName } from '../../rights/user-name.ts';
import type { Place } from '../../system/place.ts';
import { inParentheses } from '../../words/printable.ts';
import { findRestoreCommand } from './restore-command.ts';

/** Where resolvconf (Debian's) and openresolv keep one record for each device, which the program that set it up named. */
const FOLDERS = ['/run/resolvconf/interface', '/run/resolvconf/interfaces', '/run/resolvconf/keys'];
const MANAGER = 'resolvconf';
/** The names that the kernel gives to the devices of tunnels. */
const TUNNEL = /^(?:tun|tap|ppp|wg)\d+$/;

/** The records of name servers that resolvconf keeps: `eth0.dhclient`, `tun0`. */
export function managerRecords(place: Place): readonly string[] {
  // resolvconf accepts no other names: its man page.
  return FOLDERS.flatMap((folder) => place.listFolder(folder)).filter((name) =>
    /^[^.~\s/-][^\s/]*$/.test(name),
  );
}

/**
 * The records that came with a test and whose tunnel is gone: nobody will remove them.
 *
 * @param seen devices that the test's client was seen to make, in addition to those that bear a tunnel's name
 */
export function recordsLeft(
  now: readonly string[],
  before: readonly string[],
  devices: readonly string[],
  seen: readonly string[],
): readonly string[] {
  const isOf = (record: string, device: string) => record === device || record.startsWith(`${device}.`);
  return now.filter((record) => {
    if (before.includes(record) || devices.some((device) => isOf(record, device))) return false;
    const [name = ''] = record.split('.');
    return TUNNEL.test(name) || seen.some((device) => isOf(record, device));
  });
}

/** Removes a record the manager's way, which makes resolv.conf anew. Rejects with the reason of `signal`. */
export async function removeRecord(place: Place, record: string, signal: AbortSignal): Promise<Result> {
  const manager = findRestoreCommand(place, MANAGER);
  if (manager === undefined) return failed(`${stays(record)}: ${MANAGER} was not found`);
  const sudo = place.uid === 0 ? undefined : place.findCommand('sudo');
  const [command, ...args] =
    sudo === undefined ? [manager, '-d', record] : [sudo, '-n', manager, '-d', record];
  const { code, output } = await place
    .run(command ?? manager, args, { env: place.env, timeoutMs: DNS_RECORD_MS, signal })
    .catch((error) => ({ code: null, output: reason(error) }));
  signal.throwIfAborted();
  if (!managerRecords(place).includes(record)) return DONE;
  const said = inParentheses(output) || (code === null ? ' (it did not end)' : ` (it ended with ${code})`);
  if (place.uid === 0) return failed(`${stays(record)}${said}`);
  const line = sudoersLine(userName(place, place.uid), [manager, '-d', record]);
  return failed(`${stays(record)}${said}; a line for sudoers: ${line}`);
}

function stays(record: string): string {
  return `${MANAGER}'s record ${record} could not be removed`;
}
