import { expect, test } from 'vitest';
import { OrdersInForce } from '../../src/alerts/orders-in-force.ts';
import type { GivenOrder } from '../../src/control/order.ts';
import { DONE } from '../../src/model/result.ts';
import { recordingLog } from '../support/recording-log.ts';
import { testSystem } from './support.ts';

const NOW = '2018-11-14T04:18:02.000Z';
const HOUR = 3600_000;

function order(id: string, site: string, fromMs: number, kind: GivenOrder['kind'] = 'ack'): GivenOrder {
  const given = { version: 1, id, author: 'alice', from: Date.parse(NOW) + fromMs } as const;
  return kind === 'ack'
    ? { ...given, kind, site, note: null }
    : { ...given, kind, sites: [site], until: given.from + 2 * HOUR, reason: null };
}

/** The orders of a folder in force, and those that were removed from it. */
function folderOf(...orders: GivenOrder[]) {
  const removed: string[] = [];
  const control = {
    read: () => ({ orders, problems: [] }),
    remove: (id: string) => {
      removed.push(id);
      return DONE;
    },
  };
  const inForce = new OrdersInForce({ control, log: recordingLog(), system: testSystem(NOW) });
  return { inForce, removed };
}

test('all acknowledgements of a site that is back go, also those that the clock dates after now', () => {
  const { inForce, removed } = folderOf(
    order('before', 'oslo', -HOUR),
    order('meanwhile', 'oslo', 1),
    order('from before the clock was set back', 'oslo', 24 * HOUR),
    order('of another site', 'rome', -HOUR),
    order('a silence', 'oslo', -HOUR, 'silence'),
  );
  inForce.removeAcks(inForce.read(), 'oslo');
  expect(removed).toEqual(['before', 'meanwhile', 'from before the clock was set back']);
});
