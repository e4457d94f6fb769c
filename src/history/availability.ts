import { maintenanceOf } from './measurement.ts';
import type { Range, Span } from './spans.ts';

/** How long a site was up, down and unknown, in ms. The three make up the whole time. */
export interface Availability {
  up: number;
  down: number;
  /** Time that no test covers, and time without an uplink. */
  unknown: number;
  /** The part of `up` and `down` within maintenance windows. */
  plannedUp: number;
  plannedDown: number;
}

/** Returns an availability of no time, to add spans to. */
export function createAvailability(): Availability {
  return { up: 0, down: 0, unknown: 0, plannedUp: 0, plannedDown: 0 };
}

/** The availability of several parts together. */
export function sumOf(parts: readonly Availability[]): Availability {
  const sum = createAvailability();
  for (const { up, down, unknown, plannedUp, plannedDown } of parts) {
    sum.up += up;
    sum.down += down;
    sum.unknown += unknown;
    sum.plannedUp += plannedUp;
    sum.plannedDown += plannedDown;
  }
  return sum;
}

/** Adds the part of a span that is in a range. */
export function addSpan(to: Availability, span: Span, range: Range): void {
  const [from, end] = [Math.max(span.from, range.from), Math.min(span.to, range.to)];
  to[span.state] += Math.max(0, end - from);
  const planned = span.row && maintenanceOf(span.row);
  if (!planned || span.state === 'unknown') return;
  const within = Math.min(end, planned.to.getTime()) - Math.max(from, planned.from.getTime());
  to[span.state === 'up' ? 'plannedUp' : 'plannedDown'] += Math.max(0, within);
}

/** Returns up / (up + down), 0 to 1; `null` if nothing is known. */
export function shareUp({ up, down }: Availability): number | null {
  return up + down === 0 ? null : up / (up + down);
}

/** Returns {@link shareUp} without the time in maintenance windows. */
export function shareUpUnplanned({ up, down, plannedUp, plannedDown, ...rest }: Availability): number | null {
  return shareUp({ ...rest, up: up - plannedUp, down: down - plannedDown, plannedUp: 0, plannedDown: 0 });
}

/** Formats a share: `99.95 %`, rounded down so that 100 % means no failure; `unknown` for `null`. */
export function shareInWords(share: number | null): string {
  if (share === null) return 'unknown';
  if (share === 1) return '100 %';
  // 0.57 * 10000 is 5699.999999999999, which must not become 56.99 %.
  return `${(Math.floor(share * 10_000 + 1e-6) / 100).toFixed(2)} %`;
}
