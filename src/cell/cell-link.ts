import { reason } from '../files/reason.ts';
import { IP_COMMAND_MS } from '../model/limits.ts';
import { DONE, failed, type Result } from '../model/result.ts';
import type { System } from '../system/system.ts';
import { printableLine } from '../words/printable.ts';
import { subnetOf } from './cell-names.ts';

const FORWARDING = '/proc/sys/net/ipv4/ip_forward';

/** Runs a program of the host that reads commands from `input`. */
async function feed(
  system: System,
  name: string,
  args: readonly string[],
  input?: string,
): Promise<Result<string>> {
  const file = system.findCommand(name);
  if (file === undefined) return failed(`the command ${name} is missing`);
  try {
    const options = { env: system.env, timeoutMs: IP_COMMAND_MS, ...(input === undefined ? {} : { input }) };
    const { code, output } = await system.run(file, args, options);
    if (code === 0) return { ok: true, value: output };
    return failed(`${name}: ${printableLine(output) || 'did not end in time'}`);
  } catch (error) {
    return failed(`${name} can't be started: ${reason(error)}`);
  }
}

/** Connects the network of a process to the host's by a pair of virtual devices: `link` here, `eth0` there. */
export async function addLink(system: System, link: string, address: string, init: number): Promise<Result> {
  const lines = [
    `link add ${link} type veth peer name eth0 netns ${init}`,
    `addr add ${address}/30 dev ${link}`,
    `link set ${link} up`,
  ];
  const added = await feed(system, 'ip', ['-batch', '-'], `${lines.join('\n')}\n`);
  return added.ok ? DONE : failed(`a cell can't be connected: ${added.why}`);
}

/** Removes a device of this host. */
export async function removeLink(system: System, link: string): Promise<Result> {
  const removed = await feed(system, 'ip', ['link', 'del', link]);
  return removed.ok ? DONE : removed;
}

/** What a cell sends to find out whether the firewall lets it pass goes to a port of an address for documentation (RFC 5737). */
export const TRIAL = { address: '192.0.2.1', port: 9 } as const;

/** Adds a table that masquerades what cells of a block send to other hosts, and drops {@link TRIAL} packets. Replaces an earlier one. */
export async function addTable(system: System, table: string, block: number): Promise<Result> {
  // Between cells nothing is masqueraded. An empty table is made first: one that does not exist can't be deleted.
  const rules = `table ip ${table}
delete table ip ${table}
table ip ${table} {
  chain leaving {
    type nat hook postrouting priority 100;
    ip saddr ${subnetOf(block)} oifname != "vc*" masquerade
  }
  chain trial {
    type filter hook postrouting priority 90;
    ip saddr ${subnetOf(block)} ip daddr ${TRIAL.address} udp dport ${TRIAL.port} counter drop
  }
}
`;
  const added = await feed(system, 'nft', ['-f', '-'], rules);
  return added.ok ? DONE : failed(`the addresses of cells can't be masqueraded: ${added.why}`);
}

/** Removes a table of {@link addTable}. */
export async function removeTable(system: System, table: string): Promise<Result> {
  const removed = await feed(system, 'nft', ['delete', 'table', 'ip', table]);
  return removed.ok ? DONE : removed;
}

/** Whether {@link TRIAL} packets of the cells of a block have passed the firewall of this host. */
export async function hasPassed(system: System, table: string): Promise<boolean> {
  const listed = await feed(system, 'nft', ['list', 'chain', 'ip', table, 'trial']);
  return listed.ok && /counter packets [1-9]/.test(listed.value);
}

/** The ways out of this host: whether it has a route to {@link TRIAL}, and whether it has a default route for IPv6. */
export async function waysOut(system: System): Promise<{ readonly ipv4: boolean; readonly ipv6: boolean }> {
  const [ipv4, ipv6] = await Promise.all([
    feed(system, 'ip', ['-4', 'route', 'get', TRIAL.address]),
    feed(system, 'ip', ['-6', 'route', 'show', 'default']),
  ]);
  return { ipv4: ipv4.ok, ipv6: ipv6.ok && ipv6.value.trim() !== '' };
}

/** The names of all IPv4 tables of nft. */
export async function tables(system: System): Promise<readonly string[]> {
  const listed = await feed(system, 'nft', ['list', 'tables', 'ip']);
  return listed.ok ? [...listed.value.matchAll(/^table ip (\S+)$/gm)].map(([, name = '']) => name) : [];
}

/** All rules of nft, also those of iptables-nft, as text; empty if they can't be read. */
export async function ruleset(system: System): Promise<string> {
  const listed = await feed(system, 'nft', ['list', 'ruleset']);
  return listed.ok ? listed.value : '';
}

/** Lets this host forward packets, as cells need it. The value is whether it did not before. */
export function startForwarding(system: System): Result<boolean> {
  const seen = system.readFile(FORWARDING);
  if (seen.state === 'read' && seen.text.trim() === '1') return { ok: true, value: false };
  try {
    system.files.writeFileSync(FORWARDING, '1\n');
    return { ok: true, value: true };
  } catch (error) {
    return failed(`${FORWARDING} is 0 and can't be set: ${reason(error)}`);
  }
}
