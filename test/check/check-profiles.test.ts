import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkProfiles } from '../../src/check/check-profiles.ts';
import { openconnect } from '../../src/clients/openconnect.ts';
import { openvpn } from '../../src/clients/openvpn.ts';
import { simulatedSite } from '../support/site.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const site = (name: string, more: Parameters<typeof simulatedSite>[1] = {}) =>
  simulatedSite('gw.example.com', { name, ...more });
const PINNED = { clientKeys: new Map([['server_cert', 'verify']]) };

test('the enabled sites whose client does not check the certificate of the gateway are named', () => {
  const sites = [
    site('a'),
    site('b', PINNED),
    site('c'),
    site('d', { client: openconnect, clientKeys: new Map() }),
    site('e', { enabled: false }),
  ];
  expect(checkProfiles({ sites }, fs)).toEqual([
    {
      verdict: 'warning',
      words:
        "startct does not check the gateway's certificate at a, c: whoever sits between this host and the gateway gets the password",
      remedy: 'set server_cert: the fingerprint of the certificate, or verify',
    },
  ]);
});

test('nothing is said where all are checked', () => {
  expect(checkProfiles({ sites: [site('b', PINNED)] }, fs)).toEqual([]);
});

test('lines of a profile that keep the client from being watched are named; what its options override is not', () => {
  const file = path.join(temporaryFolder(), 'site.ovpn');
  fs.writeFileSync(
    file,
    'client\nverb 0\nlog client.log\nsyslog vpn\n#daemon\n;daemon\n\tdaemon  vpn1\r\n\nmanagement-hold\n',
  );
  const profile = { client: openvpn, clientKeys: new Map([['profile', file]]) };
  const remedy = 'remove the line from a copy of the file for the monitor, which runs the client itself';
  const remark = (words: string) => ({
    ...{ verdict: 'warning', words: `sites.a: ${file}:${words}` },
    ...{ remedy, site: 'a' },
  });
  expect(
    checkProfiles({ sites: [site('a', profile), site('b', { ...profile, enabled: false })] }, fs),
  ).toEqual([
    remark('7 keeps openvpn from being watched: daemon vpn1'),
    remark('9 keeps openvpn from being watched: management-hold'),
  ]);
  fs.rmSync(file);
  expect(checkProfiles({ sites: [site('a', profile)] }, fs)).toEqual([]);
});
