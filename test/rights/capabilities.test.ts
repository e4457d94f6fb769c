import fs from 'node:fs';
import { expect, test } from 'vitest';
import { hasCapability } from '../../src/rights/capabilities.ts';
import { machine } from '../support/machine.ts';

/** A process with these sets (proc(5)). */
function having(uid: number, effective: string, ambient: string) {
  const readFileSync = () =>
    `Name:\tnode\nCapEff:\t${effective}\nCapBnd:\t000001ffffffffff\nCapAmb:\t${ambient}\n`;
  return { ...machine, uid, files: { ...fs, readFileSync } as unknown as typeof fs };
}

test.each([
  ['root', 0, '000001ffffffffff', '0000000000000000', { self: true, children: true }],
  ['root in a small container', 0, '00000000a80425fb', '0000000000000000', { self: false, children: false }],
  ['a user', 1000, '0000000000000000', '0000000000000000', { self: false, children: false }],
  [
    'AmbientCapabilities=CAP_NET_ADMIN',
    1000,
    '0000000000001000',
    '0000000000001000',
    { self: true, children: true },
  ],
  [
    'a program with a right of its own',
    1000,
    '0000000000001000',
    '0000000000000000',
    { self: true, children: false },
  ],
])('%s', (_, uid, effective, ambient, has) => {
  expect(hasCapability(having(uid, effective, ambient), 'CAP_NET_ADMIN')).toEqual(has);
});

test('each has its own bit', () => {
  expect(hasCapability(having(1000, '0000000000000020', '0'), 'CAP_KILL').self).toBe(true);
  expect(hasCapability(having(1000, '0000000000001000', '0'), 'CAP_KILL').self).toBe(false);
});

test('without /proc nobody knows', () => {
  const readFileSync = () => {
    throw new Error('ENOENT');
  };
  const files = { ...fs, readFileSync } as unknown as typeof fs;
  expect(hasCapability({ ...machine, files }, 'CAP_KILL')).toEqual({ self: false, children: false });
});
