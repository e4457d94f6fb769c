import * as v from 'valibot';
import { REPORT_EVERY } from '../../model/report-period.ts';
import { failed, good, type Result } from '../../model/result.ts';
import { RecipientsSchema } from './email-schema.ts';
import { minutesOf } from './maintenance-schema.ts';
import { mapping, optional, parsed, string, withDefault } from './parts-schema.ts';

const AT = 'a time of day such as 07:00, in quotes';

function timeOfDay(text: string): Result<number> {
  const minutes = minutesOf(text);
  return minutes === null || minutes === 24 * 60 ? failed(AT) : good(minutes);
}

/** `report`. */
export const ReportSchema = mapping({
  every: withDefault(
    v.picklist(REPORT_EVERY, 'day, week or month'),
    'week',
    'The period that each report is about: day, week (Monday to Sunday) or month.',
  ),
  at: withDefault(
    v.pipe(string, parsed(timeOfDay)),
    '07:00',
    'When it is made: the local time of day on the day after the period.',
  ),
  to: optional(RecipientsSchema, 'Who gets it: as logging.email.to, which is the default.'),
});
