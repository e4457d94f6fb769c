import type { Outcome, Terminal } from '../console/expect.ts';
import type { Pattern } from '../console/search.ts';
import { REASON_MS } from '../model/limits.ts';
import type { WatchTunnel } from './context.ts';

const TUNNEL_SEEN = new Error('the tunnel was seen');

/** {@link Terminal.expect}, or when the tunnel was seen, if no known text came within {@link REASON_MS} after that. */
export async function expectOrTunnel(
  client: Terminal,
  patterns: readonly Pattern[],
  ms: number,
  signal: AbortSignal,
  watchTunnel: WatchTunnel | undefined,
): Promise<Outcome | { readonly kind: 'tunnel'; readonly at: number }> {
  if (watchTunnel === undefined) return client.expect(patterns, ms, signal);
  const matched = new AbortController();
  const seen = new AbortController();
  const ended = AbortSignal.any([signal, matched.signal]);
  let at: number | undefined;
  const watching = watchTunnel(ended).then(
    (time) => {
      at = time;
      seen.abort(TUNNEL_SEEN);
    },
    (error) => {
      if (!ended.aborted) seen.abort(error);
    },
  );
  try {
    return await client.expect(patterns, ms, AbortSignal.any([signal, seen.signal]));
  } catch (error) {
    if (error !== TUNNEL_SEEN || at === undefined) throw error;
    const outcome = await client.expect(patterns, REASON_MS, signal);
    return outcome.kind === 'timeout' ? { kind: 'tunnel', at } : outcome;
  } finally {
    matched.abort();
    await watching;
  }
}
