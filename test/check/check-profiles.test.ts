import { expect, test } from 'vitest';
import { checkCertificates } from '../../src/check/check-certificates.ts';
import { openconnect } from '../../src/clients/openconnect.ts';
import { simulatedSite } from '../support/site.ts';

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
  expect(checkCertificates({ sites })).toEqual([
    {
      verdict: 'warning',
      words:
        "startct does not check the gateway's certificate at a, c: whoever sits between this host and the gateway gets the password",
      remedy: 'set server_cert: the fingerprint of the certificate, or verify',
    },
  ]);
});

test('nothing is said where all are checked', () => {
  expect(checkCertificates({ sites: [site('b', PINNED)] })).toEqual([]);
});
