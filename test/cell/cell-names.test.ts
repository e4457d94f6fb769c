import { expect, test } from 'vitest';
import {
  addressesOf,
  BLOCKS,
  blockIn,
  blockLock,
  CELLS_IN_BLOCK,
  linkName,
  markOf,
  subnetOf,
  tableName,
} from '../../src/cell/cell-names.ts';
import { lockAddress } from '../../src/lock/lock-name.ts';

const MARK = markOf('/var/lib/vpn-monitor');

test('every cell has addresses of its own, none of them reserved, none that a cloud uses', () => {
  const seen = new Set<string>();
  for (const block of BLOCKS) {
    for (let cell = 0; cell < CELLS_IN_BLOCK; cell += 1) {
      const { host, inside } = addressesOf(block, cell);
      for (const address of [host, inside]) {
        const last = address.slice(address.lastIndexOf('.') + 1);
        expect(address.startsWith(subnetOf(block).slice(0, -4))).toBe(true);
        expect(Number(last)).toBeLessThan(255);
        seen.add(address);
      }
    }
  }
  expect(seen.size).toBe(253 * 64 * 2);
  expect([...seen].filter((address) => /^169\.254\.(?:0|169|255)\./.test(address))).toEqual([]);
});

test('a link has a name that the kernel accepts, and tells its block', () => {
  const names = BLOCKS.flatMap((block) => [linkName(MARK, block, 0), linkName(MARK, block, 63)]);
  expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(15);
  expect(new Set(names).size).toBe(2 * BLOCKS.length);
  expect(names.map((name) => blockIn(name, MARK))).toEqual(BLOCKS.flatMap((block) => [block, block]));
});

test('a table tells its block; a lock is one for each block', () => {
  expect(BLOCKS.map((block) => blockIn(tableName(MARK, block), MARK))).toEqual(BLOCKS);
  expect(new Set(BLOCKS.map((block) => lockAddress(blockLock(block)))).size).toBe(BLOCKS.length);
});

test.each([
  'lo',
  'eth0',
  'vc',
  'vcan0',
  'filter',
  linkName(markOf('/srv/other'), 7, 1),
  tableName(markOf('/srv/other'), 7),
  `${linkName(MARK, 7, 1)}0`,
  `x${tableName(MARK, 7)}`,
])('%s was not made by this monitor', (name) => {
  expect(blockIn(name, MARK)).toBeUndefined();
});
