import type { ClientProfile } from './profile.ts';

/**
 * OpenVPN, as measured with 2.6.14. `profile` is its .ovpn file. Without `--remap-usr1 SIGTERM` it would start again after
 * every failure and ask for the username, and ignore SIGINT and SIGTERM there; with it, it prints each failure and ends.
 * Its exit status is 0 even then, so only the text decides.
 */
export const openvpn: ClientProfile = {
  name: 'openvpn',
  described: false,
  command: 'openvpn',
  package: 'openvpn',
  // auth-user-pass without a file: the password is typed, whatever the profile contains. No timestamps: its output is
  // quoted in the log and in mails, which have their own.
  args: [
    '--config',
    '{profile}',
    '--auth-user-pass',
    '--auth-nocache',
    '--remap-usr1',
    'SIGTERM',
    '--suppress-timestamps',
  ],
  keys: { profile: { required: true, file: true, gateway: /^[ \t]*remote[ \t]+["']?([^\s"']+)/gm } },
  dialogue: [
    { prompt: 'Enter Auth Username:', expect: /^Enter Auth Username:/m, send: '{username}' },
    { prompt: 'Enter Auth Password:', expect: /^Enter Auth Password:/m, send: '{password}' },
  ],
  success: { expect: /Initialization Sequence Completed/, unless: /With Errors/ },
  failures: [
    // Followed by "Please correct these errors." and "Use --help for more information.". After the log-in it is about a
    // pushed option, and the client continues.
    { expect: /^Options error: /m, cause: 'client-exited', before: 'Enter Auth Username:' },
    { expect: /AUTH_FAILED/, cause: 'credentials-rejected', after: 'Enter Auth Password:' },
    {
      expect: /^Enter Auth (?:Username|Password):/m,
      cause: 'credentials-rejected',
      after: 'Enter Auth Password:',
    },
    {
      expect: /^CHALLENGE: /m,
      cause: 'second-factor',
      words: '"{line}", which the monitor can\'t answer: use an account without a second factor',
    },
    { expect: /VERIFY ERROR|certificate verify failed|TLS handshake failed/, cause: 'tls' },
    { expect: /RESOLVE: Cannot resolve host address/, cause: 'name-not-resolved' },
    { expect: /TCP: connect to .{0,200} failed|ECONNREFUSED/, cause: 'unreachable' },
    { expect: /TLS key negotiation failed to occur|No reply from server/, cause: 'unreachable' },
    { expect: /Cannot ioctl TUNSETIFF/, cause: 'client-exited' },
  ],
  ends: [/SIGTERM\[soft,ping-(?:restart|exit)\]/],
  logout: { signal: 'SIGINT' },
  own: { by: 'mark' },
  tunnel: 'device',
};
