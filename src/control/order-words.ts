import { printableLine } from '../words/printable.ts';
import { localTime } from '../words/time.ts';
import type { Ack, GivenOrder, Silence } from './order.ts';

/** `by alice at 2026-11-30 05:20:00 (UTC+01:00): the line is cut`. */
export function ackInWords({ author, from, note }: GivenOrder<Ack>): string {
  return `by ${author} at ${localTime(new Date(from))}${because(note)}`;
}

/** `by alice until 2026-11-30 05:20:00 (UTC+01:00): new firmware`. */
export function silenceInWords({ author, until, reason }: GivenOrder<Silence>): string {
  return `by ${author} until ${localTime(new Date(until))}${because(reason)}`;
}

/** A line for the log. */
export function orderInWords(order: GivenOrder): string {
  if (order.kind === 'ack') return `${printableLine(order.site)} is acknowledged ${ackInWords(order)}`;
  const { sites } = order;
  const which =
    sites === null
      ? 'All sites are'
      : `${sites.map(printableLine).join(', ')} ${sites.length === 1 ? 'is' : 'are'}`;
  return `${which} silenced ${silenceInWords(order)}`;
}

function because(text: string | null): string {
  return text === null || text === '' ? '' : `: ${printableLine(text)}`;
}
