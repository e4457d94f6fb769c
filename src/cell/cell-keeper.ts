import type { HostKeeper } from '../host/keeper.ts';
import { devices } from '../host/network/tun-devices.ts';
import type { Place } from '../system/place.ts';

/**
 * Returns the keeper of a cell. There is nothing to clean: a cell is new before its test, and everything in it ends with it. So a report
 * only says that the cell could be created.
 */
export function cellKeeper(place: Place): HostKeeper {
  let before: readonly string[] = [];
  return {
    note: async () => {
      before = devices(place);
    },
    observe: async () => undefined,
    devicesBefore: () => before,
    clean: async () => new Map([['cell', null]]),
  };
}
