import type { ClientProfile } from './profile.ts';

const PASSWORD = 'EAP password:';

/** A line of its log; with the number of a thread and a subsystem, if strongswan.conf says so. */
function own(text: string): RegExp {
  return new RegExp(`^(?:\\d*\\[\\w+\\] )?(?:${text}).*`, 'm');
}

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
  dialogue: [{ prompt: PASSWORD, expect: /^EAP password:/m, send: '{password}' }],
  success: { expect: /CHILD_SA \S+ established with SPIs/ },
  failures: [
    // RFC 2759 names these errors; a gateway adds a text of any words to them, and to a success.
    {
      expect: own('EAP-MS-CHAPv2 failed with error ERROR_PASSWD_EXPIRED'),
      cause: 'password-expired',
      after: PASSWORD,
    },
    {
      expect: own(
        'EAP-MS-CHAPv2 failed with error ERROR_(?:ACCT_DISABLED|RESTRICTED_LOGON_HOURS|NO_DIALIN_PERMISSION)',
      ),
      cause: 'refused',
      after: PASSWORD,
    },
    {
      expect: own('EAP-MS-CHAPv2 failed|EAP_\\w+ method failed|received AUTHENTICATION_FAILED notify error'),
      cause: 'credentials-rejected',
      after: PASSWORD,
    },
    { expect: own('received AUTHENTICATION_FAILED notify error'), cause: 'refused', before: PASSWORD },
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
