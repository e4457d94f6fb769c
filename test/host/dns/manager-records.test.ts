import { expect, test } from 'vitest';
import { recordsLeft } from '../../../src/host/dns/manager-records.ts';

test.each([
  ['of a tunnel that is gone', ['eth0.dhclient', 'tun0'], ['tun0']],
  [
    'of a tunnel that is gone, with the name of a program',
    ['tun0.openvpn', 'tap3.inet6'],
    ['tun0.openvpn', 'tap3.inet6'],
  ],
  ['of a device that is there', ['tun7', 'tun7.openvpn', 'eth0.100.dhclient'], []],
  ['that was there before', ['tun9'], []],
  ['of a device that the client was seen to make', ['corp', 'corp.vpn', 'corporate'], ['corp', 'corp.vpn']],
  ['of a program, not of a device', ['NetworkManager', 'systemd-resolved', 'lo.bind'], []],
])('a record %s', (_, now, left) => {
  expect(recordsLeft(now, ['tun9'], ['lo', 'eth0', 'eth0.100', 'tun7'], ['corp'])).toEqual(left);
});
