import type { ClientProfile } from './profile.ts';

/** What wg-quick does after wg has found the gateway's address. */
const SET_UP = /^\[#\] ip (?:-[46] )?(?:address|link set) /;

/**
 * WireGuard, as measured with wg-quick 1.0.20210914 and wireguard-go 0.0.20220316. `wg-quick up` returns with status 0 also if the
 * key is wrong or the gateway is dead: only a handshake, which the first packet brings about, shows that the gateway has let it in. What
 * is wrong cannot be seen from this end: a gateway does not answer what it does not accept.
 */
export const wireguard: ClientProfile = {
  name: 'wireguard',
  replaceable: true,
  described: false,
  command: 'wg-quick',
  package: 'wireguard-tools',
  args: ['up', '{interface}'],
  keys: {
    interface: {
      required: true,
      file: false,
      value: {
        pattern: /^[a-zA-Z0-9_=+.][a-zA-Z0-9_=+.-]{0,14}$/,
        expected:
          'the name of an interface, at most 15 of a-z, 0-9 and _=+.-: wg0 for /etc/wireguard/wg0.conf',
      },
    },
  },
  insteadOf: { username: [], password: [] },
  dialogue: [],
  success: {
    // The interface has one peer or several: PEER, a tab, and the seconds since 1970.
    expect: /\t[1-9]\d*$/,
    shownBy: {
      command: 'wg',
      args: ['show', '{interface}', 'latest-handshakes'],
      wakes: true,
      otherwise: {
        cause: 'unreachable',
        words: 'no handshake: the gateway is not reached, or does not accept the keys of {interface}',
      },
    },
  },
  failures: [
    {
      expect: /^wg-quick: `.*' already exists/m,
      cause: 'client-busy',
      words: '{interface} is up already, and the monitor did not bring it up ({line})',
    },
    // wg tries again for more than a minute.
    {
      expect:
        /^(?:Name or service not known|Temporary failure in name resolution|No address associated with hostname|Name does not resolve).*/m,
      cause: 'name-not-resolved',
      passing: SET_UP,
    },
  ],
  logout: { command: 'wg-quick', args: ['down', '{interface}'] },
  returns: true,
  device: '{interface}',
  own: { by: 'mark' },
  tunnel: 'device',
};
