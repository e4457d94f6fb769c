import { expect, test } from 'vitest';
import { groupMayPing } from '../../src/rights/ping-group.ts';

test.each([
  // The kernel's own setting: nobody.
  ['1\t0\n', 0, false],
  ['1\t0\n', undefined, false],
  // That of systemd.
  ['0\t2147483647\n', 991, true],
  ['0\t2147483647\n', undefined, true],
  ['990\t991\n', 990, true],
  ['990\t991\n', 991, true],
  ['990\t991\n', 992, false],
  ['990\t991\n', undefined, false],
  ['0\t1000\n', undefined, false],
  ['unheard of', 0, false],
])('net.ipv4.ping_group_range %j, group %s: may ping is %s', (text, group, may) => {
  const readFile = () => ({ state: 'read', text, exact: true, version: '', mode: 0o644 }) as const;
  expect(groupMayPing({ readFile }, group)).toBe(may);
});

test('a kernel that does not have the setting', () => {
  expect(groupMayPing({ readFile: () => ({ state: 'missing' }) }, 0)).toBe(false);
});
