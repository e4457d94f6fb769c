import { expect, test } from 'vitest';
import { cellResolvConf } from '../../src/cell/cell-resolv-conf.ts';
import type { FileSeen } from '../../src/system/place.ts';

const STUB = 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch example.com\n';
const UPSTREAM = 'nameserver 192.0.2.1\nnameserver 2001:db8::1\nsearch example.com\n';

test.each([
  ['servers of the network', UPSTREAM, undefined, UPSTREAM],
  ["systemd-resolved's stub", STUB, UPSTREAM, UPSTREAM],
  ['a stub whose upstream is not known', STUB, undefined, 'options edns0 trust-ad\nsearch example.com\n'],
  [
    'dnsmasq beside another server',
    'nameserver 127.0.0.1\nnameserver 192.0.2.1\n',
    undefined,
    'nameserver 192.0.2.1\n',
  ],
  ['::1', 'nameserver ::1\nnameserver ::1234\n', undefined, 'nameserver ::1234\n'],
  [
    'a comment about a stub',
    '# nameserver 127.0.0.53\nnameserver 192.0.2.1\n',
    UPSTREAM,
    '# nameserver 127.0.0.53\nnameserver 192.0.2.1\n',
  ],
  ['no file', undefined, undefined, ''],
])('of a host with %s', (_, own, upstream, inCell) => {
  const files = new Map([
    ['/etc/resolv.conf', own],
    ['/run/systemd/resolve/resolv.conf', upstream],
  ]);
  const readFile = (file: string): FileSeen => {
    const text = files.get(file);
    return text === undefined
      ? { state: 'missing' }
      : { state: 'read', text, exact: true, version: '', mode: 0o644 };
  };
  expect(cellResolvConf({ readFile })).toBe(inCell);
});
