/** Where a chunk ends (modulo the length of the whole), and how many ms the next one comes after it. */
export interface Place {
  readonly at: number;
  readonly after: number;
}

/** Cuts bytes at some places, also in the middle of a character or of an escape sequence. The last chunk is not empty. */
export function inChunks(
  bytes: Uint8Array,
  places: readonly Place[],
): readonly { readonly after: number; readonly data: Uint8Array }[] {
  const sorted = places
    .map(({ at, after }) => ({ at: at % Math.max(1, bytes.length), after }))
    .sort((a, b) => a.at - b.at);
  const chunks: { after: number; data: Uint8Array }[] = [];
  let from = 0;
  let after = 1;
  for (const place of [...sorted, { at: bytes.length, after: 0 }]) {
    chunks.push({ after, data: bytes.subarray(from, place.at) });
    from = place.at;
    after = place.after;
  }
  return chunks;
}
