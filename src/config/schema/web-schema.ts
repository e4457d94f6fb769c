import * as v from 'valibot';
import { listenAt } from './listen-schema.ts';
import { mapping, optional, path, required, string } from './parts-schema.ts';

/** More names than a host has. */
const MOST_HOSTS = 100;
const HOSTS = 'a list of names and addresses, without ports';
const HOST = 'a name or an address as a browser shows it, without a port';

const hosts = v.pipe(
  v.array(
    v.pipe(
      string,
      v.maxLength(253, 'at most 253 characters'),
      v.regex(/^(?:[\w.-]+|\[[\dA-Fa-f:.]+\])$/, HOST),
    ),
    HOSTS,
  ),
  v.nonEmpty(HOSTS),
  v.maxLength(MOST_HOSTS, `at most ${MOST_HOSTS} names`),
  v.examples([['vpn-monitor.example.com', '192.0.2.20']]),
);

/** `web`. */
export const WebSchema = mapping({
  listen: required(
    listenAt('127.0.0.1:8069'),
    'Serves the page at this address and port, by HTTP: "[::1]:8069" (in quotes) for v6, :8069 for all addresses of this host. Any other address than those of loopback needs password_file. May be the address of metrics.listen, too.',
  ),
  password_file: optional(
    v.pipe(path, v.examples(['/etc/vpn-monitor/web-password'])),
    'The file with the password that the page asks for, with any user name; with or without a newline at its end. Default: no password.',
  ),
  hosts: optional(
    hosts,
    'The names under which the page is opened, such as that of a proxy; requests for any other are refused. Default: localhost, the names of this host, and the address.',
  ),
});
