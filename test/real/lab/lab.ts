import { mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { until } from '../../support/until.ts';
import { createWorld, type World } from '../../support/world.ts';
import { pin } from './certificate.ts';
import { inNamespace, layNetwork, type Place, place } from './network.ts';
import { OCSERV_PORT, ocserv } from './ocserv.ts';
import { OPENVPN_PORT, openvpn, writeProfile } from './openvpn.ts';
import type { Account, Server } from './server.ts';
import { type StandIn, standIn } from './stand-in.ts';
import { IKE_PORT, strongswan } from './strongswan.ts';
import { WIREGUARD_PORT, wireguard } from './wireguard.ts';

/** The account that every gateway of a lab knows, if no other is given. */
export const ACCOUNT: Account = { username: 'monitor', password: 'Gl0b#rt-Pa55/w"rd' };

/** The kinds of gateways. */
export type Kind = 'ocserv' | 'openvpn' | 'wireguard' | 'strongswan' | StandIn;

/** A gateway that is wanted. */
export interface GatewayOptions {
  readonly kind: Kind;
  /** The groups to choose from: ocserv only. */
  readonly groups?: readonly string[];
  /** ocserv only: asks for the certificate of the user, and for nothing else. */
  readonly certificate?: true;
  /**
   * Asks for a one-time code after the password. ocserv: in a second form, or alone. openvpn: by a challenge of the profile
   * (`static`) or of the server.
   */
  readonly code?: 'second-form' | 'alone' | 'static' | 'dynamic';
  /** ocserv only: PAM judges the password, and after it the code if there is one. */
  readonly pam?: true;
  /** Further lines of its server's config: ocserv only. */
  readonly lines?: string;
  /** What a stand-in plays: see its program. */
  readonly mode?: string;
  /** OpenVPN only; udp if left out. */
  readonly protocol?: 'tcp' | 'udp';
  /** The number (from 1) of the gateway whose inner subnet and address this one has too. */
  readonly innerOf?: number;
}

/** A real gateway, in a network namespace of its own. */
export interface Gateway extends Place, Account {
  readonly kind: Kind;
  /** The groups to choose from, if any. */
  readonly groups: readonly string[];
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** `EXTERNAL:PORT`. */
  readonly server: string;
  /** Its files: the same path inside and outside. */
  readonly folder: string;
  /** What openconnect's `--servercert` takes. */
  readonly pin: string;
  /** The client's .ovpn file; an ocserv has none. */
  readonly profile: string | undefined;
  /** Runs a shell command in its network namespace and returns its stdout. */
  run(command: string): string;
  /** Its processes, as seen inside the world. */
  pids(): number[];
  /** Starts its server; resolves when that takes log-ins. */
  start(): Promise<void>;
  /** Ends the sessions of a user (the lab's account) as an administrator does. */
  kick(username?: string): Promise<void>;
  /** How many passwords it has been given to judge, right ones and wrong ones. */
  attempts(): number;
  /** How many echo requests have come to its external and its internal address. */
  echoes(): { readonly outside: number; readonly inside: number };
  /** What its server has logged. */
  log(): string;
}

/** Real gateways, and the client's host that reaches them: the network of `world` itself. */
export interface Lab<W extends World = World> {
  readonly world: W;
  readonly gateways: readonly Gateway[];
  /** The pid, outside, of the world's first process: `nsenter -t PID --pid --mount --net` leads to the client's host. */
  readonly init: number;
  /** What to put before a command line to run it on the client's host from outside, on a pty for instance. */
  readonly enter: readonly string[];
  /** Ends everything, and removes the folder. */
  end(): Promise<void>;
}

/** Brings up real gateways in a world, which is then the lab's: it ends with it. See {@link labUnavailable} first. */
export async function createLab<W extends World = World>(
  wanted: readonly GatewayOptions[],
  world: W = createWorld() as W,
  account: Account = ACCOUNT,
): Promise<Lab<W>> {
  const init = Number(/^\/proc\/(\d+)\/root$/.exec(world.view)?.[1]);
  // First unshare, which would complain on stderr of its child's end.
  const pids = [parentOf(init), init];
  const end = async () => {
    await endWorld(pids, world.folder);
    world.end();
  };
  try {
    const places = wanted.map(({ innerOf }, index) => place(index + 1, innerOf));
    layNetwork(world, places);
    const gateways = wanted.map((options, index) => gateway(world, places[index] as Place, options, account));
    await Promise.all(gateways.map(({ start }) => start()));
    const enter = ['nsenter', '-t', String(init), '--pid', '--mount', '--net', '--'];
    return { world, gateways, init, enter, end };
  } catch (error) {
    await end();
    throw error;
  }
}

function gateway(world: World, at: Place, options: GatewayOptions, account: Account): Gateway {
  const folder = path.join(world.folder, at.name);
  mkdirSync(folder);
  const { kind, groups = [] } = options;
  const port = PORTS[kind] ?? OCSERV_PORT;
  const protocol = kind === 'openvpn' ? (options.protocol ?? 'udp') : port === OCSERV_PORT ? 'tcp' : 'udp';
  const server = serverOf(world, at, folder, account, options, protocol);
  world.run(`set -e\n${server.prepare}`, { PASSWORD: account.password });
  const profile = kind === 'openvpn' ? path.join(folder, 'client.ovpn') : undefined;
  if (profile !== undefined) writeProfile(profile, at, folder, protocol, options.code);
  const run = (command: string) => world.run(inNamespace(at.name, command));
  const logFile = path.join(folder, 'log');
  const pids = () => world.run(`ip netns pids ${at.name}`).split('\n').filter(Boolean).map(Number);
  return {
    ...at,
    ...account,
    kind,
    groups,
    port,
    protocol,
    server: `${at.external}:${port}`,
    folder,
    pin: pin(folder),
    profile,
    run,
    pids,
    start: async () => {
      const before = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
      run(`setsid -f ${server.command} </dev/null >>'${logFile}' 2>&1`);
      await until(`${at.name} takes log-ins`, () => {
        const said = readFileSync(logFile, 'utf8').slice(before);
        if (server.ready.test(said)) return true;
        if (pids().length === 0) throw new Error(`${at.name} did not start: ${said}`);
        return false;
      });
    },
    kick: (username = account.username) => server.kick(username),
    attempts: server.attempts,
    echoes: () => ({ outside: count(run, 'outside'), inside: count(run, 'inside') }),
    log: () => readFileSync(logFile, 'utf8'),
  };
}

const PORTS: Readonly<Partial<Record<Kind, number>>> = {
  openvpn: OPENVPN_PORT,
  wireguard: WIREGUARD_PORT,
  strongswan: IKE_PORT,
};

function serverOf(
  world: World,
  at: Place,
  folder: string,
  account: Account,
  options: GatewayOptions,
  protocol: 'tcp' | 'udp',
): Server {
  const { kind, groups = [], code, mode } = options;
  if (kind === 'ocserv') return ocserv(world, at, folder, account, groups, options);
  if (kind === 'openvpn') return openvpn(at, folder, account, protocol, code);
  if (kind === 'wireguard') return wireguard(world, at, folder);
  if (kind === 'strongswan') return strongswan(world, at, folder, account);
  return standIn(kind, at, folder, account, mode);
}

function count(run: (command: string) => string, counter: string): number {
  return Number(/packets (\d+)/.exec(run(`nft list counter inet lab ${counter}`))?.[1]);
}

/** The parent of a process whose name has no space. */
function parentOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[3]);
}

/** All processes of the world go with its first one; only then nothing is written to its folder any more. */
async function endWorld(pids: readonly number[], folder: string): Promise<void> {
  for (const pid of pids) {
    try {
      if (belongs(pid, folder)) process.kill(pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }
  await until('the world has ended', () => !pids.some((pid) => belongs(pid, folder)));
}

/** The folder, an argument of both, tells unshare and the world's first process from later ones with their pids. */
function belongs(pid: number, folder: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
  } catch {
    return false;
  }
}
