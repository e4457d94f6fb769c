import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { until } from '../../support/until.ts';
import type { World, WorldProcess } from '../../support/world.ts';
import { deviceTowards, resolvConf } from './client.ts';
import type { Gateway } from './lab.ts';

const SUCCESS = /Configured as|Initialization Sequence Completed/;

/** A real VPN client that a person has started by hand on the client's host. */
export interface Client extends WorldProcess {
  /** All it has said. */
  said(): string;
  /** Resolves once it has said something; rejects if it ends before. */
  says(pattern: RegExp): Promise<void>;
  /** Resolves once it says that it is connected. */
  connected(): Promise<void>;
  /** Resolves once the inside is reached through it, and the host is as it then stays. */
  inside(): Promise<void>;
  /** Ends it the hard way, if it has not ended. */
  kill(): Promise<void>;
  /** Logs out and resolves with its exit status. */
  logOut(): Promise<number>;
}

/** Starts the gateway's own client, openconnect or openvpn, with its account or another password. */
export function logIn(world: World, gateway: Gateway, password = gateway.password): Client {
  const secrets = path.join(world.folder, `secrets-${gateway.name}`);
  const { kind, username } = gateway;
  writeFileSync(secrets, kind === 'ocserv' ? `${password}\n` : `${username}\n${password}\n`, { mode: 0o600 });
  const group = gateway.groups[0] === undefined ? [] : [`--authgroup=${gateway.groups[0]}`];
  const command =
    kind === 'ocserv'
      ? ['openconnect', '--no-dtls', '--passwd-on-stdin', `--user=${username}`, `--servercert=${gateway.pin}`]
          .concat(group)
          .concat(gateway.server)
      : ['openvpn', '--config', gateway.profile ?? '', '--auth-user-pass', secrets];
  const client = world.start(['sh', '-c', `exec "$@" <'${secrets}'`, 'sh', ...command]);
  let status: number | undefined;
  void client.ended.then((ended) => {
    status = ended;
  });
  const said = () => client.stdout() + client.stderr();
  const says = async (pattern: RegExp) => {
    await until(`the client says ${pattern}`, () => {
      if (pattern.test(said())) return true;
      if (status !== undefined)
        throw new Error(`it ended with ${status}, not having said ${pattern}: ${said()}`);
      return false;
    });
  };
  return {
    ...client,
    said,
    says,
    connected: () => says(SUCCESS),
    inside: async () => {
      await says(SUCCESS);
      await until('the route leads through the tunnel', () =>
        deviceTowards(world, gateway.internal)?.startsWith('tun'),
      );
      // The last thing that openconnect changes.
      await until(
        'resolv.conf is changed',
        () => kind !== 'ocserv' || resolvConf(world).includes('#@VPNC_GENERATED@'),
      );
    },
    kill: async () => {
      // It may end between a look and the signal.
      if (status === undefined) world.run(`kill -KILL ${client.pid()} 2>/dev/null || true`);
      await client.ended;
    },
    logOut: () => {
      client.signal('SIGINT');
      return client.ended;
    },
  };
}
