import { twoDigits } from '../words/numbers.ts';
import { printable } from '../words/printable.ts';
import type { Level } from './log.ts';

/** The logger's name in every line. */
const NAME = 'vpn-monitor';

/**
 * An entry of the log without its last line end: `=2018-11-14 05:18:06,378 - vpn-monitor - DEBUG - message`, local
 * time. More lines of the message follow as they are (the script's dumps); one that begins with `=` gets a space
 * in front, so that no text can pass for an entry of its own. Control characters are shown as escapes.
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
