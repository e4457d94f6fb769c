import type { PageData } from '../page-data.ts';

/** The time range that all charts show, in seconds since the epoch. */
export interface View {
  /** The range of the report. */
  readonly whole: { readonly from: number; readonly to: number };
  readonly from: number;
  readonly to: number;
  /** Changes the range. Keeps it inside the report and at least {@link MIN_SPAN} long. */
  show(from: number, to: number): void;
  /** Calls `listener` after every change. */
  onChange(listener: () => void): void;
}

/** Shortest range, in seconds. */
const MIN_SPAN = 600;

/** Returns a view of the whole report. */
export function createView({ from: start, to: end }: PageData): View {
  let [from, to] = [start, end];
  const listeners: (() => void)[] = [];
  return {
    whole: { from: start, to: end },
    get from() {
      return from;
    },
    get to() {
      return to;
    },
    show: (newFrom, newTo) => {
      const span = Math.min(end - start, Math.max(MIN_SPAN, newTo - newFrom));
      const middle = (newFrom + newTo) / 2;
      from = Math.max(start, Math.min(end - span, middle - span / 2));
      to = from + span;
      for (const listener of listeners) listener();
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
