import type { Cause } from '../model/test-result.ts';

/** What a message says about a cause. */
export interface CauseWords {
  /** A few words for a subject; they follow `DOWN: `. */
  readonly short: string;
  /** What to do next, at most two lines: the rows of the README's troubleshooting table in short. */
  readonly next: readonly string[];
}

const CLIENT_BY_HAND = [
  "The transcript below shows the client's last words. `vpn-monitor once --transcript FILE SITE` writes all",
  'of the dialogue to a file; starting the client by hand as the same user shows the same.',
];

const PING_TOOL = [
  'A fault of this host, not of the gateway.',
  '`vpn-monitor check` prints what is missing and how to fix it.',
];

const WORDS: Readonly<Record<Cause, CauseWords>> = {
  'name-not-resolved': {
    short: 'name not resolved',
    next: [
      "This host's name server does not resolve the name. Look whether /etc/resolv.conf still names the VPN's",
      'server: the log says when it was restored.',
    ],
  },
  unreachable: {
    short: 'gateway unreachable',
    next: [
      'The gateway or the route to it is down, or it does not answer pings.',
      'Compare with a line elsewhere; then call whoever runs the gateway or its line.',
    ],
  },
  'inside-unreachable': {
    short: 'nothing answers inside',
    next: [
      'People can log in and reach nothing. The host inside is down, or the gateway does not forward to it:',
      'ping the internal address from a machine inside.',
    ],
  },
  'inside-wrong': {
    short: 'wrong answer inside',
    next: [
      'People can log in; what they use inside refuses, or answers with an error. The line above names it:',
      'ask whoever runs it.',
    ],
  },
  'inside-not-asked': {
    short: 'the inside could not be asked',
    next: [
      'A fault of this host, not of the gateway: Node.js could not be started once more.',
      'Look at its memory and its processes: `free -m`, `ps aux`, `ulimit -a`.',
    ],
  },
  'credentials-rejected': {
    short: 'credentials rejected',
    next: [
      "The password of the monitor's account has changed, or the account was closed. Log in by hand once,",
      'write the password that works into the config and reload the monitor.',
    ],
  },
  'password-expired': {
    short: 'password expired',
    next: [
      "Log in by hand once with the monitor's account and change its password at the gateway.",
      'Then write the new one into the config and reload the monitor.',
    ],
  },
  'account-locked': {
    short: 'account locked',
    next: [
      "Have the monitor's account unlocked, and find out who locked it: a wrong password in the config does.",
      '`login.rejected_retry_minutes` spaces the attempts out, so that it is not locked again.',
    ],
  },
  'second-factor': {
    short: 'second factor',
    next: [
      'Set `totp_secret`, or use an account without a second factor for the monitor.',
      'If a code is rejected: is the secret that of this account, and is the clock of this host right?',
    ],
  },
  'session-limit': {
    short: 'session limit reached',
    next: [
      'Give the monitor an account of its own, or let it end the other sessions:',
      '`login.allow: [end-sessions]`.',
    ],
  },
  'no-such-group': {
    short: 'no such login group',
    next: [
      'The gateway was changed, or `realm` is wrong: write one of the groups that it offers into `realm`.',
    ],
  },
  refused: {
    short: 'log-in refused',
    next: [
      "The first line has the gateway's words: look there, then into the gateway's own log.",
      'Terms of use are accepted with `login.allow: [terms]` only.',
    ],
  },
  tls: {
    short: 'certificate not trusted',
    next: [
      'The gateway has a new certificate, or somebody is in between: compare the fingerprint of the first line',
      "with the gateway's certificate before you write it into the config.",
    ],
  },
  'prompt-not-seen': {
    short: 'unexpected prompt',
    next: [
      'The gateway asks something that the client profile does not contain. See what, in the transcript;',
      'a client of your own under `clients:` can answer it.',
    ],
  },
  'step-timed-out': {
    short: 'log-in hangs',
    next: [
      'The gateway or the client stopped in the middle of the log-in; people will see the same. If the gateway',
      'is only slow, raise `login.step_timeout`.',
    ],
  },
  'client-exited': { short: 'client gave up', next: CLIENT_BY_HAND },
  'client-missing': {
    short: 'client not found',
    next: [
      'A fault of this host: install the client, or say where it is (the PATH of a service is short):',
      '`clients: { NAME: { command: /usr/bin/NAME } }`.',
    ],
  },
  'client-not-started': {
    short: 'client not started',
    next: [
      'A fault of this host: a program that the client needs is missing, such as java or perl.',
      'The text above names it: install it so that it is in the PATH of the monitor.',
    ],
  },
  'client-busy': {
    short: 'client in use',
    next: [
      'Another program or person uses the client as the same user. Close it, or run the monitor as a user of',
      'its own.',
    ],
  },
  'ping-missing': { short: 'ping not found', next: PING_TOOL },
  'ping-not-permitted': {
    short: 'ping not permitted',
    next: [
      'A fault of this host: the user may not use ping, or a firewall or route of this host stops it:',
      '`vpn-monitor check`, `nft list ruleset`, `ip route get ADDRESS`.',
    ],
  },
  'ping-not-started': { short: 'ping not started', next: PING_TOOL },
  'ping-not-sent': {
    short: 'ping not sent',
    next: [
      'A fault of this host: no source address for that route, no memory or no free file descriptor:',
      '`ip address`, `ip route get ADDRESS`, `ulimit -a`.',
    ],
  },
  'ping-failed': { short: 'ping failed', next: PING_TOOL },
  'packet-loss': {
    short: 'packet loss',
    next: [
      'The line to the gateway, or behind it, is overloaded or broken (`ping.max_loss`).',
      '`vpn-monitor once` shows the packet loss of both pings.',
    ],
  },
  'tunnel-no-traffic': {
    short: 'tunnel without traffic',
    next: [
      'The client says that the tunnel is up, but no route to the internal address leaves through it: look at',
      'the routes that the gateway hands out, and at those of this host.',
    ],
  },
  'not-tried': {
    short: 'credentials rejected, waiting to try again',
    next: [
      'The gateway rejected the credentials before, and `login.rejected_retry_minutes` waits between two log-ins.',
      'Write the password that works into the config and reload the monitor.',
    ],
  },
  'host-not-clean': {
    short: 'this host is not clean',
    next: [
      'A fault of this host: a leftover client could not be ended. `vpn-monitor check` prints which,',
      'and the right that the monitor lacks.',
    ],
  },
  'no-uplink': {
    short: 'this host has no uplink',
    next: [
      'A fault of this host, not of the gateway: it has no route to any of them, or no control target answers.',
      'Look at its own line: `ip address`, `ip route`.',
    ],
  },
  'ps-missing': { short: 'ps not usable', next: PING_TOOL },
  deadline: {
    short: 'test cut off',
    next: [
      'The whole test took longer than its parts may: this host is overloaded or was suspended, or the client',
      'cannot be ended. The log shows where the time went.',
    ],
  },
};

/** The words for a cause; `undefined` for one that another version of the program has stored. */
export function wordsFor(cause: string): CauseWords | undefined {
  return Object.hasOwn(WORDS, cause) ? WORDS[cause as Cause] : undefined;
}
