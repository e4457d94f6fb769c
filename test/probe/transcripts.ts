import { PASSWORD as SECRET } from '../support/site.ts';

/** A log-in as it was recorded: what the client printed up to each prompt, and from the last one on. */
export interface Transcript {
  readonly name: string;
  readonly client: 'startct' | 'openconnect' | 'openvpn' | 'demo';
  /** What is printed before each answer; the terminal's echo of an answer stands at the beginning of the next one. */
  readonly printed: readonly string[];
  /** What is typed after each; left out: name, password and 1. */
  readonly answers?: readonly string[];
  /** It then ends by itself with this exit status; else it stays. */
  readonly exits?: number;
  /** What the log-in comes to: the success, or the detail of the failure. */
  readonly comesTo: string;
}

const lines = (...texts: readonly string[]) => texts.join('\r\n');

/** Erases the line and begins it anew, as programs in JavaScript do. */
const ERASED = '\x1b[2K\x1b[1G';
const spinner = (text: string) => [...'⠋⠙⠹⠸'].map((sign) => `${ERASED}${sign} ${text}`).join('') + ERASED;

// openconnect 9.01 against ocserv 1.1.6.
const OPENCONNECT = lines(
  'POST https://10.77.0.11/',
  'Connected to 10.77.0.11:443',
  'SSL negotiation with 10.77.0.11',
  'Server certificate verify failed: signer not found',
);
const USERNAME = lines(
  OPENCONNECT,
  'Connected to HTTPS on 10.77.0.11 with ciphersuite (TLS1.3)-(ECDHE-SECP256R1)-(ECDSA-SECP256R1-SHA256)-(AES-256-GCM)',
  'XML POST enabled',
  'Please enter your username.',
  'Username:',
);
const NO_FACTOR = 'which needs totp_secret (or use an account without a second factor)';
const PASSWORD = lines('monitor', 'POST https://10.77.0.11/auth', 'Please enter your password.', 'Password:');

// OpenVPN 2.6.14.
const AUTH_USERNAME = lines(
  `Note: --cipher is not set. OpenVPN versions before 2.5 defaulted to BF-CBC as fallback when cipher negotiation failed in this case.`,
  `OpenVPN 2.6.14 x86_64-pc-linux-gnu [SSL (OpenSSL)] [LZO] [LZ4] [EPOLL] [PKCS11] [MH/PKTINFO] [AEAD] [DCO]`,
  `library versions: OpenSSL 3.0.19 27 Jan 2026, LZO 2.10`,
  `DCO version: N/A`,
  'Enter Auth Username:',
);
const PEER = lines(
  '',
  `TCP/UDP: Preserving recently used remote address: [AF_INET]10.77.0.12:1194`,
  `UDPv4 link local: (not bound)`,
  `UDPv4 link remote: [AF_INET]10.77.0.12:1194`,
  `[10.77.0.12] Peer Connection Initiated with [AF_INET]10.77.0.12:1194`,
);

// Connect Tunnel, as far as its dialogue is known; its banner is made up, to have all that a terminal may be told.
const MENU = lines('', '1) corp', '2) gäste', 'Enter your choice [1]:');
const CONNECT_TUNNEL = [
  '\x1b]0;Connect Tunnel\x07\x1b[1;32mWelcome\x1b[0m – 接続\r\nUsername:',
  'monitor\r\nPassword:',
];

/** Log-ins of every built-in client. */
export const TRANSCRIPTS: readonly Transcript[] = [
  {
    name: 'openconnect logs in',
    client: 'openconnect',
    printed: [
      USERNAME,
      PASSWORD,
      lines(
        '',
        'POST https://10.77.0.11/auth',
        'Got CONNECT response: HTTP/1.1 200 CONNECTED',
        'CSTP connected. DPD 10, Keepalive 300',
        'Configured as 10.77.151.223, with SSL connected and DTLS disabled',
        '',
      ),
    ],
    comesTo: 'ok',
  },
  {
    name: 'openconnect has the wrong password',
    client: 'openconnect',
    printed: [
      USERNAME,
      PASSWORD,
      lines('', 'POST https://10.77.0.11/auth', 'Login failed.', 'Please enter your password.', 'Password:'),
    ],
    comesTo: 'credentials-rejected: Login failed.',
  },
  {
    name: 'openconnect has the wrong password for PAM',
    client: 'openconnect',
    printed: [
      USERNAME,
      PASSWORD,
      lines(
        '',
        'POST https://10.77.0.11/auth',
        'Got HTTP response: HTTP/1.1 401 Authentication failed',
        "Server '10.77.0.11' requested Basic authentication which is disabled by default",
        'Failed to complete authentication',
        '',
      ),
    ],
    exits: 1,
    comesTo: 'credentials-rejected: Got HTTP response: HTTP/1.1 401 Authentication failed',
  },
  {
    name: 'openconnect has no pin',
    client: 'openconnect',
    printed: [
      lines(
        OPENCONNECT,
        'Certificate from VPN server "10.77.0.11" failed verification.',
        'Reason: signer not found',
        'To trust this server in future, perhaps add this to your command line:',
        '    --servercert pin-sha256:VbYirpqTr3i3',
        "Enter 'yes' to accept, 'no' to abort; anything else to view: ",
      ),
    ],
    comesTo:
      "tls: the certificate is not trusted; if it is the gateway's, write server_cert: pin-sha256:VbYirpqTr3i3",
  },
  {
    name: 'openconnect has the wrong pin',
    client: 'openconnect',
    printed: [
      lines(
        OPENCONNECT,
        "None of the 1 fingerprint(s) specified via --servercert match server's certificate: pin-sha256:VbYirpqTr3i3",
        'SSL connection failure: Error in the certificate.',
        'Failed to open HTTPS connection to 10.77.0.11',
        'Failed to complete authentication',
        '',
      ),
    ],
    exits: 1,
    comesTo:
      "tls: None of the 1 fingerprint(s) specified via --servercert match server's certificate: pin-sha256:VbYirpqTr3i3",
  },
  {
    name: 'openconnect is asked for a one-time password after the password',
    client: 'openconnect',
    printed: [
      USERNAME,
      PASSWORD,
      lines('', 'POST https://10.77.0.11/auth', 'Please enter your OTP password.', 'Password:'),
    ],
    comesTo: `second-factor: "Please enter your OTP password.", ${NO_FACTOR}`,
  },
  {
    name: 'openconnect is asked for a one-time password alone',
    client: 'openconnect',
    printed: [
      USERNAME,
      lines('monitor', 'POST https://10.77.0.11/auth', 'Please enter your OTP password.', 'Password:'),
    ],
    comesTo: `second-factor: "Please enter your OTP password.", ${NO_FACTOR}`,
  },
  {
    name: 'openconnect is asked for a code by PAM',
    client: 'openconnect',
    printed: [USERNAME, PASSWORD, lines('', "One-time password (OATH) for `monitor': ", 'Password1:')],
    comesTo: `second-factor: "One-time password (OATH) for \`monitor':", ${NO_FACTOR}`,
  },
  {
    name: 'openconnect is sent away',
    client: 'openconnect',
    printed: [
      lines(
        OPENCONNECT,
        'Error reading HTTP response: Input/output error',
        'Creating SSL connection again',
        'Bye.',
        '',
      ),
    ],
    exits: 1,
    comesTo:
      'client-exited: the client ended (exit status 1) before the prompt Username: came: Error reading HTTP response: Input/output error',
  },
  {
    name: 'openconnect shows a banner with the words of a rejection',
    client: 'openconnect',
    printed: [
      lines(
        OPENCONNECT,
        'Login failed more than five times? Your account is locked. Failed to complete authentication: call us.',
        'Username:',
      ),
      PASSWORD,
      lines(
        '',
        'If your Login failed, call us.',
        'Configured as 10.77.1.2, with SSL connected and DTLS disabled',
        '',
      ),
    ],
    comesTo: 'ok',
  },
  {
    name: 'openconnect reaches the second address',
    client: 'openconnect',
    printed: [
      lines(
        'POST https://vpn.example.org/',
        'Failed to connect to [2001:db8::11]:443: No route to host',
        'Failed to connect to 192.0.2.10:443: Connection refused',
        'Connected to 192.0.2.11:443',
        'Username:',
      ),
      PASSWORD,
      lines('', 'Configured as 10.77.1.2, with SSL connected and DTLS disabled', ''),
    ],
    comesTo: 'ok',
  },
  {
    name: 'openconnect reaches none of two addresses',
    client: 'openconnect',
    printed: [
      lines(
        'POST https://vpn.example.org/',
        'Failed to connect to [2001:db8::11]:443: No route to host',
        'Failed to connect to 192.0.2.10:443: Connection refused',
        'Failed to connect to host vpn.example.org',
        'Failed to open HTTPS connection to vpn.example.org',
        'Failed to complete authentication',
        '',
      ),
    ],
    exits: 1,
    comesTo: 'unreachable: Failed to connect to 192.0.2.10:443: Connection refused',
  },
  {
    name: 'openconnect reaches the second address, which is silent',
    client: 'openconnect',
    printed: [
      lines(
        'Failed to connect to 192.0.2.10:443: Connection refused',
        'Connected to 192.0.2.11:443',
        'SSL negotiation with vpn.example.org',
        '',
      ),
    ],
    comesTo:
      'step-timed-out: the prompt Username: did not come within 30 s, the client last said: SSL negotiation with vpn.example.org',
  },
  {
    name: 'openconnect before 8.20 words its success otherwise',
    client: 'openconnect',
    printed: [
      USERNAME,
      PASSWORD,
      lines(
        '',
        'Got CONNECT response: HTTP/1.1 200 CONNECTED',
        'CSTP connected. DPD 30, Keepalive 60',
        'Connected as 10.9.0.32, using SSL, with DTLS disabled',
        '',
      ),
    ],
    comesTo: 'ok',
  },
  {
    name: 'openconnect before 7 names the device too',
    client: 'openconnect',
    printed: [USERNAME, PASSWORD, lines('', 'Connected tun0 as 192.0.2.7, using SSL', '')],
    comesTo: 'ok',
  },
  {
    name: 'openconnect is asked for the password again, and the gateway says what for',
    client: 'openconnect',
    printed: [
      USERNAME,
      PASSWORD,
      lines('', 'POST https://10.77.0.11/auth', 'Answer the call on your phone, then type 1.', 'Password:'),
    ],
    comesTo:
      'prompt-not-seen: after the password the gateway asks Password: again: Answer the call on your phone, then type 1.',
  },
  {
    name: 'openconnect is asked for the username again without a word',
    client: 'openconnect',
    printed: [USERNAME, PASSWORD, lines('', 'POST https://10.77.0.11/auth', 'Username:')],
    comesTo: 'prompt-not-seen: after the password the gateway asks Username: again and gives no reason',
  },
  {
    name: 'openconnect asks for another group than the one of the config',
    client: 'openconnect',
    printed: [lines(OPENCONNECT, 'Auth choice "corp" not available', 'GROUP: [Staff|Admins]:')],
    comesTo: 'no-such-group: the gateway has no login group corp, it offers Staff|Admins',
  },
  {
    name: 'openconnect uses the only group there is',
    client: 'openconnect',
    printed: [
      lines(OPENCONNECT, 'Auth choice "corp" not available', 'Username:'),
      PASSWORD,
      lines('', 'Configured as 10.77.1.2, with SSL connected and DTLS disabled', ''),
    ],
    comesTo: 'ok',
  },
  {
    name: 'openvpn reaches the second remote',
    client: 'openvpn',
    printed: [
      AUTH_USERNAME,
      'monitor\r\nEnter Auth Password:',
      lines(
        '',
        'TCP: connect to [AF_INET]192.0.2.1:1199 failed: Connection refused',
        'SIGUSR1[connection failed(soft),connection-failed] received, process restarting',
        'Restart pause, 1 second(s)',
        'TCP connection established with [AF_INET]192.0.2.2:1194',
        '[gw2] Peer Connection Initiated with [AF_INET]192.0.2.2:1194',
        'Initialization Sequence Completed',
        '',
      ),
    ],
    comesTo: 'ok',
  },
  {
    name: 'openvpn reaches the second remote, does not cache the password, and is asked again',
    client: 'openvpn',
    printed: [
      AUTH_USERNAME,
      'monitor\r\nEnter Auth Password:',
      lines(
        '',
        'RESOLVE: Cannot resolve host address: gone.example.org:1194 (Name or service not known)',
        'Enter Auth Username:',
      ),
      'monitor\r\nEnter Auth Password:',
      lines('', 'Initialization Sequence Completed', ''),
    ],
    answers: ['monitor', SECRET, 'monitor', SECRET],
    comesTo: 'ok',
  },
  {
    name: 'openvpn trusts none of two remotes',
    client: 'openvpn',
    printed: [
      AUTH_USERNAME,
      'monitor\r\nEnter Auth Password:',
      lines(
        '',
        'VERIFY ERROR: depth=0, error=self-signed certificate: CN=first',
        'TLS Error: TLS handshake failed',
        'SIGUSR1[soft,tls-error] received, process restarting',
        'VERIFY ERROR: depth=0, error=self-signed certificate: CN=second',
        'TLS Error: TLS handshake failed',
        'All connections have been connect-retry-max (1) times unsuccessful, exiting',
        'Exiting due to fatal error',
        '',
      ),
    ],
    exits: 0,
    comesTo: 'tls: VERIFY ERROR: depth=0, error=self-signed certificate: CN=second',
  },
  {
    name: 'openvpn can not reach the first remote, and does not get on with the second',
    client: 'openvpn',
    printed: [
      AUTH_USERNAME,
      'monitor\r\nEnter Auth Password:',
      lines(
        '',
        'TCP: connect to [AF_INET]192.0.2.1:1199 failed: Connection refused',
        'TCP connection established with [AF_INET]192.0.2.2:1194',
        'TLS Error: TLS handshake failed',
        'All connections have been connect-retry-max (1) times unsuccessful, exiting',
        '',
      ),
    ],
    exits: 0,
    comesTo: 'tls: TLS Error: TLS handshake failed',
  },
  ...(
    [
      [
        'AUTH_FAILED,CRV1:R,E:abc:bW9u:Enter code',
        'second-factor: the server asks for a further answer, which needs totp_secret (or use an account without a second factor)',
      ],
      [
        'AUTH_FAILED,Data channel cipher negotiation failed (no shared cipher)',
        'refused: AUTH: Received control message: AUTH_FAILED,Data channel cipher negotiation failed (no shared cipher)',
      ],
      [
        'AUTH_FAILED,TEMP[backoff 5]: server overloaded',
        'refused: AUTH: Received control message: AUTH_FAILED,TEMP[backoff 5]: server overloaded',
      ],
      [
        'AUTH_FAILED,Invalid username or password',
        'credentials-rejected: AUTH: Received control message: AUTH_FAILED,Invalid username or password',
      ],
    ] as const
  ).map(
    ([said, comesTo]): Transcript => ({
      name: `openvpn is told ${said}`,
      client: 'openvpn',
      printed: [
        AUTH_USERNAME,
        'monitor\r\nEnter Auth Password:',
        lines(PEER, `AUTH: Received control message: ${said}`, ''),
      ],
      comesTo,
    }),
  ),
  {
    name: 'openvpn is asked for a code',
    client: 'openvpn',
    printed: [AUTH_USERNAME, 'monitor\r\nEnter Auth Password:', '\r\nCHALLENGE: Enter your code'],
    comesTo: `second-factor: "CHALLENGE: Enter your code", ${NO_FACTOR}`,
  },
  {
    name: 'openconnect logs in behind a wrapper that draws spinners and draws its prompts again',
    client: 'openconnect',
    printed: [
      `|\b/\b-\b\\\b|\b \b\x1b]0;VPN\x07\x1b[1mUser\x1b[0mname:`,
      `\rUsername:monitor\r\n${spinner('Checking')}Password:`,
      lines(
        `${ERASED}Password:`,
        `${spinner('Logging in')}${ERASED}✔ Logged in`,
        'Configuring 50%\rConfiguring 99%\rConfigured as 10.77.151.223, with SSL connected and DTLS disabled',
        '',
      ),
    ],
    comesTo: 'ok',
  },
  {
    name: 'openconnect behind it is asked for the password again',
    client: 'openconnect',
    printed: [
      `${spinner('Connecting')}Username:`,
      `monitor\r\n${spinner('Checking')}Password:`,
      `${ERASED}Password:\r\n${spinner('Checking')}Password:`,
    ],
    comesTo: 'prompt-not-seen: after the password the gateway asks Password: again: ⠸ Checking',
  },
  {
    name: 'openvpn logs in',
    client: 'openvpn',
    printed: [
      AUTH_USERNAME,
      'monitor\r\nEnter Auth Password:',
      lines(
        PEER,
        `Options error: Unrecognized option or missing or extra parameter(s) in [PUSH-OPTIONS]:2: dns-of-tomorrow (2.6.14)`,
        `TUN/TAP device tun0 opened`,
        `net_iface_mtu_set: mtu 1500 for tun0`,
        `net_iface_up: set tun0 up`,
        `net_addr_v4_add: 10.77.152.2/24 dev tun0`,
        `Initialization Sequence Completed`,
        '',
      ),
    ],
    comesTo: 'ok',
  },
  {
    name: 'openvpn has the wrong password',
    client: 'openvpn',
    printed: [
      AUTH_USERNAME,
      'monitor\r\nEnter Auth Password:',
      lines(
        PEER,
        `AUTH: Received control message: AUTH_FAILED`,
        `SIGTERM[soft,auth-failure] received, process exiting`,
        '',
      ),
    ],
    exits: 0,
    comesTo: `credentials-rejected: AUTH: Received control message: AUTH_FAILED`,
  },
  ...(['startct', 'demo'] as const).flatMap((client): Transcript[] => [
    {
      name: `${client} logs in`,
      client,
      printed: [...CONNECT_TUNNEL, MENU, '1\r\nCONNECTING to site1 ...\r\r\nCONNECTED\r\n'],
      comesTo: 'ok',
    },
    {
      name: `${client} logs in and does not end the line`,
      client,
      printed: [...CONNECT_TUNNEL, MENU, '1\r\n\x1b[1mCONNECT\x1b[0m'],
      comesTo: 'ok',
    },
    {
      name: `${client} is refused`,
      client,
      printed: [...CONNECT_TUNNEL, MENU, '1\r\nCONNECTION REFUSED\r\n'],
      exits: 1,
      comesTo: 'refused: CONNECTION REFUSED',
    },
    {
      name: `${client} has the wrong password`,
      client,
      printed: [...CONNECT_TUNNEL, '\r\nLogin failed.\r\nUsername:'],
      comesTo: 'credentials-rejected: Login failed.',
    },
    {
      name: `${client} is asked for the username again`,
      client,
      printed: [...CONNECT_TUNNEL, '\r\n  Username:'],
      comesTo: 'credentials-rejected: Username:',
    },
    {
      name: `${client} breaks off`,
      client,
      printed: [...CONNECT_TUNNEL, '\r\njava.lang.Error: caf\xe9'],
      exits: 3,
      comesTo:
        'client-exited: the client ended (exit status 3) before the prompt Enter your choice [1]: came: java.lang.Error: café',
    },
  ]),
];
