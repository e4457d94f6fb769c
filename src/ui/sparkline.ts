const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/**
 * Shows numbers as a row of block characters, one for each number; `gap` for `null`. The lowest number has the lowest block and the
 * highest the full one; if they differ little, all are low, so that noise does not look like a trend.
 */
export function sparkline(numbers: readonly (number | null)[], gap: (index: number) => string): string {
  const known = numbers.filter((number) => number !== null);
  const lowest = Math.min(...known);
  const highest = Math.max(...known, lowest * 1.5);
  return numbers
    .map((number, index) => {
      if (number === null) return gap(index);
      const part = highest === lowest ? 0 : (number - lowest) / (highest - lowest);
      return HEIGHTS[Math.round(part * (HEIGHTS.length - 1))] ?? '';
    })
    .join('');
}
