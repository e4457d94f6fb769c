import { expect, test } from 'vitest';
import { PROFILES } from '../../src/clients/built-in.ts';

/** What real clients print. The faults of test/e2e/*-faults.test.ts show the others. */
test.each<[client: string, line: string, cause: string | undefined]>([
  [
    'openconnect',
    "getaddrinfo failed for host 'gateway.invalid': Temporary failure in name resolution",
    'name-not-resolved',
  ],
  ['openconnect', 'SSL connection failure: The TLS connection was non-properly terminated.', 'tls'],
  ['openconnect', 'Server certificate verify failed: signer not found', undefined],
  ['openconnect', 'Failed to connect to host 192.0.2.1', 'unreachable'],
  ['openconnect', 'Failed to connect to [2001:db8::1]:443: Network is unreachable', 'unreachable'],
  ['openvpn', 'VERIFY ERROR: depth=0, error=self-signed certificate: CN=192.0.2.1', 'tls'],
  [
    'openvpn',
    'TLS Error: TLS key negotiation failed to occur within 60 seconds (check your network connectivity)',
    'unreachable',
  ],
  ['openvpn', 'No reply from server to push requests in 63s', 'unreachable'],
  ['openvpn', 'TCP: connect to [AF_INET]192.0.2.1:1194 failed: No route to host', 'unreachable'],
  ['openvpn', 'WARNING: No server certificate verification method has been enabled.', undefined],
  ['startct', 'Login failed.', 'credentials-rejected'],
  ['startct', 'Error: invalid username', 'credentials-rejected'],
  ['startct', 'The connection was refused', 'refused'],
  ['startct', 'Access denied', 'refused'],
  ['startct', 'Failed log-ins are reported.', undefined],
])('%s prints %j: %s', (client, line, cause) => {
  expect(PROFILES.get(client)?.failures.find(({ expect: text }) => text.test(line))?.cause).toBe(cause);
});
