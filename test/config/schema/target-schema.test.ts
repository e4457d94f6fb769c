import { expect, test } from 'vitest';
import { parseTarget } from '../../../src/config/schema/target-schema.ts';
import { targetName } from '../../../src/targets/target.ts';
import { configOf, load, shortConfig } from '../write-config.ts';

test.each([
  ['ping://10.0.0.1', { kind: 'ping', host: '10.0.0.1' }],
  ['ping://[2001:db8::1]', { kind: 'ping', host: '2001:db8::1' }],
  ['tcp://files.example.com:445', { kind: 'tcp', host: 'files.example.com', port: 445 }],
  ['tcp://[fe80::1%tun0]:22', { kind: 'tcp', host: 'fe80::1%tun0', port: 22 }],
  ['https://intranet/', { kind: 'https', host: 'intranet', port: 443, path: '/' }],
  ['https://10.0.0.1:8443/a?b=c', { kind: 'https', host: '10.0.0.1', port: 8443, path: '/a?b=c' }],
  ['dns://10.0.0.53/a.example', { kind: 'dns', host: '10.0.0.53', port: 53, name: 'a.example' }],
  ['dns://10.0.0.53:5353/_ldap._tcp.a', { kind: 'dns', host: '10.0.0.53', port: 5353, name: '_ldap._tcp.a' }],
] as const)('%s', (text, target) => {
  expect(parseTarget(text)).toEqual({ ok: true, value: target });
  expect(targetName(target)).toBe(text);
});

test('the path of a URL may be left out', () => {
  expect(parseTarget('https://intranet')).toMatchObject({ value: { path: '/' } });
  expect(parseTarget('https://intranet?a=b')).toMatchObject({ value: { path: '/?a=b' } });
});

test.each([
  'ping://10.0.0.1:80',
  'tcp://10.0.0.1:65536',
  'tcp://10.0.0.1:80/x',
  'tcp://[10.0.0.1]:80',
  'https://a b/',
  'https://a/#b',
  'https://-a/',
  'dns://10.0.0.53/a..b',
  'udp://10.0.0.1:53',
  '10.0.0.1',
])('%s is none', (text) => {
  expect(parseTarget(text)).toMatchObject({ ok: false });
});

test('one target, a mapping or a list; the file is relative to the config', () => {
  const insideOf = (inside: string) => {
    const text = shortConfig(`    password: secret\n    inside: ${inside}`).replace(
      '    internal_ip: 10.0.0.1\n',
      '',
    );
    const result = load(text, { files: { 'ca.pem': 'x' } });
    return { folder: result.folder, site: configOf(result).sites[0] };
  };
  expect(insideOf('ping://10.0.0.1').site).toMatchObject({
    internalIp: '10.0.0.1',
    inside: [{ kind: 'ping' }],
  });
  const { folder, site } = insideOf(
    '[{ target: "https://a/", status: 401, text: b, ca: ca.pem }, "tcp://10.0.0.2:1"]',
  );
  expect(site).toMatchObject({
    internalIp: 'a',
    inside: [{ kind: 'https', host: 'a', status: 401, text: 'b', ca: `${folder}/ca.pem` }, { kind: 'tcp' }],
  });
});
