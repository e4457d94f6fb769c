import { expect, test } from 'vitest';
import { cellKeeper } from '../../src/cell/cell-keeper.ts';
import { startct } from '../../src/clients/startct.ts';
import type { Place } from '../../src/system/place.ts';
import { never } from '../support/never.ts';

/** The keeper of a cell that has these network devices. */
function keeper(...devices: readonly string[]) {
  return cellKeeper({ listFolder: () => devices } as Partial<Place> as Place);
}

test('shared files: each cell has a note of its own of the devices before its test', async () => {
  const [one, other] = [keeper('lo', 'eth0'), keeper('lo', 'eth0', 'tun0')];
  await one.note(startct, 'gw.example.com', null, never);
  await other.note(startct, 'gw.example.com', null, never);
  expect(one.devicesBefore()).toEqual(['lo', 'eth0']);
  expect(other.devicesBefore()).toEqual(['lo', 'eth0', 'tun0']);
});

test('nothing is cleaned in a cell: its report says that there is one', async () => {
  expect(await keeper().clean(null, 0, never)).toEqual(new Map([['cell', null]]));
});
