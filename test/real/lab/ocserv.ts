import { readFileSync } from 'node:fs';
import type { World } from '../../support/world.ts';
import { makeCertificate } from './certificate.ts';
import type { GatewayOptions } from './lab.ts';
import { inNamespace, type Place } from './network.ts';
import { type Account, CODE_SECRET, HANGS_FILE, REFUSED_FILE, type Server } from './server.ts';

/** Where ocserv listens, TCP and UDP. */
export const OCSERV_PORT = 443;

/** Shell text that makes the certificate of a user, and its key, also with a pass phrase and as PKCS#12: $PASSWORD. */
function userCertificate(folder: string, username: string): string {
  return `cd '${folder}'
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=${username}' -keyout user-key.pem -out user.pem 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=${username}' -keyout other-key.pem -out other.pem 2>/dev/null
openssl pkcs8 -topk8 -in user-key.pem -out user-key-closed.pem -passout env:PASSWORD
openssl pkcs12 -export -in user.pem -inkey user-key.pem -out user.p12 -passout env:PASSWORD`;
}

/** Shell text that writes the PAM service of ocserv, for the only gateway of a world that has one: $PASSWORD, then a code. */
function pamService(folder: string, withCode: boolean): string {
  return `printf '%s' "$PASSWORD" >'${folder}/password'
cat >'${folder}/judge' <<'END'
#!/bin/sh
read -r typed
[ "$typed" = "$(cat '${folder}/password')" ]
END
chmod 755 '${folder}/judge'
cat >/etc/pam.d/ocserv <<'END'
auth requisite pam_exec.so quiet expose_authtok ${folder}/judge
${withCode ? `auth required pam_oath.so usersfile=${folder}/codes window=20 digits=6` : ''}
account required pam_permit.so
END`;
}

/** openconnect's gateway; `groups` are asked for before the username if there are any. */
export function ocserv(
  world: Pick<World, 'run'>,
  at: Place,
  folder: string,
  { username }: Account,
  groups: readonly string[],
  { code, certificate, pam, lines = '' }: Pick<GatewayOptions, 'code' | 'certificate' | 'pam' | 'lines'> = {},
): Server {
  const plain = [
    ...(code === 'alone' ? [] : [`passwd=${folder}/passwords`]),
    ...(code === undefined ? [] : [`otp=${folder}/codes`]),
  ];
  const auth = pam === true ? 'auth = "pam"' : `auth = "plain[${plain.join(',')}]"`;
  const config = `
${certificate === true ? `auth = "certificate"\nca-cert = ${folder}/user.pem\ncert-user-oid = 2.5.4.3` : auth}
listen-host = ${at.external}
tcp-port = ${OCSERV_PORT}
udp-port = ${OCSERV_PORT}
run-as-user = root
run-as-group = root
isolate-workers = false
socket-file = ${folder}/worker.sock
pid-file = ${folder}/pid
use-occtl = true
occtl-socket-file = ${folder}/occtl.sock
server-cert = ${folder}/certificate.pem
server-key = ${folder}/key.pem
max-clients = 0
max-same-clients = 0
max-ban-score = 0
rate-limit-ms = 0
auth-timeout = 240
cookie-timeout = 300
keepalive = 300
dpd = 10
device = vpns
ipv4-network = ${at.pool}.0/24
ping-leases = false
dns = ${at.internal}
route = ${at.inner}.0/24
connect-script = ${folder}/connect
log-level = 3
${groups.map((group) => `select-group = ${group}\n`).join('')}${lines}`;
  const connect = `#!/bin/sh
[ -e '${folder}/${REFUSED_FILE}' ] && exit 1
while [ -e '${folder}/${HANGS_FILE}' ]; do sleep 0.1; done
exit 0`;
  const groupOption = groups.length > 0 ? `-g '${groups.join(',')}'` : '';
  return {
    prepare: `
cat >'${folder}/config' <<'END'
${config}
END
cat >'${folder}/connect' <<'END'
${connect}
END
chmod 755 '${folder}/connect'
printf '%s\\n%s\\n' "$PASSWORD" "$PASSWORD" | ocpasswd -c '${folder}/passwords' ${groupOption} '${username}' >/dev/null
${certificate === true ? userCertificate(folder, username) : ''}
${pam === true ? pamService(folder, code !== undefined) : ''}
printf 'HOTP/T30 ${username} - ${CODE_SECRET.hex}\\n' >'${folder}/codes'
${makeCertificate(folder, at.external)}`,
    command: `ocserv -f -c '${folder}/config'`,
    ready: /listening/,
    attempts: () => readFileSync(`${folder}/log`, 'utf8').match(/sec-mod: auth cont for user/g)?.length ?? 0,
    kick: async (user) => {
      world.run(inNamespace(at.name, `occtl -s '${folder}/occtl.sock' disconnect user '${user}'`));
    },
  };
}
