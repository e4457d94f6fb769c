/** A growing list of numbers that are not negative, in 4 bytes each (7 digits), for quantiles. */
export class Values {
  #numbers = new Float32Array(16);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    if (this.#count === this.#numbers.length) {
      const larger = new Float32Array(2 * this.#count);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#count] = value;
    this.#count += 1;
  }

  /** Returns the numbers from one place to another, all if none are given, in ascending order. */
  sorted(from = 0, to = this.#count): Float32Array {
    return inOrder(this.#numbers.slice(from, Math.min(to, this.#count)));
  }
}

/** Up to so many numbers, the sort of the language is the faster one. */
const FEW = 500;
/** A pass of {@link inOrder} looks at so many bits; three of them at all 32. */
const BITS = 11;

/** Sorts numbers that are not negative by their bits, which have the same order: a radix sort. */
function inOrder(numbers: Float32Array<ArrayBuffer>): Float32Array {
  if (numbers.length <= FEW) return numbers.sort();
  let bits = new Uint32Array(numbers.buffer);
  let other = new Uint32Array(numbers.length);
  for (let shift = 0; shift < 32; shift += BITS) {
    const places = new Uint32Array((1 << BITS) + 1);
    const group = (at: number) => ((bits[at] ?? 0) >>> shift) & ((1 << BITS) - 1);
    for (let at = 0; at < bits.length; at += 1) places[group(at) + 1] = (places[group(at) + 1] ?? 0) + 1;
    for (let at = 1; at < places.length; at += 1) places[at] = (places[at] ?? 0) + (places[at - 1] ?? 0);
    for (let at = 0; at < bits.length; at += 1) {
      const place = places[group(at)] ?? 0;
      places[group(at)] = place + 1;
      other[place] = bits[at] ?? 0;
    }
    [bits, other] = [other, bits];
  }
  return new Float32Array(bits.buffer);
}

/**
 * Returns the q-quantile (0 to 1) of ascending values by nearest rank: the smallest value that at least this share of the values
 * does not exceed. `null` if there are none.
 */
export function quantile(sorted: ArrayLike<number>, q: number): number | null {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null;
}
