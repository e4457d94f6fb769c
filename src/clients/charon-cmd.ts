import type { ClientProfile } from './profile.ts';

/** The gateway has answered: the packets that were sent again before do not matter any more. */
const ANSWERED = /parsed IKE_SA_INIT response/;

/**
 * charon-cmd of strongSwan (IKEv2 with a username and a password, EAP), as measured with 5.9.8. The tunnel is a policy of the kernel, or
 * the device ipsec0 where the kernel has no ESP; in both cases its route is in table 220. On SIGINT it logs out at the gateway.
 */
export const charonCmd: ClientProfile = {
  name: 'charon-cmd',
  replaceable: true,
  described: false,
  command: 'charon-cmd',
  package: 'charon-cmd libcharon-extauth-plugins',
  args: [
    '--profile=ikev2-eap',
    '--host={vpn_gw}',
    '--identity={username}',
    '--remote-identity={remote_id}',
    '--cert={ca}',
    '--remote-ts={remote_ts}',
  ],
  keys: {
    ca: { required: false, file: true },
    remote_id: { required: false, file: false },
    remote_ts: { required: false, file: false },
  },
  dialogue: [{ prompt: 'EAP password:', expect: /^EAP password:/m, send: '{password}' }],
  success: { expect: /CHILD_SA \S+ established with SPIs/ },
  failures: [
    {
      expect: /EAP-MS-CHAPv2 failed.*|EAP_\w+ method failed.*|received AUTHENTICATION_FAILED notify error.*/,
      cause: 'credentials-rejected',
      after: 'EAP password:',
    },
    {
      expect: /no trusted .* public key found.*|no issuer certificate found.*|constraint check failed.*/,
      cause: 'tls',
    },
    { expect: /unable to resolve .*, initiate aborted/, cause: 'name-not-resolved' },
    { expect: /retransmit \d+ of request with message ID 0/, cause: 'unreachable', passing: ANSWERED },
    { expect: /peer not responding.*/, cause: 'unreachable', passing: ANSWERED },
    {
      expect: /received (?:NO_PROPOSAL_CHOSEN|TS_UNACCEPTABLE).*|failed to establish CHILD_SA.*/,
      cause: 'refused',
    },
  ],
  ends: [/received DELETE for IKE_SA/],
  logout: { signal: 'SIGINT' },
  own: { by: 'mark' },
  tunnel: 'route',
  table: '220',
  dns: { mark: 'by strongSwan' },
};
