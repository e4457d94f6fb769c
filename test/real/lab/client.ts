import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { World } from '../../support/world.ts';

/** What a VPN client may change of its host, as text that two looks can be compared by. */
export interface HostState {
  /** Name, state and addresses of every network device. */
  readonly devices: readonly string[];
  /** Routes of the main table and routing rules, v4 and v6. */
  readonly routes: readonly string[];
  readonly resolvConf: string;
}

/** The shell text that prints what {@link readHostState} reads. */
export const PRINT_HOST_STATE =
  'ip -br address; echo; for v in 4 6; do ip -$v rule; ip -$v route; done; echo; cat /etc/resolv.conf';

/** What {@link PRINT_HOST_STATE} has printed. */
export function readHostState(printed: string): HostState {
  const [devices = '', routes = '', ...resolvConf] = printed.split('\n\n');
  return { devices: lines(devices), routes: lines(routes).sort(), resolvConf: resolvConf.join('\n\n') };
}

/** The state of the client's host. */
export function hostState(world: World): HostState {
  return readHostState(world.run(PRINT_HOST_STATE));
}

/** The world's own /etc/resolv.conf. */
export function resolvConf(world: World): string {
  return readFileSync(`${world.view}/etc/resolv.conf`, 'utf8');
}

/** Through which device the client's host would send to an address now; `undefined` if it has no route. */
export function deviceTowards(world: World, address: string): string | undefined {
  const [route] = JSON.parse(world.run(`ip -j route get ${address} 2>/dev/null || echo '[]'`));
  return route?.dev;
}

/** A process of the client's host. */
export interface HostProcess {
  /** As seen inside the world. */
  readonly pid: number;
  readonly name: string;
  readonly args: readonly string[];
}

/** All that runs on the client's host: not the gateways' processes, and not what holds the world up. */
export function hostProcesses(world: World): HostProcess[] {
  const own = networkOf(world, 1);
  return readdirSync(`${world.view}/proc`)
    .map(Number)
    .filter((pid) => pid > 1 && networkOf(world, pid) === own)
    .map((pid) => describe(world, pid))
    .filter((process) => process !== undefined)
    .filter(({ args }) => args.join(' ') !== 'sleep 1000');
}

function networkOf(world: World, pid: number): string | undefined {
  try {
    return readlinkSync(`${world.view}/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

function describe(world: World, pid: number): HostProcess | undefined {
  try {
    const folder = `${world.view}/proc/${pid}`;
    return {
      pid,
      name: readFileSync(`${folder}/comm`, 'utf8').trim(),
      args: readFileSync(`${folder}/cmdline`, 'utf8').split('\0').slice(0, -1),
    };
  } catch {
    return undefined;
  }
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}
