import { DONE, failed, good, type Result } from '../model/result.ts';
import type { Attendant } from '../system/attendant.ts';
import { startDeadline, unlessAborted } from '../system/deadline.ts';
import type { System } from '../system/system.ts';
import { printableLine } from '../words/printable.ts';
import type { CellNetwork, Connection, Step } from './cell-network.ts';
import { remedyForUserNamespaces } from './user-namespaces.ts';

/** Not its own 10.0.2.0/24, which the inside of a VPN may have too. */
const NETWORK = '169.254.1.0/24';
/** Where slirp4netns answers for the name servers of the host, also those on its loopback. */
const NAME_SERVER = '169.254.1.3';

/** How long a killed slirp4netns may need to end, in ms. Usually some ms. */
const GONE_MS = 1000;

/** For ordinary users: a process beside each cell (slirp4netns) sends what its programs send. It needs no rights for that. */
export class SlirpNetwork implements CellNetwork {
  readonly programs = new Map([['slirp4netns', 'slirp4netns']]);
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
  }

  async prepare(): Promise<Step> {
    return DONE;
  }

  async tryWayOut(): Promise<Step> {
    // slirp4netns sends as any program of the host.
    return DONE;
  }

  words(): string {
    return 'connected by slirp4netns';
  }

  remedy(): string {
    return remedyForUserNamespaces(this.#system);
  }

  async connection(): Promise<Result<Connection>> {
    const system = this.#system;
    let slirp: Attendant | undefined;
    return good({
      resolvConf: slirpResolvConf(system),
      inside: [],
      connect: async (init, signal) => {
        const [setpriv, command] = ['setpriv', 'slirp4netns'].map(system.findCommand);
        if (setpriv === undefined || command === undefined) {
          return failed('the commands setpriv and slirp4netns are missing');
        }
        // It ends with the monitor by two ways: its stdin is a pipe from it, and the kernel kills it.
        const options = ['--configure', '--mtu=1500', '--disable-host-loopback', `--cidr=${NETWORK}`];
        const args = ['--pdeathsig', 'KILL', command, ...options, '-e', '0', '-r', '1', `${init}`, 'eth0'];
        slirp = system.attend(setpriv, args, system.env);
        if ((await unlessAborted(slirp.nextOutput(), signal)) !== undefined) return DONE;
        return failed(
          `a cell can't be connected: slirp4netns: ${printableLine(slirp.complaint()) || 'it ended'}`,
        );
      },
      close: () => (slirp === undefined ? Promise.resolve(DONE) : ended(slirp, system)),
    });
  }

  async close(): Promise<void> {}
}

/** Ends a slirp4netns, and waits until it has ended. */
async function ended(slirp: Attendant, system: System): Promise<Result> {
  if (slirp.pid !== undefined) system.kill(slirp.pid, 'SIGKILL');
  const closing = startDeadline(system, GONE_MS, new AbortController().signal);
  try {
    await unlessAborted(slirp.ended, closing.signal);
    return DONE;
  } catch {
    return failed(`slirp4netns with process ${slirp.pid} did not end within ${GONE_MS / 1000} s`);
  } finally {
    closing.end();
  }
}

/** The resolv.conf of the host, with slirp4netns as the only name server: it asks those of the host. */
export function slirpResolvConf(host: Pick<System, 'readFile'>): string {
  const own = host.readFile('/etc/resolv.conf');
  const lines = own.state === 'read' ? own.text.trimEnd().split('\n') : [];
  return `${[...lines.filter((line) => !/^\s*nameserver\s/.test(line)), `nameserver ${NAME_SERVER}`].join('\n').trimStart()}\n`;
}
