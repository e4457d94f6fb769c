import type { ShownBy } from '../clients/profile.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Terminal } from '../console/expect.ts';
import { withPatterns } from '../console/search-in-time.ts';
import { reason } from '../files/reason.ts';
import { SHOWN_BY_MS } from '../model/limits.ts';
import { failed, good, type Result } from '../model/result.ts';
import { poll } from '../system/deadline.ts';
import type { CommandResult, Place } from '../system/place.ts';
import { commandOf } from './template.ts';

const LOOK_EVERY_MS = 20;

/**
 * Waits until the command of a success prints the text of that success. Returns when it did, on the monotonic clock in ms. Fails if it
 * does not within `ms`, or can't be run: why, with the last line that the command printed. Rejects with the signal's reason.
 */
export async function waitUntilShown(
  client: Terminal,
  site: SiteConfig,
  shownBy: ShownBy,
  ms: number,
  signal: AbortSignal,
): Promise<Result<number>> {
  const { place } = client;
  const { expect, unless } = site.client.success;
  const command = commandOf(shownBy, site, place);
  if (!command.ok) return command;
  const { file, args } = command.value;
  let last: CommandResult = { code: null, output: '' };
  const waking = new AbortController();
  const woken = shownBy.wakes === true ? wake(place, site.internalIp, ms, waking.signal) : undefined;
  try {
    const at = await poll(place, { ms, everyMs: LOOK_EVERY_MS }, signal, async () => {
      last = await place.run(file, args, { env: place.env, timeoutMs: SHOWN_BY_MS, signal });
      signal.throwIfAborted();
      const lines = last.output.split('\n');
      const isShown = withPatterns(
        site.client.described,
        () => lines.some((line) => expect.test(line) && unless?.test(line) !== true),
        place,
      );
      if (!isShown.ok) throw new Error(isShown.why);
      return isShown.value ? place.monotonic() : undefined;
    });
    const printed = last.output.trim().split('\n').at(-1) ?? '';
    return at === undefined ? failed(printed) : good(at);
  } catch (error) {
    signal.throwIfAborted();
    return failed(reason(error));
  } finally {
    client.observed({ kind: 'ran', file, args, result: last });
    waking.abort();
    await woken;
  }
}

/** Sends a packet each second to what is inside: a tunnel may come up only when there is something to carry. Never rejects. */
async function wake(place: Place, internalIp: string, ms: number, signal: AbortSignal): Promise<void> {
  const ping = place.findCommand('ping');
  if (ping === undefined) return;
  const args = ['-n', '-c', String(Math.ceil(ms / 1000)), internalIp];
  await place.run(ping, args, { env: place.env, timeoutMs: ms, signal }).catch(() => undefined);
}
