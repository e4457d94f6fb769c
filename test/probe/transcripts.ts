/** A log-in as it was recorded: what the client printed up to each prompt, and from the last one on. */
export interface Transcript {
  readonly name: string;
  readonly client: 'startct' | 'openconnect' | 'openvpn' | 'demo';
  /** What is printed before each answer; the terminal's echo of an answer stands at the beginning of the next one. */
  readonly printed: readonly string[];
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
const NO_FACTOR = "which the monitor can't answer: use an account without a second factor";
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
    comesTo: 'tls: --servercert pin-sha256:VbYirpqTr3i3',
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
    comesTo: `second-factor: "Password:", ${NO_FACTOR}`,
  },
  {
    name: 'openconnect is asked for a one-time password alone',
    client: 'openconnect',
    printed: [
      USERNAME,
      lines('monitor', 'POST https://10.77.0.11/auth', 'Please enter your OTP password.', 'Password:'),
    ],
    comesTo: `second-factor: "Password:", ${NO_FACTOR}`,
  },
  {
    name: 'openconnect is asked for a code by PAM',
    client: 'openconnect',
    printed: [USERNAME, PASSWORD, lines('', "One-time password (OATH) for `monitor': ", 'Password1:')],
    comesTo: `second-factor: "Password1:", ${NO_FACTOR}`,
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
    comesTo: 'credentials-rejected: Password:',
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
