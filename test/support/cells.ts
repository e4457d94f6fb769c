import type { Cells } from '../../src/cell/cells.ts';
import { DONE, failed, good } from '../../src/model/result.ts';
import type { System } from '../../src/system/system.ts';

/** How {@link simulatedCells} differ from those of a host that allows them. */
export interface SimulatedCells {
  /** Why the host allows none. */
  readonly why?: string;
  /** Called for each cell that is opened and closed. */
  readonly note?: (what: 'opened' | 'closed') => void;
}

/** Cells that are the machine itself. */
export function simulatedCells(system: System, { why, note = () => {} }: SimulatedCells = {}): Cells {
  return {
    prepare: async () => (why === undefined ? good('simulated') : { ...failed(why), remedy: 'none' }),
    open: async (_, signal) => {
      signal.throwIfAborted();
      if (why !== undefined) return failed(why);
      note('opened');
      return good({
        place: system,
        busyMs: () => 0,
        close: async () => {
          note('closed');
          return DONE;
        },
      });
    },
    close: async () => undefined,
  };
}
