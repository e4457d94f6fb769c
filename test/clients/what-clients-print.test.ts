import { expect, test } from 'vitest';
import { PROFILES } from '../../src/clients/built-in.ts';
import { replay } from '../../src/probe/replay.ts';
import { siteOfTranscript } from '../../src/probe/replay-site.ts';
import { probeConfig } from '../support/probe.ts';
import { savedTranscript } from '../support/saved-transcript.ts';

type Parts = Parameters<typeof savedTranscript>[1];
type Row = [what: string, parts: Parts, comesTo: string];

const USERNAME = { typed: 'username' };
const PASSWORD = { typed: 'password' };
const CODE = { typed: 'totp' };
const ENDS = { exits: 1 };
const WITHOUT_CODE = 'which needs totp_secret (or use an account without a second factor)';
const lines = (...texts: readonly string[]) => texts.map((text) => `${text}\r\n`).join('');

/** The part of a table that plays a client with these arguments. */
const at = (client: string, args: readonly string[], rows: readonly Row[]) =>
  rows.map((row) => [client, args, ...row] as const);

const REACHED = lines('POST https://gw/', 'Connected to 192.0.2.1:443', 'SSL negotiation with gw');
const OPENCONNECT: Parts = [
  `${REACHED}Username:`,
  USERNAME,
  'monitor\r\nPlease enter your password.\r\nPassword:',
  PASSWORD,
  '\r\n',
];
const CONFIGURED = lines('Configured as 10.0.0.2, with SSL connected and DTLS disabled');

const OPENVPN: Parts = [
  'Enter Auth Username:',
  USERNAME,
  'monitor\r\nEnter Auth Password:',
  PASSWORD,
  '\r\n',
];
const peer = (address: string) =>
  lines(
    `TLS: Initial packet from [AF_INET]${address}:1194, sid=1 2`,
    `[gw] Peer Connection Initiated with [AF_INET]${address}:1194`,
  );
const FIRST = peer('192.0.2.1');
const COMPLETED = lines('Initialization Sequence Completed');
const ALL_FAILED = 'All connections have been connect-retry-max (1) times unsuccessful, exiting';
const authFailed = (reason: string) =>
  lines(`AUTH: Received control message: AUTH_FAILED,${reason}`, 'SIGTERM[soft,auth-failure] received');

const VPNC: Parts = [
  'Enter username for gw: ',
  USERNAME,
  'monitor\r\nEnter password for monitor@gw: ',
  PASSWORD,
  '\r\n',
];
const FORTINET: Parts = ['VPN account password: ', PASSWORD, '\r\nINFO:   Connected to gateway.\r\n'];
const FORTINET_REJECTED =
  'ERROR:  Could not authenticate to gateway. Please check the password, client certificate, etc.';
const CHARON: Parts = ['parsed IKE_SA_INIT response 0 [ SA ]\r\nEAP password: ', PASSWORD, '\r\n'];

/** What clients print, by their sources, and what it comes to. */
test.each([
  ...at(
    'openconnect',
    ['gw'],
    [
      [
        'a banner that is repeated with each form, and a code',
        [
          'Login failed attempts are logged.\r\nUsername:',
          USERNAME,
          'monitor\r\nLogin failed attempts are logged.\r\nPassword:',
          PASSWORD,
          '\r\nLogin failed attempts are logged.\r\nEnter PIN+token\r\nPassword:',
        ],
        `second-factor: "Enter PIN+token", ${WITHOUT_CODE}`,
      ],
      [
        'a banner about the prompts, after the log-in',
        [...OPENCONNECT, lines('Connect Banner:', 'Username: never tell it') + CONFIGURED],
        'ok',
      ],
      [
        'a form in capitals',
        ['USERNAME:', USERNAME, 'monitor\r\nPASSWORD:', PASSWORD, '\r\nYour OTP, please\r\nPASSWORD:'],
        `second-factor: "Your OTP, please", ${WITHOUT_CODE}`,
      ],
      [
        'a code that was sent',
        [...OPENCONNECT, 'Enter the code that was sent to your phone\r\nPassword:'],
        `second-factor: "Enter the code that was sent to your phone", ${WITHOUT_CODE}`,
      ],
      [
        'a gateway that does not know the first request',
        [
          lines('POST https://gw/', 'Unexpected 404 result from server', 'GET https://gw/'),
          ...OPENCONNECT,
          CONFIGURED,
        ],
        'ok',
      ],
      [
        'an overloaded gateway',
        [REACHED, lines('Unexpected 503 result from server', 'Failed to complete authentication'), ENDS],
        'refused: Unexpected 503 result from server',
      ],
      [
        'a gateway that is overloaded when it has got the password',
        [...OPENCONNECT, lines('Unexpected 500 result from server', 'Failed to obtain WebVPN cookie'), ENDS],
        'refused: Unexpected 500 result from server',
      ],
      [
        'a gateway without a session',
        [
          ...OPENCONNECT,
          lines('VPN service unavailable; reason: Maximum sessions', 'Creating SSL connection failed'),
          ENDS,
        ],
        'refused: VPN service unavailable; reason: Maximum sessions',
      ],
      [
        'a gateway without an address',
        [...OPENCONNECT, lines('No IP address received. Aborting', 'Creating SSL connection failed'), ENDS],
        'refused: No IP address received. Aborting',
      ],
      [
        'a wrong code, by an older version',
        [...OPENCONNECT, 'Response:', CODE, lines('', 'Failed to obtain WebVPN cookie'), ENDS],
        'second-factor: the gateway rejected the one-time code, or the password before it: Failed to obtain WebVPN cookie',
      ],
      [
        'a proxy that wants a password',
        [
          lines(
            'Connected to 192.0.2.9:3128',
            'Proxy CONNECT request failed: 407',
            'Failed to open HTTPS connection to gw',
          ),
          ENDS,
        ],
        'unreachable: Proxy CONNECT request failed: 407',
      ],
    ],
  ),
  ...at(
    'openvpn',
    ['--auth-user-pass'],
    [
      [
        'a first remote that is busy, and a second one',
        [
          ...OPENVPN,
          FIRST + lines('AUTH: Received control message: AUTH_FAILED,TEMP[advance remote]:busy'),
          peer('192.0.2.2') + COMPLETED,
        ],
        'ok',
      ],
      [
        'an only remote that is busy',
        [
          ...OPENVPN,
          FIRST +
            lines('AUTH: Received control message: AUTH_FAILED,TEMP:authentication is busy', ALL_FAILED),
          ENDS,
        ],
        'refused: AUTH: Received control message: AUTH_FAILED,TEMP:authentication is busy',
      ],
      [
        'a server that is full',
        [...OPENVPN, FIRST + authFailed('maximum sessions for this user reached')],
        'refused: AUTH: Received control message: AUTH_FAILED,maximum sessions for this user reached',
      ],
      [
        'a licence that is used up',
        [...OPENVPN, FIRST + authFailed('LICENSE: too many concurrent users, authentication refused')],
        'refused: AUTH: Received control message: AUTH_FAILED,LICENSE: too many concurrent users, authentication refused',
      ],
      [
        'a wrong password, in more words',
        [...OPENVPN, FIRST + authFailed('LDAP invalid credentials')],
        'credentials-rejected: AUTH: Received control message: AUTH_FAILED,LDAP invalid credentials',
      ],
      [
        'an account that is locked',
        [...OPENVPN, FIRST + authFailed('Your account has been locked: too many attempts')],
        'account-locked: AUTH: Received control message: AUTH_FAILED,Your account has been locked: too many attempts',
      ],
      [
        'a password that has expired',
        [...OPENVPN, FIRST + authFailed('Password has expired, change it at the portal')],
        'password-expired: AUTH: Received control message: AUTH_FAILED,Password has expired, change it at the portal',
      ],
      [
        'one of several reasons',
        [...OPENVPN, FIRST + authFailed('Invalid password, or the password has expired')],
        'credentials-rejected: AUTH: Received control message: AUTH_FAILED,Invalid password, or the password has expired',
      ],
      [
        'a message of the day',
        [
          ...OPENVPN,
          FIRST + lines(`Info command was pushed by server ('AUTH_FAILED has a page')`) + COMPLETED,
        ],
        'ok',
      ],
      [
        'a log-in in a browser',
        [
          ...OPENVPN,
          FIRST + lines(`Info command was pushed by server ('WEB_AUTH::https://idp.example.com')`),
        ],
        `second-factor: the server waits for a further answer, which a monitor does not give: Info command was pushed by server ('WEB_AUTH::https://idp.example.com')`,
      ],
      [
        'a push to a phone, accepted',
        [
          ...OPENVPN,
          FIRST + lines(`Info command was pushed by server ('CR_TEXT:R:Accept it')`),
          lines(`PUSH: Received control message: 'PUSH_REPLY,ping 10'`) + COMPLETED,
        ],
        'ok',
      ],
      [
        'no cipher in common',
        [
          ...OPENVPN,
          lines(
            'TLS: Initial packet from [AF_INET]192.0.2.1:1194, sid=1 2',
            'OpenSSL: error:0A000410:SSL routines::ssl/tls alert handshake failure:SSL alert number 40',
            'TLS Error: TLS handshake failed',
            ALL_FAILED,
          ),
          ENDS,
        ],
        'tls: OpenSSL: error:0A000410:SSL routines::ssl/tls alert handshake failure:SSL alert number 40',
      ],
      [
        'a server that sends all away',
        [...OPENVPN, FIRST + lines(`Halt command was pushed by server ('Maintenance')`), ENDS],
        `refused: Halt command was pushed by server ('Maintenance')`,
      ],
      [
        'a server that breaks off',
        [
          ...OPENVPN,
          lines('TCP connection established with [AF_INET]192.0.2.1:443', 'Connection reset, restarting [0]'),
          lines(ALL_FAILED),
          ENDS,
        ],
        'refused: Connection reset, restarting [0]',
      ],
      [
        'a proxy that wants a password',
        [
          ...OPENVPN,
          lines(
            'TCP connection established with [AF_INET]192.0.2.9:3128',
            "HTTP proxy returned: 'HTTP/1.1 407 Proxy Authentication Required'",
            ALL_FAILED,
          ),
          ENDS,
        ],
        "unreachable: HTTP proxy returned: 'HTTP/1.1 407 Proxy Authentication Required'",
      ],
      [
        'a proxy that lets it through',
        [...OPENVPN, lines("HTTP proxy returned: 'HTTP/1.1 200 Connection established'") + FIRST + COMPLETED],
        'ok',
      ],
    ],
  ),
  ...at(
    'vpnc',
    ['gw'],
    [
      [
        'a banner',
        [
          ...VPNC,
          lines('Logins from unknown host are logged', '| authentication unsuccessful thrice: locked'),
          lines('VPNC started in foreground...'),
        ],
        'ok',
      ],
      [
        'a wrong password',
        [...VPNC, lines('/usr/sbin/vpnc: authentication unsuccessful')],
        'credentials-rejected: /usr/sbin/vpnc: authentication unsuccessful',
      ],
      [
        'a code',
        [...VPNC, 'Passcode for VPN monitor@192.0.2.1: '],
        'second-factor: "Passcode for VPN monitor@192.0.2.1:", which the monitor does not answer (use an account without a second factor)',
      ],
      [
        'the password again',
        [...VPNC, 'Password for VPN monitor@192.0.2.1: '],
        'prompt-not-seen: after the password the gateway asks again: Password for VPN monitor@192.0.2.1:',
      ],
      [
        'no cipher in common',
        [
          ...VPNC,
          lines(
            'vpnc: quick mode response rejected: (ISAKMP_N_NO_PROPOSAL_CHOSEN)(14)',
            'this means the concentrator did not like what we had to offer.',
          ),
          ENDS,
        ],
        'refused: vpnc: quick mode response rejected: (ISAKMP_N_NO_PROPOSAL_CHOSEN)(14)',
      ],
    ],
  ),
  ...at(
    'openfortivpn',
    ['--username=monitor', 'gw'],
    [
      [
        "a code, by the gateway's form",
        [...FORTINET, 'Please enter your token code'],
        `second-factor: "Please enter your token code", ${WITHOUT_CODE}`,
      ],
      [
        'a code for the form',
        [...FORTINET, 'Please enter your token code', CODE, lines('', 'INFO:   Tunnel is up and running.')],
        'ok',
      ],
      [
        'a wrong code for the form',
        [...FORTINET, 'Please enter your token code', CODE, lines('', FORTINET_REJECTED), ENDS],
        `second-factor: the gateway rejected the one-time code, or the password before it: ${FORTINET_REJECTED.replace('  ', ' ')}`,
      ],
      [
        'a challenge that it does not know',
        [
          ...FORTINET,
          lines('ERROR:  Gateway replied to authentication with an unsupported challenge', FORTINET_REJECTED),
          ENDS,
        ],
        'second-factor: ERROR: Gateway replied to authentication with an unsupported challenge',
      ],
      [
        'an overloaded gateway, by an older version',
        [...FORTINET, lines('ERROR:  Could not authenticate to gateway (Bad HTTP response code).'), ENDS],
        'refused: ERROR: Could not authenticate to gateway (Bad HTTP response code).',
      ],
      [
        'a gateway without a session',
        [...FORTINET, lines('ERROR:  VPN allocation request failed (Permission denied).'), ENDS],
        'refused: ERROR: VPN allocation request failed (Permission denied).',
      ],
    ],
  ),
  ...at(
    'charon-cmd',
    ['--host=gw', '--identity=monitor'],
    [
      [
        "a gateway's greeting",
        [
          ...CHARON,
          lines(
            "EAP-MS-CHAPv2 succeeded: 'No EAP-MS-CHAPv2 failed today'",
            'CHILD_SA cmd{1} established with SPIs 1 2 and TS 10.0.0.2/32 === 10.0.0.0/8',
          ),
        ],
        'ok',
      ],
      [
        'a wrong password, with the thread in the log',
        [...CHARON, lines("07[IKE] EAP-MS-CHAPv2 failed with error ERROR_AUTHENTICATION_FAILURE: ''")],
        "credentials-rejected: 07[IKE] EAP-MS-CHAPv2 failed with error ERROR_AUTHENTICATION_FAILURE: ''",
      ],
      [
        'a password that has expired',
        [...CHARON, lines("EAP-MS-CHAPv2 failed with error ERROR_PASSWD_EXPIRED: ''")],
        "password-expired: EAP-MS-CHAPv2 failed with error ERROR_PASSWD_EXPIRED: ''",
      ],
      [
        'a log-in at night',
        [...CHARON, lines("EAP-MS-CHAPv2 failed with error ERROR_RESTRICTED_LOGON_HOURS: ''")],
        "refused: EAP-MS-CHAPv2 failed with error ERROR_RESTRICTED_LOGON_HOURS: ''",
      ],
      [
        'an identity that the gateway does not know',
        [lines('parsed IKE_SA_INIT response 0', 'received AUTHENTICATION_FAILED notify error'), ENDS],
        'refused: received AUTHENTICATION_FAILED notify error',
      ],
    ],
  ),
  ...at(
    'wireguard',
    ['up', 'wg0'],
    [
      [
        'a name that is found at the second try',
        [
          lines(
            "Temporary failure in name resolution: `gw:51820'. Trying again in 1.00 seconds...",
            '[#] ip -4 address add 10.0.0.2/32 dev wg0',
          ),
          { exits: 0 },
        ],
        // No handshake is recorded in the transcript.
        'unreachable: no handshake: the gateway is not reached, or does not accept the keys of wg0',
      ],
      [
        'a name that is not found',
        [lines("Name or service not known: `gw:51820'. Trying again in 1.00 seconds...")],
        "name-not-resolved: Name or service not known: `gw:51820'. Trying again in 1.00 seconds...",
      ],
    ],
  ),
])('%s %j: %s', async (client, args, _, parts, comesTo) => {
  const profile = PROFILES.get(client);
  if (profile === undefined) throw new Error(`no client ${client}`);
  const transcript = savedTranscript(args, parts);
  const { result } = await replay(transcript, siteOfTranscript(transcript, profile), probeConfig());
  expect(result.outcome === 'error' ? `${result.cause}: ${result.detail}` : result.outcome).toBe(comesTo);
});
