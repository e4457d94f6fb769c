import * as v from 'valibot';
import { MAX_WAIT_SECONDS, mapping, milliseconds, optional } from './parts-schema.ts';

function limit(example: number, text: string) {
  const ms = milliseconds(1, MAX_WAIT_SECONDS * 1000);
  return optional(v.pipe(ms, v.examples([example])), `${text} Default: never slow.`);
}

/** `slow_ms`, of all sites or of one. */
export const SlowSchema = mapping({
  ping_outside: limit(200, 'Stage 1: the average round-trip time.'),
  log_in: limit(15_000, 'Stage 2: the time to log in.'),
  inside: limit(400, 'Stage 3: the value of the ping or of the first target inside.'),
});

/** What {@link SlowSchema} accepts. */
export type SlowSettings = v.InferOutput<typeof SlowSchema>;
