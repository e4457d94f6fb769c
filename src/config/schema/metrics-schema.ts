import * as v from 'valibot';
import { failed, good } from '../../model/result.ts';
import { parseListen } from './address.ts';
import { MAX_LENGTH, mapping, optional, parsed, string } from './parts-schema.ts';

const ADDRESS = 'an address and a port such as 127.0.0.1:9469, "[::1]:9469", or :9469 for all addresses';

const listen = v.pipe(
  // `9469` is a number, and in quotes it is still no address.
  v.string(ADDRESS),
  v.nonEmpty(ADDRESS),
  v.maxLength(MAX_LENGTH, `at most ${MAX_LENGTH} characters`),
  v.examples(['127.0.0.1:9469']),
  parsed((text) => {
    const address = parseListen(text);
    if (address !== undefined) return good(address);
    return failed(ADDRESS);
  }),
);

const textfile = v.pipe(
  string,
  v.examples(['/var/lib/prometheus/node-exporter/vpn-monitor.prom']),
  v.regex(
    /^(?!~\/).*[^/]\.prom$/,
    'a whole path (~ is not expanded) that ends in .prom: node_exporter reads no other file',
  ),
);

/** `metrics`. */
export const MetricsSchema = v.pipe(
  mapping({
    listen: optional(
      listen,
      'Serves /metrics, /healthz and /readyz at this address and port, without a log-in: "[::1]:9469" (in quotes) for v6, :9469 for all addresses of this host. The metrics hold no secret but name the sites. Default: nowhere.',
    ),
    textfile: optional(
      textfile,
      "Replaces this file after each test, for node_exporter's textfile collector: in the folder that it reads, with a name that ends in .prom. Default: none.",
    ),
  }),
  v.check(({ listen, textfile }) => (listen ?? textfile) !== undefined, 'listen, textfile or both'),
);
