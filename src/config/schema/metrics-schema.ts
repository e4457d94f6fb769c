import * as v from 'valibot';
import { parseListen } from './address.ts';
import { choice, string } from './parts-schema.ts';

const listen = v.pipe(
  string,
  v.check(
    (text) => parseListen(text) !== undefined,
    'an address and a port such as 127.0.0.1:9469, "[::1]:9469", or :9469 for all addresses',
  ),
);

const textfile = v.pipe(
  string,
  v.regex(
    /^(?!~\/).*[^/]\.prom$/,
    'a whole path (~ is not expanded) that ends in .prom: node_exporter reads no other file',
  ),
);

/** `metrics`. */
export const MetricsSchema = v.pipe(
  v.strictObject(
    {
      listen: choice(
        listen,
        'Where /metrics, /healthz and /readyz are served, without a log-in: ADDRESS:PORT, "[v6 address]:PORT" or :PORT. Default: nowhere.',
      ),
      textfile: choice(
        textfile,
        "File that is replaced after each test, for node_exporter's textfile collector. Default: none.",
      ),
    },
    'a mapping',
  ),
  v.check(({ listen, textfile }) => (listen ?? textfile) !== undefined, 'listen, textfile or both'),
);

/** `metrics`, checked. */
export type RawMetrics = v.InferOutput<typeof MetricsSchema>;
