/** What systemd sets in the environment of a service of Type=notify. */
export interface ServiceEnvironment {
  /** Path of a socket, or its abstract name with a leading `@`. */
  readonly socket: string;
  /** How long the service may send nothing before systemd ends it, in ms; `null`: there is no watchdog. */
  readonly watchdogMs: number | null;
}

/**
 * Reads what systemd has set (sd_notify(3), sd_watchdog_enabled(3)) and removes it from `env`: a VPN client that inherits it and
 * notifies systemd would speak for the monitor.
 *
 * @param pid of this process: a watchdog for another process is ignored.
 * @returns `undefined` if no service manager is listening.
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
