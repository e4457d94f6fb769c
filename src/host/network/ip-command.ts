import { reason } from '../../files/reason.ts';
import { IP_COMMAND_MS } from '../../model/limits.ts';
import type { System } from '../../system/system.ts';
import { inParentheses } from '../../words/printable.ts';

/** The device that packets to `address` (numeric) leave through, as the kernel routes them; `undefined`: it does not. */
export async function routeDevice(
  system: System,
  address: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { code, output } = await ip(system, ['-o', 'route', 'get', address], signal);
  return code === 0 ? / dev (\S+)/.exec(output)?.[1] : undefined;
}

/** Where ip(8) is, also for a user whose PATH has no sbin. */
export function ipCommand(system: System): string | undefined {
  return ['ip', '/usr/sbin/ip', '/sbin/ip'].map(system.findCommand).find((file) => file !== undefined);
}

/** Changes the network by ip(8); `null`, or why not as it says, in parentheses. Rejects with the signal's reason. */
export async function change(
  system: System,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  const { code, output } = await ip(system, args, signal);
  return code === 0 ? null : inParentheses(output);
}

/** Runs ip(8). A missing ip is an answer like any other. Rejects with the signal's reason. */
export async function ip(
  system: System,
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly code: number | null; readonly output: string }> {
  signal.throwIfAborted();
  const command = ipCommand(system);
  if (command === undefined) return { code: 127, output: 'ip was not found' };
  try {
    const result = await system.run(command, args, { env: system.env, timeoutMs: IP_COMMAND_MS, signal });
    signal.throwIfAborted();
    return result;
  } catch (error) {
    signal.throwIfAborted();
    return { code: 126, output: reason(error) };
  }
}
