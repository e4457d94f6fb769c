import type { PageData } from '../page-data.ts';

/** The part of the report's time that all charts show, in seconds since the epoch. */
export interface View {
  readonly whole: { readonly from: number; readonly to: number };
  readonly from: number;
  readonly to: number;
  /** Shows a part; what lies outside the report is cut off. */
  show(from: number, to: number): void;
  /** Calls `listener` after every change. */
  onChange(listener: () => void): void;
}

/** Nobody wants to see less, in seconds. */
const LEAST = 600;

/** Begins with everything. */
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
      const span = Math.min(end - start, Math.max(LEAST, newTo - newFrom));
      const middle = (newFrom + newTo) / 2;
      from = Math.max(start, Math.min(end - span, middle - span / 2));
      to = from + span;
      for (const listener of listeners) listener();
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
