import type { Range, Span } from './spans.ts';

/** How a site was over some time: three spans that make up the whole, in ms. */
export interface Availability {
  up: number;
  down: number;
  /** Nothing was measured. */
  unknown: number;
}

/** To add spans to: no time yet. */
export function createAvailability(): Availability {
  return { up: 0, down: 0, unknown: 0 };
}

/** Adds the part of a span that lies in a range. */
export function addSpan(to: Availability, span: Span, range: Range): void {
  to[span.state] += Math.max(0, Math.min(span.to, range.to) - Math.max(span.from, range.from));
}

/** The share of the time that is known in which the site was up, 0 to 1; `null`: none is known. */
export function shareUp({ up, down }: Availability): number | null {
  return up + down === 0 ? null : up / (up + down);
}

/** `99.95 %`, rounded down so that 100 % means no failure; `unknown` where nothing is known. */
export function shareInWords(share: number | null): string {
  if (share === null) return 'unknown';
  if (share === 1) return '100 %';
  // What a float makes of 0.29 * 100 must not cost a hundredth.
  return `${(Math.floor(share * 10_000 + 1e-6) / 100).toFixed(2)} %`;
}
