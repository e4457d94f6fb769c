import type { SavedTranscript, TranscriptEvent } from '../../src/log/read-transcript.ts';

/**
 * A transcript, an event each 100 ms: of a text that the client prints, of `{ typed }`, the names of keys, of `{ exits }`, its exit
 * status, or of a signal.
 */
export function savedTranscript(
  args: readonly string[],
  parts: readonly (
    | string
    | { readonly typed: string }
    | { readonly exits: number }
    | { readonly signal: string }
  )[],
): SavedTranscript {
  const events = parts.map((part, index): TranscriptEvent => {
    const ms = (index + 1) * 100;
    if (typeof part === 'string') return { event: 'output', ms, text: part };
    if ('typed' in part) return { event: 'typed', ms, what: part.typed };
    if ('signal' in part) return { event: 'signal', ms, signal: part.signal };
    return { event: 'ended', ms, code: part.exits, signal: 0 };
  });
  return {
    client: 'own',
    events: [{ event: 'started', ms: 0, args: [...args] }, ...events],
    result: undefined,
  };
}
