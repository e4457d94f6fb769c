import type { ClientProfile } from './profile.ts';

/**
 * OpenConnect (AnyConnect, ocserv, ...), as measured with 9.01 against ocserv 1.1.6. `Connected to` and `Got CONNECT
 * response` come before or without a log-in: only `Configured as` is the success. It has no `quit`: on SIGINT it logs out
 * at the gateway (BYE) and restores routes and resolv.conf.
 */
export const openconnect: ClientProfile = {
  name: 'openconnect',
  described: false,
  command: 'openconnect',
  package: 'openconnect',
  // Without --no-dtls a gateway whose UDP port is dropped costs 12 s at each log-in (measured).
  args: ['--no-dtls', '--authgroup={realm}', '--servercert={server_cert}', '{vpn_gw}'],
  keys: { realm: { required: false, file: false }, server_cert: { required: false, file: false } },
  dialogue: [
    { prompt: 'Username:', expect: /^Username:/m, send: '{username}' },
    { prompt: 'Password:', expect: /^Password:/m, send: '{password}' },
  ],
  success: { expect: /^Configured as .*, with SSL connected/m },
  failures: [
    // The same prompt as for the password, also instead of it.
    {
      expect: /^Password\d?:/m,
      within: /\b(?:OTP|one[- ]time|tokens?|verification code)\b/i,
      cause: 'second-factor',
      words: '"{line}", which the monitor can\'t answer: use an account without a second factor',
    },
    { expect: /Login failed/, cause: 'credentials-rejected' },
    { expect: /^(?:Username|Password):/m, cause: 'credentials-rejected', after: 'Password:' },
    { expect: /None of the \d+ fingerprint\(s\)/, cause: 'tls' },
    // Printed before the question whether to accept; only this line contains the certificate's pin.
    { expect: /^[ \t]*--servercert \S/m, cause: 'tls' },
    { expect: /Enter 'yes' to accept/, cause: 'tls' },
    { expect: /(?:SSL|TLS) (?:connection failure|negotiation failed)/i, cause: 'tls' },
    {
      expect: /Cookie was rejected by server|Failed to complete authentication/,
      cause: 'refused',
      after: 'Password:',
    },
    { expect: /getaddrinfo failed for host/, cause: 'name-not-resolved' },
    { expect: /Failed to connect to (?:host|\[?[\w.:]+\]?:\d+)/, cause: 'unreachable' },
  ],
  ends: [/^Session terminated by server/],
  logout: { signal: 'SIGINT' },
  own: { by: 'mark' },
  tunnel: 'device',
  dns: { mark: '#@VPNC_GENERATED@' },
};
