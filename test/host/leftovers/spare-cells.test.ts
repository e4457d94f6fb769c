import { expect, test } from 'vitest';
import { CELL_NAME, spareCells } from '../../../src/host/leftovers/spare-cells.ts';
import type { Place, ProcessInfo } from '../../../src/system/place.ts';

/** Processes: their command lines, and their pid namespaces (a hidden one has none). */
const PROCESSES: Readonly<Record<number, readonly [args: string, namespace: string | undefined]>> = {
  1: ['/sbin/init', 'pid:[1]'],
  10: ['/usr/bin/openconnect gw', 'pid:[1]'],
  20: [`${CELL_NAME} --norc -c ...`, 'pid:[2]'],
  21: ['/usr/bin/openconnect gw', 'pid:[2]'],
  30: ['/pause', 'pid:[3]'],
  31: ['/usr/bin/openconnect gw', 'pid:[3]'],
  40: ['/usr/bin/openconnect gw', undefined],
};

const place = {
  pid: 5,
  readProcess: (pid: number) =>
    ({ pid, args: PROCESSES[pid]?.[0].split(' ') ?? [] }) as unknown as ProcessInfo,
  readLink: (file: string) => PROCESSES[Number(file.split('/')[2])]?.[1],
} as Place;

function spared(pids: readonly number[]): number[] {
  const found = [10, 21, 31, 40].map((pid) => ({ process: { pid } }));
  return spareCells(place, found, pids).map(({ process }) => process.pid);
}

test("a client in a cell is not the host's to end; one in a container is, and one whose namespace is hidden", () => {
  expect(spared(Object.keys(PROCESSES).map(Number))).toEqual([10, 31, 40]);
});

test('without cells nothing is spared', () => {
  expect(spared([1, 10, 30])).toEqual([10, 21, 31, 40]);
});
