import { expect, test } from 'vitest';
import { openfortivpn } from '../../src/clients/openfortivpn.ts';
import { replay } from '../../src/probe/replay.ts';
import { siteOfTranscript } from '../../src/probe/replay-site.ts';
import { probeConfig } from '../support/probe.ts';
import { savedTranscript } from '../support/saved-transcript.ts';

const ASKED = ['VPN account password: ', { typed: 'password' }, '\r\n'] as const;
const CONNECTED = 'INFO:   Connected to gateway.\r\n\x1b[0;0m';
const TOKEN = [`${CONNECTED}Two-factor authentication token: `, { typed: 'totp' }, '\r\n'] as const;
const AUTHENTICATED = 'INFO:   Authenticated.\r\n\x1b[0;0m';
const REJECTED =
  '\x1b[0;31mERROR:  Could not authenticate to gateway. Please check the password, client certificate, etc.\r\n\x1b[0;0m';
const REFUSED = '\x1b[0;31mERROR:  connect: Connection refused\r\n\x1b[0;0m';
const UP = `${AUTHENTICATED}INFO:   Tunnel is up and running.\r\n\x1b[0;0m`;

/** What openfortivpn 1.19 printed at a stand-in (a tunnel and a refused tunnel: from its source), and what it comes to. */
test.each<[what: string, parts: Parameters<typeof savedTranscript>[1], comesTo: string, more?: string[]]>([
  ['a password', [...ASKED, CONNECTED, UP], 'ok'],
  ['a password and a code', [...ASKED, ...TOKEN, UP], 'ok'],
  [
    'a key with a pass phrase',
    [...ASKED, 'Enter PEM pass phrase:', { typed: 'key_password' }, '\r\n', CONNECTED, UP],
    'ok',
    ['--user-cert=a.pem'],
  ],
  [
    'a pass phrase that the site does not have',
    [...ASKED, 'Enter PEM pass phrase:'],
    'client-exited: the key of the certificate has a pass phrase: set key_password',
    ['--user-cert=a.pem'],
  ],
  [
    'a wrong pass phrase',
    [
      ...ASKED,
      'Enter PEM pass phrase:',
      { typed: 'key_password' },
      '\r\n\x1b[0;31mERROR:  SSL_CTX_use_PrivateKey_file: error:0A080009:SSL routines::PEM lib\r\n',
    ],
    'client-exited: ERROR: SSL_CTX_use_PrivateKey_file: error:0A080009:SSL routines::PEM lib (certificate, key, key_password)',
    ['--user-cert=a.pem'],
  ],
  [
    'a wrong password',
    [...ASKED, CONNECTED, REJECTED, { exits: 1 }],
    'credentials-rejected: ERROR: Could not authenticate to gateway. Please check the password, client certificate, etc.',
  ],
  [
    'a wrong code',
    [...ASKED, ...TOKEN, REJECTED, { exits: 1 }],
    'second-factor: the gateway rejected the one-time code, or the password before it: ERROR: Could not authenticate to gateway. Please check the password, client certificate, etc.',
  ],
  [
    'no code',
    [...ASKED, `${CONNECTED}Two-factor authentication token: `],
    'second-factor: "Two-factor authentication token:", which needs totp_secret (or use an account without a second factor)',
  ],
  [
    'a tunnel that the gateway does not allow',
    [
      ...ASKED,
      `${CONNECTED}${AUTHENTICATED}\x1b[0;31mERROR:  Could not authenticate to the gateway (sslvpn).\r\n`,
    ],
    'refused: ERROR: Could not authenticate to the gateway (sslvpn).',
  ],
  [
    'an unknown certificate',
    [
      ...ASKED,
      '\x1b[0;31mERROR:  Gateway certificate validation failed, and the certificate digest is not in the local whitelist. If you trust it, rerun with:\r\n',
      '\x1b[0;0m\x1b[0;31mERROR:      --trusted-cert bdd59d86700a354c\r\n',
      { exits: 1 },
    ],
    "tls: the gateway's certificate is not trusted; if it is the right one, set server_cert: bdd59d86700a354c",
  ],
  [
    'no TLS',
    [...ASKED, '\x1b[0;31mERROR:  SSL_connect: error:0A00010B:SSL routines::wrong version number\r\n'],
    'tls: ERROR: SSL_connect: error:0A00010B:SSL routines::wrong version number',
  ],
  [
    'an unknown name',
    [...ASKED, `\x1b[0;31mERROR:  getaddrinfo: Name or service not known\r\n${REFUSED}`, { exits: 1 }],
    'name-not-resolved: ERROR: getaddrinfo: Name or service not known',
  ],
  ['a closed port', [...ASKED, REFUSED, { exits: 1 }], 'unreachable: ERROR: connect: Connection refused'],
  [
    'a kernel without PPP',
    [
      ...ASKED,
      `${CONNECTED}${AUTHENTICATED}\x1b[0;31mERROR:  read: Input/output error\r\n`,
      '\x1b[0;0m\x1b[0;31mERROR:  pppd: The kernel does not support PPP\r\n',
      { exits: 1 },
    ],
    'client-exited: pppd: The kernel does not support PPP',
  ],
])('%s', async (_, parts, comesTo, more = []) => {
  const transcript = savedTranscript(
    ['--username=monitor', ...more, '--set-dns=0', '--pppd-use-peerdns=0', 'vpn.example.com'],
    parts,
  );
  const { result } = await replay(transcript, siteOfTranscript(transcript, openfortivpn), probeConfig());
  expect(result.outcome === 'error' ? `${result.cause}: ${result.detail}` : result.outcome).toBe(comesTo);
});
