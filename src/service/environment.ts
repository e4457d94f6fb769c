/** Where this program's service manager wants to hear of it: what systemd sets for a service of Type=notify. */
export interface ServiceEnvironment {
  /** Path of a socket, or its abstract name with a leading `@`. */
  readonly socket: string;
  /** How long the service may be silent before it is ended, in ms; `null`: as long as it likes. */
  readonly watchdogMs: number | null;
}

/**
 * Takes what systemd has set (sd_notify(3), sd_watchdog_enabled(3)) out of `env`: no child may see it, or a VPN client that
 * notifies systemd itself would speak for the monitor.
 *
 * @param pid of this process: a watchdog that is meant for another one is none.
 * @returns `undefined` where nobody wants to hear.
 */
export function takeServiceEnvironment(
  env: Record<string, string | undefined>,
  pid: number,
): ServiceEnvironment | undefined {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: watched } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  if (socket === undefined || socket === '') return undefined;
  const ms = Number(usec ?? 0) / 1000;
  const meant = watched === undefined || Number(watched) === pid;
  return { socket, watchdogMs: meant && ms > 0 ? ms : null };
}
