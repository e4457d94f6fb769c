import * as v from 'valibot';
import { MAX_SECONDS, mapping, optional, path, secretText, variable, withDefault } from './parts-schema.ts';

const EVERY = `cycle, or a number of seconds from 10 to ${MAX_SECONDS}`;

/** `heartbeat`. */
export const HeartbeatSchema = mapping({
  url: optional(
    secretText,
    'The address that gets a GET, http or https; with /fail added while this host can not test. It counts as a secret.',
  ),
  url_file: optional(path, 'Instead of url: the file that holds it.'),
  url_env: optional(variable, 'Instead of url: the environment variable that holds it.'),
  every: withDefault(
    v.union(
      [
        v.pipe(v.number(EVERY), v.minValue(10, EVERY), v.maxValue(MAX_SECONDS, EVERY)),
        v.literal('cycle', EVERY),
      ],
      EVERY,
    ),
    'cycle',
    'When: at the end of each cycle, or after so many seconds, between two tests.',
  ),
});
