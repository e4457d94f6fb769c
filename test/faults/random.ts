/** Random choices that a seed decides: the same seed gives the same choices in the same order. */
export interface Random {
  /** From 0 up to, and without, 1. */
  fraction(): number;
  /** A whole number from `least` to `most`, both possible. */
  whole(least: number, most: number): number;
  /** True in so many of a hundred. */
  percent(chance: number): boolean;
  /** One of them, each as likely. */
  pick<T>(choices: readonly [T, ...T[]]): T;
}

/** The generator mulberry32: small, and good enough to choose faults. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (least: number, most: number) => least + Math.floor(fraction() * (most - least + 1));
  return {
    fraction,
    whole,
    percent: (chance) => fraction() * 100 < chance,
    pick: (choices) => choices[whole(0, choices.length - 1)] ?? choices[0],
  };
}
