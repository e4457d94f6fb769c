import * as v from 'valibot';
import { listenAt } from './listen-schema.ts';
import { mapping, optional, string } from './parts-schema.ts';

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
      listenAt('127.0.0.1:9469'),
      'Serves /metrics, /healthz and /readyz at this address and port, without a log-in: "[::1]:9469" (in quotes) for v6, :9469 for all addresses of this host. The metrics hold no secret but name the sites. Default: nowhere.',
    ),
    textfile: optional(
      textfile,
      "Replaces this file after each test, for node_exporter's textfile collector: in the folder that it reads, with a name that ends in .prom. Default: none.",
    ),
  }),
  v.check(({ listen, textfile }) => (listen ?? textfile) !== undefined, 'listen, textfile or both'),
);
