/**
 * Returns the known word that a mistyped word most likely means, for "did you mean ...?".
 *
 * Ignores case. Up to a third of the characters, at least one, may be inserted, missing, wrong or swapped with a neighbour.
 * If no known word is that close, returns the first one that begins with `word`.
 *
 * @returns the first of equally close words; `undefined` if none is close enough.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  // No known word is that long, and comparing would take long.
  if (word.length > 64) return undefined;
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (distance <= allowed && distance < Math.min(least, candidate.length)) {
      best = candidate;
      least = distance;
    }
  }
  return best ?? (word.length < 3 ? undefined : known.find((candidate) => candidate.startsWith(word)));
}

/** Returns the Damerau-Levenshtein distance (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
