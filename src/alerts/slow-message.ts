import { slowInWords } from '../model/slow.ts';
import { NAME_LIMIT } from '../probe/diagnosis.ts';
import { oneLine } from '../words/printable.ts';
import { durationInWords, localTime } from '../words/time.ts';
import {
  addressRows,
  compose,
  type Sender,
  type SiteAddresses,
  type SiteMessage,
  stageLines,
  table,
  testCommand,
  whereabouts,
} from './message.ts';
import type { SlowEvent } from './slow-policy.ts';

/**
 * The message that a site works and is slow, or is as fast as before. Pure.
 *
 * @param addresses `undefined`: the site is no longer in the config
 */
export function slowMessage(
  { kind, result, tests, since, at }: SlowEvent,
  sender: Sender,
  addresses: SiteAddresses | undefined,
): SiteMessage {
  const site = oneLine(result.site, NAME_LIMIT);
  const what = slowInWords(result.slow ?? []).join(', ');
  const lasted = durationInWords((kind === 'fast' ? result.time : at).getTime() - since.getTime());
  const foot = whereabouts(sender, result.time);
  return {
    subject:
      kind === 'slow' ? `VPN ${site} SLOW: ${what}` : `VPN ${site} is as fast as before (slow ${lasted})`,
    note: kind === 'slow' ? what : `slow ${lasted}`,
    foot: compose(foot),
    text: compose([
      kind === 'slow'
        ? `${site}: all three stages work, but slowly: ${what}`
        : `${site} is as fast as before, after ${lasted}`,
      ...table([
        ['Site', oneLine(result.site)],
        ...addressRows(addresses),
        ['Monitored by', oneLine(sender.hostname)],
        ['Slow', `${tests} in a row, since ${localTime(since)}`],
      ]),
      ...stageLines(result),
      ...(kind === 'slow' ? table([testCommand(result.site, sender)]) : []),
      ...foot,
    ]),
  };
}
