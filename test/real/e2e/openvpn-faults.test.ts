import { readFileSync, writeFileSync } from 'node:fs';
import { kickUntilTunnelEnds, kill, killUntilTunnelEnds, testFaults } from '../lab/fault-table.ts';
import * as faults from '../lab/faults.ts';

/** The profile names a gateway that no name server knows. */
const unknownName: faults.Fault = ({ profile = '', external }) => {
  const text = readFileSync(profile, 'utf8');
  writeFileSync(profile, text.replace(external, 'gateway.invalid'));
  return async () => writeFileSync(profile, text);
};

testFaults('openvpn', [
  {
    name: 'port-refused',
    fault: faults.portRefused,
    outcomes: ['ok', 'error', 'timeout'],
    cause: 'unreachable',
    mail: "the gateway answers pings and can't be reached by the client (read UDPv4 [ECONNREFUSED]: Connection refused (fd=3,code=111))",
    quick: true,
  },
  {
    name: 'port-refused-tcp',
    gateway: { protocol: 'tcp' },
    fault: faults.portRefused,
    outcomes: ['ok', 'error', 'timeout'],
    cause: 'unreachable',
    mail: "the gateway answers pings and can't be reached by the client (TCP: connect to [AF_INET]{server} failed: Connection refused)",
    quick: true,
  },
  {
    name: 'port-silent',
    fault: faults.portSilent,
    outcomes: ['ok', 'error', 'timeout'],
    cause: 'step-timed-out',
    mail: 'the gateway answers pings and does not go on with the log-in (the success of the log-in did not come within 8 s, the client last said: UDPv4 link remote: [AF_INET]{server})',
  },
  {
    name: 'name-unknown',
    fault: unknownName,
    outcomes: ['ok', 'error', 'timeout'],
    cause: 'name-not-resolved',
    mail: 'the gateway answers pings and is not found by the client (RESOLVE: Cannot resolve host address: gateway.invalid:1194 (Temporary failure in name resolution))',
    quick: true,
  },
  {
    name: 'wrong-password',
    settings: { password: 'not-the-password' },
    outcomes: ['ok', 'error', 'timeout'],
    cause: 'credentials-rejected',
    mail: 'the gateway answers pings and rejects the credentials (AUTH: Received control message: AUTH_FAILED)',
    attempts: 1,
    quick: true,
  },
  {
    name: 'login-hangs',
    fault: faults.loginHangs,
    outcomes: ['ok', 'error', 'timeout'],
    cause: 'step-timed-out',
    mail: "the gateway answers pings and does not go on with the log-in (the success of the log-in did not come within 8 s, the client last said: SENT CONTROL [{external}]: 'PUSH_REQUEST' (status=1))",
    attempts: 1,
  },
  {
    name: 'inside-dropped',
    fault: faults.insideDropped,
    outcomes: ['ok', 'ok', 'timeout'],
    cause: 'inside-unreachable',
    mail: 'the log-in works, but nothing answers inside (no reply to 1 echo request to {internal})',
    attempts: 1,
    inside: 1,
  },
  {
    name: 'kicked',
    during: kickUntilTunnelEnds,
    outcomes: ['ok', 'ok', 'timeout'],
    cause: 'client-exited',
    mail: 'the log-in works, but the session did not last (no reply to 1 echo request to {internal} (Destination Net Unreachable); the client said: SIGUSR1[soft,server-pushed-connection-reset] received, process restarting)',
    attempts: 1,
  },
  {
    name: 'server-killed',
    during: kill,
    outcomes: ['ok', 'ok', 'timeout'],
    cause: 'inside-unreachable',
    mail: 'the log-in works, but nothing answers inside (no reply to 1 echo request to {internal})',
    attempts: 1,
  },
  {
    name: 'server-killed-tcp',
    gateway: { protocol: 'tcp' },
    during: killUntilTunnelEnds,
    outcomes: ['ok', 'ok', 'timeout'],
    cause: 'client-exited',
    mail: 'the log-in works, but the session did not last (no reply to 1 echo request to {internal} (Destination Net Unreachable); the client said: SIGUSR1[soft,connection-reset] received, process restarting)',
    attempts: 1,
  },
]);
