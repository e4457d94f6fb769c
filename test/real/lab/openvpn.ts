import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import path from 'node:path';
import { certificate, makeCertificate } from './certificate.ts';
import type { GatewayOptions } from './lab.ts';
import type { Place } from './network.ts';
import { type Account, CODE_SECRET, HANGS_FILE, REFUSED_FILE, type Server } from './server.ts';

/** Where an OpenVPN server listens. */
export const OPENVPN_PORT = 1194;
/** Judges passwords and one-time codes; see there. */
const CODE_VERIFIER = path.join(import.meta.dirname, 'verify-code.mjs');
/** How long the server's management interface may take to answer, in ms. */
const ANSWER_MS = 10_000;

/** An OpenVPN server over TCP or UDP that asks for a username and a password only. */
export function openvpn(
  at: Place,
  folder: string,
  { username }: Account,
  protocol: 'tcp' | 'udp',
  code?: GatewayOptions['code'],
): Server {
  const config = `
local ${at.external}
port ${OPENVPN_PORT}
proto ${protocol === 'tcp' ? 'tcp-server' : 'udp'}
dev tun
topology subnet
server ${at.pool}.0 255.255.255.0
push "route ${at.inner}.0 255.255.255.0"
keepalive 2 10
ca ${folder}/certificate.pem
cert ${folder}/certificate.pem
key ${folder}/key.pem
dh none
verify-client-cert none
username-as-common-name
duplicate-cn
script-security 2
auth-user-pass-verify ${folder}/verify via-file
management ${folder}/management unix
verb 3
`;
  // Exit status 2 leaves the verdict open: this client waits for it, and the server goes on serving the others.
  const verify = `#!/bin/sh
echo attempt >>'${folder}/attempts'
[ -e '${folder}/${HANGS_FILE}' ] && exit 2
[ -e '${folder}/${REFUSED_FILE}' ] && exit 1
${code === undefined ? `exec cmp -s "$1" '${folder}/account'` : `exec '${process.execPath}' '${CODE_VERIFIER}' "$1" '${folder}' '${CODE_SECRET.hex}' ${code}`}`;
  return {
    prepare: `
cat >'${folder}/config' <<'END'
${config}
END
cat >'${folder}/verify' <<'END'
${verify}
END
chmod 755 '${folder}/verify'
printf '%s\\n%s\\n' '${username}' "$PASSWORD" >'${folder}/account'
${makeCertificate(folder, at.external)}`,
    command: `openvpn --config '${folder}/config'`,
    ready: /Initialization Sequence Completed/,
    attempts: () => {
      const file = `${folder}/attempts`;
      return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
    },
    kick: async (user) => {
      const socket = `${folder}/management`;
      const sessions = await manage(socket, 'status 2', /^END\r?$/m);
      // Client ID is the 11th column, after the username.
      const pattern = new RegExp(`^CLIENT_LIST,${user},.*,${user},(\\d+),`, 'gm');
      const ids = [...sessions.matchAll(pattern)].map((match) => match[1]);
      if (ids.length === 0) throw new Error(`${user} has no session: ${sessions}`);
      // As against `kill`, this tells the client.
      for (const id of ids) await manage(socket, `client-kill ${id}`, /^SUCCESS: .*$/m);
    },
  };
}

/** Writes the client's profile, which knows nothing but the gateway: it prompts for username and password. */
export function writeProfile(
  file: string,
  at: Place,
  folder: string,
  protocol: 'tcp' | 'udp',
  code?: GatewayOptions['code'],
): void {
  writeFileSync(
    file,
    `client
dev tun
proto ${protocol}
remote ${at.external} ${OPENVPN_PORT}
nobind
auth-user-pass
auth-nocache
remote-cert-tls server
${code === 'static' ? 'static-challenge "Enter the code of your token" 1' : ''}
<ca>
${certificate(folder)}</ca>
`,
  );
}

/** Sends the server a line and resolves with its answer, which ends as `end` says. */
function manage(socket: string, command: string, end: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const connection = createConnection(socket);
    connection.setTimeout(ANSWER_MS, () => connection.destroy(new Error(`no answer to ${command}: ${said}`)));
    connection.on('error', reject);
    connection.on('data', (data) => {
      said += data;
      if (!end.test(said)) return;
      connection.end('quit\n');
      resolve(said);
    });
    connection.write(`${command}\n`);
  });
}
