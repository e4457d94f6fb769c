const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/**
 * Numbers as a row of small columns, as wide as there are numbers; `null` is `gap`. The lowest number is the least column
 * and the highest the full one, but where they differ little all are low: noise is not made to look like a trend.
 */
export function sparkline(numbers: readonly (number | null)[], gap: (index: number) => string): string {
  const known = numbers.filter((number) => number !== null);
  const least = Math.min(...known);
  const most = Math.max(...known, least * 1.5);
  return numbers
    .map((number, index) => {
      if (number === null) return gap(index);
      const part = most === least ? 0 : (number - least) / (most - least);
      return HEIGHTS[Math.round(part * (HEIGHTS.length - 1))] ?? '';
    })
    .join('');
}
