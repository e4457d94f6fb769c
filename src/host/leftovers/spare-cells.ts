import type { Place } from '../../system/place.ts';

/** The name of the first process of each cell: the first word of its command line. */
export const CELL_NAME = 'vpn-monitor-cell';

/**
 * Returns those of `found` that are in no cell. A client in a cell belongs to a running test, of this monitor or of another one, and ends
 * with the cell at the latest.
 *
 * @param pids all processes of the place.
 */
export function spareCells<T extends { readonly process: { readonly pid: number } }>(
  place: Place,
  found: readonly T[],
  pids: readonly number[],
): readonly T[] {
  if (found.length === 0) return found;
  const cells = new Set(
    pids
      .filter((pid) => pid !== place.pid && place.readProcess(pid)?.args[0] === CELL_NAME)
      .map((pid) => place.readLink(`/proc/${pid}/ns/pid`)),
  );
  cells.delete(undefined);
  if (cells.size === 0) return found;
  return found.filter(({ process }) => !cells.has(place.readLink(`/proc/${process.pid}/ns/pid`)));
}
