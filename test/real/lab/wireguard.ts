import type { World } from '../../support/world.ts';
import { inNamespace, type Place } from './network.ts';
import type { Server } from './server.ts';

/** Where a WireGuard gateway listens, UDP. */
export const WIREGUARD_PORT = 51_820;

/** The interfaces of the client, for each gateway: one that works, and others that do not. */
export function interfacesOf({ name }: Pick<Place, 'name'>) {
  return { good: `c-${name}`, wrongKey: `k-${name}`, unresolved: `r-${name}` };
}

/** A WireGuard gateway in user space. It writes the configs of {@link interfacesOf} into the /etc/wireguard of the client's host. */
export function wireguard(world: Pick<World, 'run'>, at: Place, folder: string): Server {
  // All namespaces of a world share /run, where the sockets of the interfaces are.
  const device = `s-${at.name}`;
  const { good, wrongKey, unresolved } = interfacesOf(at);
  const config = (name: string, key: string, host: string) => `cat >/etc/wireguard/${name}.conf <<END
[Interface]
PrivateKey = $(cat '${folder}/${key}')
Address = ${at.pool}.2/32
[Peer]
PublicKey = $(wg pubkey <'${folder}/server')
Endpoint = ${host}:${WIREGUARD_PORT}
AllowedIPs = ${at.inner}.0/24
END`;
  const start = `#!/bin/sh
wireguard-go -f ${device} &
until wg setconf ${device} '${folder}/config' 2>/dev/null; do sleep 0.02; done
ip addr add ${at.pool}.1/24 dev ${device}
ip link set ${device} up
echo ready
wait`;
  return {
    prepare: `
umask 077
mkdir -p /etc/wireguard
for key in server client another; do wg genkey >'${folder}/'$key; done
cat >'${folder}/config' <<END
[Interface]
PrivateKey = $(cat '${folder}/server')
ListenPort = ${WIREGUARD_PORT}
[Peer]
PublicKey = $(wg pubkey <'${folder}/client')
AllowedIPs = ${at.pool}.2/32
END
${config(good, 'client', at.external)}
${config(wrongKey, 'another', at.external)}
${config(unresolved, 'client', 'gateway.invalid')}
cat >'${folder}/start' <<'END'
${start}
END
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=none -keyout '${folder}/key.pem' -out '${folder}/certificate.pem' 2>/dev/null`,
    command: `sh '${folder}/start'`,
    ready: /^ready$/m,
    attempts: () => 0,
    kick: async () => {
      const remove = `wg set ${device} peer "$(wg pubkey <'${folder}/client')" remove`;
      world.run(inNamespace(at.name, `sh -c '${remove.replaceAll("'", "'\\''")}'`));
    },
  };
}
