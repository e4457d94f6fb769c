import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkGateways } from '../../src/check/check-gateways.ts';
import { PROFILES } from '../../src/clients/built-in.ts';
import { configOf, load } from '../config/write-config.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What is said of a site of OpenVPN with this gateway and profile. */
function said(gateway: string, profile: string, more = '') {
  const folder = temporaryFolder();
  const text = `frequency: 600
logging: { dir: results, file: result }
sites:
  hh:
    external_ip: 192.0.2.1
    vpn_gw: "${gateway}"
    profile: hh.ovpn
    username: monitor
    password: secret
    internal_ip: 10.0.0.1
    client: openvpn
${more}`;
  const config = configOf(load(text, { folder, files: { 'hh.ovpn': profile }, clients: PROFILES }));
  const findings = checkGateways(config, fs);
  return findings.map(({ verdict, words, remedy }) =>
    [verdict, words, remedy].join('|').replace(path.join(folder, 'hh.ovpn'), 'PROFILE'),
  );
}

test.each([
  ['another gateway', 'client\nremote berlin.example.com 1194\n'],
  ['two others', '<connection>\n  remote a.example.com\n</connection>\nremote b.example.com 443 tcp\n'],
])('a profile that logs in at %s than vpn_gw is told', (_what, profile) => {
  expect(said('hh.example.com', profile)).toEqual([
    'warning|sites.hh: its profile logs in at another gateway than vpn_gw|PROFILE decides: is it the profile of this site, and does vpn_gw name the gateway as it does?',
  ]);
});

test.each([
  ['names it', 'hh.example.com', 'client\nremote hh.example.com 1194 udp\n'],
  ['names it in other letters', 'HH.example.com:1194', '\tremote "hh.Example.com"\r\n'],
  ['names it beside others', 'hh.example.com', 'remote a.example.com\nremote hh.example.com\n'],
  ['names its address', '2001:db8::1', 'remote 2001:db8::1 1194\n'],
  [
    'names none',
    'hh.example.com',
    '#remote a.example.com\n;remote b\nremote-cert-tls server\nremote-random\n',
  ],
])('nothing is told of one that %s', (_what, gateway, profile) => {
  expect(said(gateway, profile)).toEqual([]);
});

test('a site that is not tested needs no word', () => {
  expect(said('hh.example.com', 'remote berlin.example.com\n', '    enabled: false\n')).toEqual([]);
});
