import type { World } from '../../support/world.ts';
import { makeCertificate } from './certificate.ts';
import { inNamespace, type Place } from './network.ts';
import type { Account, Server } from './server.ts';

/** Where an IKE gateway listens, UDP: charon-cmd uses the port for NAT from the start, vpnc begins at 500. */
export const IKE_PORT = 4500;
/** The group of clients of IKEv1, and its password. */
export const GROUP = { name: 'staff', password: 'gr0up-psk' } as const;

/** The strongswan.conf of the client's host. The client's ESP is in user space, as the gateway's: not every kernel has it. */
export const CLIENT_CONF = `charon-cmd { plugins {
  bypass-lan { load = no }
  tpm { load = no }
} }
`;

const PLUGINS = [
  'random nonce openssl aes sha1 sha2 md5 md4 hmac kdf gmp des gcrypt pem pkcs1 pkcs8 x509 pubkey revocation constraints',
  'kernel-libipsec kernel-netlink socket-default vici eap-identity eap-mschapv2 xauth-generic updown attr resolve unity',
].join(' ');

/**
 * A strongSwan gateway: IKEv2 with EAP for charon-cmd, and IKEv1 (aggressive mode, a group password and XAuth) for vpnc. ESP is in user
 * space at both ends, since not every kernel has it.
 */
export function strongswan(
  world: Pick<World, 'run'>,
  at: Place,
  folder: string,
  { username, password }: Account,
): Server {
  const secret = password.replaceAll(/["\\]/g, '\\$&');
  const socket = `unix://${folder}/vici`;
  const config = `charon {
  i_dont_care_about_security_and_use_aggressive_mode_psk = yes
  cisco_unity = yes
  load_modular = no
  load = ${PLUGINS}
  plugins {
    vici { socket = ${socket} }
    kernel-libipsec { allow_peer_ts = yes }
  }
  filelog { log {
    path = ${folder}/charon.log
    default = 1
    flush_line = yes
  } }
  pid_file = ${folder}/charon.pid
}
swanctl { load = random openssl pem x509 pkcs1 pkcs8 pubkey }`;
  const connections = `connections {
  ikev2 {
    version = 2
    local_addrs = ${at.external}
    pools = pool
    proposals = aes256-sha256-modp2048,default
    send_cert = always
    local {
      auth = pubkey
      certs = certificate.pem
      id = ${at.external}
    }
    remote {
      auth = eap-mschapv2
      eap_id = %any
    }
    children { inside {
      local_ts = ${at.inner}.0/24
      esp_proposals = aes256-sha256,default
    } }
  }
  ikev1 {
    version = 1
    aggressive = yes
    local_addrs = ${at.external}
    pools = pool
    proposals = aes128-sha1-modp1024,aes256-sha1-modp1024,3des-sha1-modp1024
    local {
      auth = psk
      id = ${at.external}
    }
    remote {
      auth = psk
      id = keyid:${GROUP.name}
    }
    remote-xauth { auth = xauth-generic }
    children { all {
      local_ts = 0.0.0.0/0
      esp_proposals = aes128-sha1,aes256-sha1,3des-sha1
    } }
  }
}
pools { pool {
  addrs = ${at.pool}.0/24
  dns = ${at.internal}
} }
secrets {
  eap-user {
    id = ${username}
    secret = "${secret}"
  }
  xauth-user {
    id = ${username}
    secret = "${secret}"
  }
  ike-group { secret = "${GROUP.password}" }
}`;
  const start = `#!/bin/sh
export STRONGSWAN_CONF='${folder}/strongswan.conf' SWANCTL_DIR='${folder}/swanctl'
/usr/sbin/charon-systemd &
until [ -S '${folder}/vici' ]; do sleep 0.02; done
swanctl --load-all --uri ${socket} && echo ready
wait`;
  return {
    prepare: `
${makeCertificate(folder, at.external)}
mkdir -p '${folder}/swanctl/x509' '${folder}/swanctl/private'
cp '${folder}/certificate.pem' '${folder}/swanctl/x509/'
cp '${folder}/key.pem' '${folder}/swanctl/private/'
cat >'${folder}/strongswan.conf' <<'END'
${config}
END
cat >'${folder}/swanctl/swanctl.conf' <<'END'
${connections}
END
cat >'${folder}/profile' <<'END'
IPSec gateway ${at.external}
IPSec ID ${GROUP.name}
IPSec secret ${GROUP.password}
IKE Authmode psk
END
cat >'${folder}/wrong-profile' <<'END'
IPSec gateway ${at.external}
IPSec ID ${GROUP.name}
IPSec secret another
IKE Authmode psk
END
cat >'${folder}/start' <<'END'
${start}
END`,
    command: `sh '${folder}/start'`,
    ready: /^ready$/m,
    attempts: () => 0,
    kick: async () => {
      const end = (ike: string) => inNamespace(at.name, `swanctl --terminate --ike ${ike} --uri ${socket}`);
      world.run(
        `export SWANCTL_DIR='${folder}/swanctl' STRONGSWAN_CONF='${folder}/strongswan.conf'; ${end('ikev2')} >/dev/null 2>&1 || ${end('ikev1')}`,
      );
    },
  };
}
