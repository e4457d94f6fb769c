/** A growing list of numbers, in 4 bytes each (7 digits), for quantiles. */
export interface Values {
  add(value: number): void;
  readonly count: number;
  /** Returns all numbers, in ascending order. */
  sorted(): Float32Array;
}

/** Returns an empty list. */
export function createValues(): Values {
  let numbers = new Float32Array(16);
  let count = 0;
  return {
    add: (value) => {
      if (count === numbers.length) {
        const larger = new Float32Array(2 * count);
        larger.set(numbers);
        numbers = larger;
      }
      numbers[count] = value;
      count += 1;
    },
    get count() {
      return count;
    },
    sorted: () => numbers.slice(0, count).sort(),
  };
}

/**
 * Returns the q-quantile (0 to 1) of ascending values by nearest rank: the smallest value that at least this share of the values
 * does not exceed. `null` if there are none.
 */
export function quantile(sorted: ArrayLike<number>, q: number): number | null {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null;
}
