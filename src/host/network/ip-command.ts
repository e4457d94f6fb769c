import { reason } from '../../files/reason.ts';
import { IP_COMMAND_MS } from '../../model/limits.ts';
import { DONE, failed, type Result } from '../../model/result.ts';
import type { Place } from '../../system/place.ts';
import { inParentheses } from '../../words/printable.ts';

/** The device that packets to `address` (numeric) leave through, as the kernel routes them; `undefined`: it does not. */
export async function routeDevice(
  place: Place,
  address: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { code, output } = await ip(place, ['-o', 'route', 'get', address], signal);
  return code === 0 ? / dev (\S+)/.exec(output)?.[1] : undefined;
}

/** Where ip(8) is, also for a user whose PATH has no sbin. */
export function ipCommand(place: Place): string | undefined {
  return ['ip', '/usr/sbin/ip', '/sbin/ip'].map(place.findCommand).find((file) => file !== undefined);
}

/** Changes the network by ip(8). A failure says why in parentheses, as ip does. Rejects with the signal's reason. */
export async function change(place: Place, args: readonly string[], signal: AbortSignal): Promise<Result> {
  const { code, output } = await ip(place, args, signal);
  return code === 0 ? DONE : failed(inParentheses(output));
}

/** Runs ip(8). A missing ip is an answer like any other. Rejects with the signal's reason. */
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
