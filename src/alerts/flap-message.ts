import { succeeded } from '../model/test-result.ts';
import { diagnose, NAME_LIMIT } from '../probe/diagnosis.ts';
import { counted } from '../words/numbers.ts';
import { oneLine } from '../words/printable.ts';
import { clockTime, durationInWords, localTime } from '../words/time.ts';
import { wordsFor } from './causes.ts';
import type { FlapEvent } from './flap-policy.ts';
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

/** Changes that a message lists: the last ones. */
const MOST_LISTED = 20;

/**
 * The message that a site flaps, with its changes, or is steady again. Pure.
 *
 * @param addresses `undefined`: the site is no longer in the config
 */
export function flapMessage(
  event: FlapEvent,
  sender: Sender,
  addresses: SiteAddresses | undefined,
): SiteMessage {
  const { kind, result, changes, down, since, at } = event;
  const flaps = kind === 'flapping';
  const site = oneLine(result.site, NAME_LIMIT);
  const now = down ? 'DOWN' : 'UP';
  const cause = down && event.cause !== null ? wordsFor(event.cause)?.short : undefined;
  const often = `${counted(changes.length, 'change')} within ${durationInWords(at.getTime() - (changes[0]?.at ?? since).getTime())}`;
  const steady = `steady again: ${now}${cause === undefined ? '' : `, ${cause}`}`;
  const foot = whereabouts(sender, result.time);
  return {
    subject: `VPN ${site} ${flaps ? `flapping: ${often}` : `is ${steady}`}`,
    note: flaps ? often : steady,
    foot: compose(foot),
    text: compose([
      flaps
        ? `${site} keeps going down and coming back: ${often}, now ${now}`
        : `${site} is ${steady}, without a change for an hour`,
      ...(flaps ? ['No further mail about it until it has been steady for an hour.'] : []),
      ...(down && !succeeded(result) ? [diagnose(result)] : []),
      ...table([
        ['Site', oneLine(result.site)],
        ...addressRows(addresses),
        ['Monitored by', oneLine(sender.hostname)],
        ...(down && event.cause !== null ? ([['Cause', event.cause]] as const) : []),
        ...(flaps ? [] : ([['Flapping since', localTime(since)]] as const)),
      ]),
      '',
      'Its last changes:',
      ...changes
        .slice(-MOST_LISTED)
        .map((change) => `  ${clockTime(change.at)} ${change.down ? 'down' : 'up'}`),
      ...stageLines(result),
      ...table([testCommand(result.site, sender)]),
      ...foot,
    ]),
  };
}
