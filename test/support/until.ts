/** For `expect.poll` where it shows more than {@link until} does: what there is instead of what is waited for. */
export const PATIENT = { timeout: 40_000, interval: 20 };

/** What says "not yet". */
type Falsy = false | undefined | null | 0 | '';

/**
 * Waits until `condition`, asked every `everyMs`, gives something true, and gives that. Throws after `seconds`,
 * saying `what`: on a busy machine too that is long enough.
 */
export async function until<T>(
  what: string,
  condition: () => T | Falsy | Promise<T | Falsy>,
  { seconds = 40, everyMs = 20 } = {},
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s without success: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
