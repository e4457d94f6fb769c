/**
 * The known word that a mistyped one was most likely meant to be, for "did you mean ...?".
 *
 * Counts inserted, left out, wrong and swapped neighbouring characters, upper and lower case alike; up to a third
 * of the word may be wrong, at least one character. If none is that near: the first that begins with the word.
 *
 * @returns the nearest known word, the first of equals; `undefined` if none is near enough.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  // What is far longer than any of our words is none of them mistyped, and would cost time.
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

/** Damerau-Levenshtein distance (optimal string alignment). */
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
