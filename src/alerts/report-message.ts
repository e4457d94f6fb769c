import { dayName } from '../model/local-day.ts';
import type { ReportPeriod } from '../model/report-period.ts';
import type { Result } from '../model/result.ts';
import { oneLine } from '../words/printable.ts';
import { shellWord } from '../words/shell-word.ts';
import { MONTHS, WEEKDAYS } from '../words/time.ts';
import { compose, type Message, type Sender, table, whereabouts } from './message.ts';

const SUBJECT_LIMIT = 200;

/**
 * The report of a period as a message. Its page may be attached. Pure.
 *
 * @param summary what `vpn-monitor report --summary` wrote: the main figures on the first line; or why there is no report
 */
export function reportMessage(
  period: ReportPeriod,
  summary: Result<string>,
  sender: Sender,
  at: Date,
): Message {
  const [first, last] = [dayName(period.first), dayName(period.last)];
  const [figures = '', ...lines] = summary.ok ? summary.value.trimEnd().split('\n') : [];
  const headline = summary.ok ? oneLine(figures) : `could not be made: ${oneLine(summary.why)}`;
  const days = first === last ? first : `${first} to ${last}`;
  const file = `report-${first}.html`;
  return {
    subject: oneLine(`VPN report ${periodInWords(period)}: ${headline}`, SUBJECT_LIMIT),
    text: compose([
      `The VPN gateways, ${days}: ${headline}`,
      ...lines,
      ...table([
        ['Monitored by', oneLine(sender.hostname)],
        [
          'Make the page',
          `vpn-monitor report -c ${shellWord(sender.config)} --from ${first} --to ${last} --output ${file}`,
        ],
      ]),
      ...whereabouts(sender, at),
    ]),
  };
}

/** `Mon 30 Nov 2026`, `23 Nov to 29 Nov 2026` or `Nov 2026`. */
function periodInWords({ every, first, last }: ReportPeriod): string {
  const dayAndMonth = ({ day, month }: ReportPeriod['first']) => `${day} ${MONTHS[month - 1]}`;
  switch (every) {
    case 'day':
      return `${WEEKDAYS[new Date(first.start).getDay()]} ${dayAndMonth(first)} ${first.year}`;
    case 'week':
      return `${dayAndMonth(first)} to ${dayAndMonth(last)} ${last.year}`;
    case 'month':
      return `${MONTHS[first.month - 1]} ${first.year}`;
  }
}
