/** How long a wait is long enough on a busy machine: vitest.config.ts gives real services and gateways more. */
const SECONDS = Number(process.env['TEST_WAIT_SECONDS'] ?? 100);

/** For `expect.poll` where it shows more than {@link until} does: what there is instead of what is waited for. */
export const PATIENT = { timeout: SECONDS * 1000, interval: 20 };

/** What says "not yet". */
type Falsy = false | undefined | null | 0 | '';

/**
 * Waits until `condition`, asked every `everyMs`, gives something true, and gives that. Throws after `seconds`,
 * saying `what`. Where one wait is for many things in a row, such as ten cycles, `progress` says how far they are:
 * the seconds begin anew whenever that changes, so that no machine is too slow.
 */
export async function until<T>(
  what: string,
  condition: () => T | Falsy | Promise<T | Falsy>,
  { seconds = SECONDS, everyMs = 20, progress = (): unknown => undefined } = {},
): Promise<T> {
  let reached = progress();
  let deadline = performance.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    const now = progress();
    if (now !== reached) {
      reached = now;
      deadline = performance.now() + seconds * 1000;
    }
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s without success: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
