import type { Config } from '../config/config.ts';
import { addressesOf } from '../host/network/addresses.ts';
import type { StageResult } from '../model/test-result.ts';
import { askTarget } from '../targets/ask-target.ts';
import type { Target } from '../targets/target.ts';
import { type PingMachine, pingHost } from './ping.ts';

/**
 * Asks one target. `ping.timeout` is its time limit; the look-up of its name is part of the limit, and not of the value. No
 * answer is a timeout with the cause `unreachable`. Rejects with the signal's reason.
 *
 * @param addresses those of its host to ask; `undefined`: all
 */
export async function tryTarget(
  target: Target,
  settings: Config['ping'],
  machine: PingMachine,
  signal: AbortSignal,
  addresses?: readonly string[],
): Promise<StageResult> {
  const { kind, host } = target;
  if (kind === 'ping') return pingHost(host, settings, machine, signal, addresses);
  const { place, redact } = machine;
  const until = place.monotonic() + settings.timeout * 1000;
  const all = addresses ?? (await addressesOf(place, host, settings.timeout * 1000, signal));
  if (all.length === 0) {
    return { outcome: 'error', cause: 'name-not-resolved', detail: `${host} was not resolved` };
  }
  const ms = Math.max(1, until - place.monotonic());
  const asked = await askTarget(place, { target, addresses: all, ms }, signal);
  if (!asked.ok) return { outcome: 'error', cause: 'inside-not-asked', detail: redact(asked.why) };
  const answer = asked.value;
  const detail = redact(answer.detail);
  switch (answer.outcome) {
    case 'ok':
      return { outcome: 'ok', ms: answer.ms, detail };
    case 'timeout':
      return { outcome: 'timeout', cause: 'unreachable', detail };
    case 'error':
      return { outcome: 'error', cause: 'inside-wrong', detail };
  }
}
