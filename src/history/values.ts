/** Numbers that are collected one by one, in 4 bytes each (7 digits), for their quantiles. */
export interface Values {
  add(value: number): void;
  readonly count: number;
  /** All of them in order of size. */
  sorted(): Float32Array;
}

/** To collect values in: none yet. */
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
 * The q-quantile (0 to 1) of ordered values by nearest rank: the smallest that at least that share of them is not above.
 * `null`: there are none.
 */
export function quantile(sorted: ArrayLike<number>, q: number): number | null {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null;
}
