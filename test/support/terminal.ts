import type { MonitoredWorld } from './monitored-world.ts';
import { until } from './until.ts';
import { installScript, type WorldProcess } from './world.ts';

/** A monitor on a terminal. What it shows there is its `stdout`, with all escape sequences. */
export interface TerminalProcess extends WorldProcess {
  /** Takes the terminal away, as a closed window does: the kernel sends SIGHUP, and writes to it fail with EIO. */
  closeTerminal(): void;
}

/** How a terminal is made. */
export interface TerminalOptions {
  readonly columns?: number;
  /** In a session of its own: the end of the terminal then sends no SIGHUP. */
  readonly ownSession?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts `vpn-monitor ARGS` on a terminal of its own, 80 columns wide unless said. */
export async function onTerminal(
  world: MonitoredWorld,
  args: readonly string[],
  { columns = 80, ownSession = false, env = {} }: TerminalOptions = {},
): Promise<TerminalProcess> {
  installScript(
    world,
    'on-terminal',
    `#!/bin/sh
# on-terminal PIDFILE COLUMNS PROGRAM ARGS...
pidfile=$1 columns=$2 command=; shift 2
for word; do command="$command '$word'"; done
exec script -qec "stty cols $columns rows 24;${ownSession ? ' setsid -w' : ''} sh -c 'echo \\$\\$ >$pidfile; exec "\\$@"' sh $command" /dev/null
`,
  );
  const pidFile = `terminal-${Math.random()}`;
  const script = world.monitor(args, { TERM: 'xterm-256color', ...env }, [
    'on-terminal',
    world.at(pidFile),
    String(columns),
  ]);
  const pid = await until('the terminal is there', () => Number(world.read(pidFile)));
  return {
    ...script,
    pid: () => pid,
    signal: (name) => void world.run(`kill -${name.slice(3)} ${pid}`),
    closeTerminal: () => script.signal('SIGKILL'),
  };
}
