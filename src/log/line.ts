import { twoDigits } from '../words/numbers.ts';
import { printable } from '../words/printable.ts';
import type { Level } from './log.ts';

/** The logger's name in every line. */
const NAME = 'vpn-monitor';

/**
 * Formats an entry of the log, without a final line end: `=2018-11-14 05:18:06,378 - vpn-monitor - DEBUG - message`, in local time. A
 * message may have several lines (the script's dumps). A further line that begins with `=` gets a space in front, so that it does not
 * look like an entry. Control characters are shown as escapes.
 */
export function logLine(time: Date, level: Level, message: string): string {
  const text = printable(message).replaceAll('\n=', '\n =');
  return `=${stamp(time)} - ${NAME} - ${level.toUpperCase()} - ${text}`;
}

function stamp(time: Date): string {
  const date = [time.getFullYear(), twoDigits(time.getMonth() + 1), twoDigits(time.getDate())].join('-');
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits).join(':');
  return `${date} ${clock},${String(time.getMilliseconds()).padStart(3, '0')}`;
}
