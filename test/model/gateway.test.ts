import { expect, test } from 'vitest';
import { gatewayHost, gatewayPort } from '../../src/model/gateway.ts';

test.each([
  ['site1.example.com', 'site1.example.com', undefined],
  ['site1.example.com:4443', 'site1.example.com', 4443],
  ['https://site1.example.com', 'site1.example.com', undefined],
  ['https://site1.example.com:4443/group/a:1', 'site1.example.com', 4443],
  ['https://site1.example.com?group=a', 'site1.example.com', undefined],
  ['site1.example.com/group', 'site1.example.com', undefined],
  ['192.0.2.10', '192.0.2.10', undefined],
  ['192.0.2.10:443', '192.0.2.10', 443],
  ['2001:db8::10', '2001:db8::10', undefined],
  ['fe80::1%eth0', 'fe80::1%eth0', undefined],
  ['[2001:db8::10]', '2001:db8::10', undefined],
  ['[2001:db8::10]:443', '2001:db8::10', 443],
  ['https://[2001:db8::10]:443/', '2001:db8::10', 443],
])('the gateway %s has the host %s and the port %s', (gateway, host, port) => {
  expect(gatewayHost(gateway)).toBe(host);
  expect(gatewayPort(gateway)).toBe(port);
});
