import type { ClientProfile } from './profile.ts';

/** An error of its own begins with its name, or with its path; a banner may hold the same words. */
function own(text: string): RegExp {
  return new RegExp(`^(?:\\S*vpnc: )?(?:${text}).*`, 'm');
}

/**
 * vpnc (Cisco's IPsec with a group password and XAuth), as measured with 0.5.3. `profile` is its config file, with the group and its
 * password; username and password are asked for. On SIGINT it logs out and restores routes and resolv.conf.
 */
export const vpnc: ClientProfile = {
  name: 'vpnc',
  replaceable: true,
  described: false,
  command: 'vpnc',
  package: 'vpnc',
  args: ['--no-detach', '--gateway', '{vpn_gw}', '{profile}'],
  keys: { profile: { required: true, file: true } },
  dialogue: [
    { prompt: 'Enter username:', expect: /^Enter username for .*: ?$/m, send: '{username}' },
    { prompt: 'Enter password:', expect: /^Enter password for .*: ?$/m, send: '{password}' },
  ],
  success: { expect: /^VPNC started in foreground/m },
  failures: [
    // The group of the config file, before the user.
    {
      expect: own('hash comparison failed|check group password!'),
      cause: 'credentials-rejected',
      words: 'the gateway does not accept the group of the profile, or its password: {line}',
    },
    { expect: own('authentication unsuccessful'), cause: 'credentials-rejected', after: 'Enter password:' },
    { expect: own('unknown host'), cause: 'name-not-resolved' },
    { expect: own('receiving packet: |no response from target'), cause: 'unreachable' },
    {
      expect: own(
        'response was invalid|[a-zA-Z ]+ rejected(?: \\[2\\])?: |received notice of type .*, giving up',
      ),
      cause: 'refused',
    },
    // From its source, as the next one.
    {
      expect: /^(?:Answer|Passcode) for VPN .*: ?$/m,
      cause: 'second-factor',
      words: '"{line}", which the monitor does not answer (use an account without a second factor)',
    },
    {
      expect: /^Password for VPN .*: ?$/m,
      cause: 'prompt-not-seen',
      after: 'Enter password:',
      words: 'after the password the gateway asks again: {line}',
    },
  ],
  ends: [/recvfrom: Connection refused/],
  logout: { signal: 'SIGINT' },
  own: { by: 'mark' },
  tunnel: 'device',
  dns: { mark: '#@VPNC_GENERATED@' },
};
