import { type Availability, addSpan, createAvailability } from './availability.ts';
import type { Range, Span } from './spans.ts';

/** The availability in each of several parts of a range, in order. */
export class AvailabilityParts {
  readonly parts: readonly Availability[];
  readonly #ranges: readonly Range[];
  /** The part of the last span: it moves forward only. */
  #first = 0;

  /** @param ranges in order, without overlaps */
  constructor(ranges: readonly Range[]) {
    this.#ranges = ranges;
    this.parts = ranges.map(createAvailability);
  }

  /** Adds the next span, in order. */
  add(span: Span): void {
    while ((this.#ranges[this.#first]?.to ?? Infinity) <= span.from) this.#first += 1;
    for (let index = this.#first; index < this.parts.length; index += 1) {
      const [part, range] = [this.parts[index], this.#ranges[index]];
      if (part === undefined || range === undefined || range.from >= span.to) return;
      addSpan(part, span, range);
    }
  }
}
