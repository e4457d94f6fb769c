import { reason } from '../../files/reason.ts';
import { IP_COMMAND_MS } from '../../model/limits.ts';
import { DONE, failed, type Result } from '../../model/result.ts';
import type { Place } from '../../system/place.ts';
import { inParentheses } from '../../words/printable.ts';

/** How the kernel routes packets to an address. */
export interface Way {
  readonly device: string;
  /** Their source address; `undefined`: ip does not say it. */
  readonly source: string | undefined;
  /** The routing table that has the route, if it is not the main one. */
  readonly table: string | undefined;
}

/**
 * How the kernel routes packets to `address`; `undefined` if there is no route, `null` if ip did not say, as on an overloaded host.
 * The address is numeric, and may have the name of a device as its zone (`fe80::1%tun0`), which ip does not accept as part of it.
 */
export async function wayTo(
  place: Place,
  address: string,
  signal: AbortSignal,
): Promise<Way | undefined | null> {
  const [bare = address, zone] = address.split('%');
  const through = zone === undefined ? [] : ['oif', zone];
  const { code, output } = await ip(place, ['-o', 'route', 'get', bare, ...through], signal);
  const word = (name: string) => new RegExp(` ${name} (\\S+)`).exec(output)?.[1];
  const device = word('dev');
  if (code === 0 && device !== undefined) return { device, source: word('src'), table: word('table') };
  return code === KERNEL_REFUSED ? undefined : null;
}

/** The exit status of ip(8) after an error that the kernel has returned, such as that there is no route. */
const KERNEL_REFUSED = 2;

/** The path of ip(8), also if the user's PATH has no sbin. */
export function ipCommand(place: Place): string | undefined {
  return ['ip', '/usr/sbin/ip', '/sbin/ip'].map(place.findCommand).find((file) => file !== undefined);
}

/** Changes the network with ip(8). The reason of a failure is ip's output, in parentheses. Rejects with the reason of `signal`. */
export async function change(place: Place, args: readonly string[], signal: AbortSignal): Promise<Result> {
  const { code, output } = await ip(place, args, signal);
  return code === 0 ? DONE : failed(inParentheses(output));
}

/** Runs ip(8). If it is missing or can't be started, returns an exit code as a shell does. Rejects with the reason of `signal`. */
export async function ip(
  place: Place,
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly code: number | null; readonly output: string }> {
  signal.throwIfAborted();
  const command = ipCommand(place);
  if (command === undefined) return { code: 127, output: 'ip was not found' };
  try {
    const result = await place.run(command, args, { env: place.env, timeoutMs: IP_COMMAND_MS, signal });
    signal.throwIfAborted();
    return result;
  } catch (error) {
    signal.throwIfAborted();
    return { code: 126, output: reason(error) };
  }
}
