import { type HostNote, type HostNotes, NO_NOTE } from '../../src/state/host-note.ts';

/** Notes of a host in memory. `changes` are those that were made, in order. */
export function memoryNotes(
  first: Partial<HostNote> = {},
): HostNotes & { readonly changes: readonly Partial<HostNote>[] } {
  let note: HostNote = { ...NO_NOTE, ...first };
  const changes: Partial<HostNote>[] = [];
  return {
    changes,
    read: () => note,
    change: (parts) => {
      changes.push(parts);
      note = { ...note, ...parts };
    },
  };
}
