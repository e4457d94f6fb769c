import { listPids } from '../host/leftovers/list-pids.ts';
import { pingHost } from '../probe/ping.ts';
import { startDeadline } from '../system/deadline.ts';
import type { System } from '../system/system.ts';
import { printable } from '../words/printable.ts';
import { type Finding, missing, ok } from './finding.ts';

/** Time limit for ps, in ms: after that it hangs. */
const PS_TIMEOUT_MS = 8000;

/** Whether this user can ping: loopback always answers. */
export async function checkPing(system: System, signal: AbortSignal): Promise<Finding> {
  const machine = { place: system, redact: printable, force: signal };
  const settings = { count: 1, timeout: 3, family: 'auto', maxLoss: 100 } as const;
  const result = await pingHost('127.0.0.1', settings, machine, signal);
  if (result.outcome === 'ok') return ok('ping: works (127.0.0.1 answers)');
  if (result.cause === 'ping-missing') {
    return missing(`ping: ${result.detail}`, 'Debian, Ubuntu: apt-get install iputils-ping');
  }
  if (result.cause === 'ping-not-started') {
    return missing(`ping: ${result.detail}`, 'look at TasksMax=, LimitNOFILE=, ulimit -a and kernel.pty.max');
  }
  return missing(
    `ping: ${result.detail}`,
    'may this user ping? As a service: AmbientCapabilities=CAP_NET_RAW, or sysctl net.ipv4.ping_group_range',
  );
}

/** Whether ps lists the processes. */
export async function checkPs(system: System, signal: AbortSignal): Promise<Finding> {
  const deadline = startDeadline(system, PS_TIMEOUT_MS, signal);
  try {
    const pids = await listPids(system, deadline);
    if (pids.ok) return ok(`ps: works (${pids.value.length} processes)`);
    const remedy = deadline.expired()
      ? 'a process of this host is stuck (state D) or the host is overloaded: does ps hang in a shell too?'
      : 'Debian, Ubuntu: apt-get install procps';
    return missing(`ps: ${pids.why}`, remedy);
  } finally {
    deadline.end();
  }
}
