import type { ClientProfile } from './profile.ts';

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
      expect: /hash comparison failed.*|check group password!/,
      cause: 'credentials-rejected',
      words: 'the gateway does not accept the group of the profile, or its password: {line}',
    },
    { expect: /authentication unsuccessful.*/, cause: 'credentials-rejected', after: 'Enter password:' },
    { expect: /unknown host.*/, cause: 'name-not-resolved' },
    { expect: /receiving packet: .*|no response from target.*/, cause: 'unreachable' },
    { expect: /response was invalid.*/, cause: 'refused' },
  ],
  ends: [/recvfrom: Connection refused/],
  logout: { signal: 'SIGINT' },
  own: { by: 'mark' },
  tunnel: 'device',
  dns: { mark: '#@VPNC_GENERATED@' },
};
