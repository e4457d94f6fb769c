import { failedStages, failureOf } from './measurement.ts';
import type { Range, Span } from './spans.ts';

/** The time of consecutive failed tests of a site. */
export interface Outage {
  /** Start of the first failed test, in ms since the epoch; not before the start of the range. */
  readonly from: number;
  /** When it ended or was last seen, in ms since the epoch. */
  readonly to: number;
  /** Whether it began before the range. */
  readonly earlier: boolean;
  /** A success ended it; a gap without tests followed; or it continues at the end of the range. */
  readonly end: 'recovered' | 'unmeasured' | 'ongoing';
  /** The number of failed tests. */
  readonly tests: number;
  /** The stages that failed in any of these tests, as bits: {@link failedStages}. */
  readonly stages: number;
  /** The causes of these failures, each once, the first one first. None for tests of versions that recorded no cause. */
  readonly causes: readonly string[];
}

/** Finds the outages of one site in its spans: call `add` for each span in order, then `end`. Calls `onOutage` for each outage. */
export function outagesOf(
  range: Range,
  onOutage: (outage: Outage) => void,
): { readonly add: (span: Span) => void; readonly end: () => void } {
  let open: Outage | null = null;
  const close = (end: Outage['end']) => {
    if (open !== null) onOutage({ ...open, end });
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
        end: 'ongoing',
        tests: (open?.tests ?? 0) + 1,
        stages: (open?.stages ?? 0) | failedStages(row),
        causes: withCause(open?.causes ?? [], failureOf(row)?.cause),
      };
    },
    end: () => close('ongoing'),
  };
}

function withCause(causes: readonly string[], cause: string | undefined): readonly string[] {
  return cause === undefined || causes.includes(cause) ? causes : [...causes, cause];
}
