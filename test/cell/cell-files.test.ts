import { expect, test } from 'vitest';
import { cellFiles } from '../../src/cell/cell-files.ts';
import { DONE } from '../../src/model/result.ts';

/** Which path of the host is read for a file of the cell of process 7, whose links these are. */
function readFor(file: string, links: Readonly<Record<string, string>> = {}): string | undefined {
  let read: string | undefined;
  const files = cellFiles(
    {
      readFile: (path) => {
        read = path;
        return { state: 'missing' };
      },
      overwriteFile: () => DONE,
      putLink: () => DONE,
      putFile: () => DONE,
      listFolder: () => [],
      readLink: (path) => links[path.replace('/proc/7/root', '')],
    },
    7,
  );
  files.readFile(file);
  return read;
}

test.each([
  ['a file', '/etc/resolv.conf', {}, '/proc/7/root/etc/resolv.conf'],
  [
    'a relative link',
    '/sys/class/net/tun0/tun_flags',
    { '/sys/class/net/tun0': '../../devices/virtual/net/tun0' },
    '/proc/7/root/sys/devices/virtual/net/tun0/tun_flags',
  ],
  [
    'an absolute link, which the kernel would follow to the host',
    '/etc/resolv.conf',
    { '/etc/resolv.conf': '/run/x/resolv.conf' },
    '/proc/7/root/run/x/resolv.conf',
  ],
  ['a link in the middle', '/etc/x/y', { '/etc/x': '/srv/x', '/srv/x': 'z' }, '/proc/7/root/srv/z/y'],
  ['a link that leads above the root', '/etc/x', { '/etc/x': '../../../../shadow' }, '/proc/7/root/shadow'],
  ['a link in a circle, which the kernel refuses', '/a', { '/a': 'a' }, '/proc/7/root/a'],
  ['a process: pids are those of the host', '/proc/4711/stat', {}, '/proc/4711/stat'],
])('%s', (_, file, links, read) => {
  expect(readFor(file, links)).toBe(read);
});
