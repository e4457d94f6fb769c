import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Gateway } from './lab.ts';
import { HANGS_FILE, REFUSED_FILE } from './server.ts';

/** Puts a fault right again. */
export type Mend = () => Promise<void>;
/** Makes something wrong at a gateway, at once. */
export type Fault = (gateway: Gateway) => Mend;

/** Nothing gets to the gateway or comes from it. */
export const linkDown: Fault = (gateway) => {
  gateway.run('ip link set wan down');
  return async () => {
    // The default route went with the link.
    gateway.run('sh -c "ip link set wan up && ip route add default via 10.77.0.1"');
  };
};

/** Pings of the external address get no answer. */
export const pingsDropped: Fault = (gateway) =>
  filtered(gateway, 'pings_dropped', `ip daddr ${gateway.external} icmp type echo-request counter drop`);

/** Log-ins are refused at once: a reset over TCP, an ICMP message over UDP. */
export const portRefused: Fault = (gateway) =>
  filtered(
    gateway,
    'port_refused',
    `tcp dport ${gateway.port} reject with tcp reset`,
    `udp dport ${gateway.port} reject`,
  );

/** Log-ins get no answer, not even a refusal. */
export const portSilent: Fault = (gateway) =>
  filtered(gateway, 'port_silent', `meta l4proto { tcp, udp } th dport ${gateway.port} counter drop`);

/** Pings of the internal address get no answer. */
export const insideDropped: Fault = (gateway) =>
  filtered(gateway, 'inside_dropped', `ip daddr ${gateway.internal} icmp type echo-request counter drop`);

/** Loses packets on their way in, at random. */
export const loss =
  (percent: number): Fault =>
  (gateway) =>
    filtered(gateway, 'loss', `numgen random mod 100 < ${percent} counter drop`);

/**
 * The server stops in its tracks: the kernel still accepts a TCP connection, nothing answers over it (before a log-in
 * that is a hang in TLS, while connected a dead peer).
 */
export const serverFrozen: Fault = (gateway) => {
  signal(gateway, 'STOP');
  return async () => signal(gateway, 'CONT');
};

/** The right password is followed by silence; a wrong one is still rejected by an ocserv. */
export const loginHangs: Fault = (gateway) => marked(gateway, HANGS_FILE);

/** The right password lets nobody in: an ocserv refuses the session, an OpenVPN server the log-in. */
export const loginRefused: Fault = (gateway) => marked(gateway, REFUSED_FILE);

/** The server is killed, all its sessions with it. Mending starts it again. */
export const serverKilled: Fault = (gateway) => {
  for (let looks = 0; gateway.pids().length > 0; looks += 1) {
    if (looks === 100) throw new Error(`the server of ${gateway.name} can't be killed`);
    signal(gateway, 'KILL');
  }
  return () => gateway.start();
};

function filtered(gateway: Gateway, chain: string, ...rules: readonly string[]): Mend {
  gateway.run(`nft 'table inet lab {
    chain ${chain} {
      type filter hook input priority 0
      ${rules.join('\n')}
    }
  }'`);
  return async () => {
    gateway.run(`nft 'delete chain inet lab ${chain}'`);
  };
}

function marked(gateway: Gateway, name: string): Mend {
  const file = path.join(gateway.folder, name);
  writeFileSync(file, '');
  return async () => rmSync(file);
}

function signal(gateway: Gateway, name: string): void {
  // One of them may have ended since it was looked up.
  for (const pid of gateway.pids()) gateway.run(`kill -${name} ${pid} 2>/dev/null || true`);
}
