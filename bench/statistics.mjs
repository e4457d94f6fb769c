/** @param {readonly number[]} values */
export function quantile(values, q) {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

/** @param {readonly number[]} values */
export function median(values) {
  return quantile(values, 0.5);
}

/**
 * The slope of y over x: the median of those between any two points (Theil and Sen), since memory goes up and down with
 * every garbage collection.
 *
 * @param {readonly { readonly x: number; readonly y: number }[]} points in the order of x
 */
export function slope(points) {
  const distinct = points.filter(({ x }, index) => x !== points[index - 1]?.x);
  return median(
    distinct.flatMap((to, index) =>
      distinct.slice(0, index).map((from) => (to.y - from.y) / (to.x - from.x)),
    ),
  );
}
