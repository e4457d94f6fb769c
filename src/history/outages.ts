import { failedStages } from './measurement.ts';
import type { Range, Span } from './spans.ts';

/** Tests of a site that failed in a row. */
export interface Outage {
  /** The first of them, in ms since the epoch, or the beginning of the range. */
  readonly from: number;
  /** When it ended, or was last seen. */
  readonly to: number;
  /** It had begun before the range. */
  readonly earlier: boolean;
  /** A success ended it; nothing was measured any more; it goes on at the end of the range. */
  readonly end: 'recovered' | 'unmeasured' | 'goes-on';
  /** Tests that failed. */
  readonly tests: number;
  /** The stages that failed in any of them, as bits: {@link failedStages}. */
  readonly stages: number;
}

/** Collects the outages of one site from its spans. `add` takes them in order; `end` gives the last one, if it goes on. */
export function outagesOf(
  range: Range,
  tell: (outage: Outage) => void,
): { readonly add: (span: Span) => void; readonly end: () => void } {
  let open: Outage | null = null;
  const close = (end: Outage['end']) => {
    if (open !== null) tell({ ...open, end });
    open = null;
  };
  return {
    add: ({ state, from, to, row }) => {
      if (state !== 'down' || row === null) {
        close(state === 'unknown' ? 'unmeasured' : 'recovered');
        return;
      }
      open = {
        from: open?.from ?? from,
        to,
        earlier: open?.earlier ?? row.time < range.from,
        end: 'goes-on',
        tests: (open?.tests ?? 0) + 1,
        stages: (open?.stages ?? 0) | failedStages(row),
      };
    },
    end: () => close('goes-on'),
  };
}
