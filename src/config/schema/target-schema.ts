import { isIPv6 } from 'node:net';
import * as v from 'valibot';
import { failed, good, type Result } from '../../model/result.ts';
import { defaultPort, type Target } from '../../targets/target.ts';
import { oldFormOfIPv4 } from './address.ts';
import { count, mapping, optional, path, required, string } from './parts-schema.ts';

const KINDS = 'ping://HOST, tcp://HOST:PORT, https://HOST/PATH or dns://SERVER/NAME';
const URL_PARTS =
  /^(?<kind>ping|tcp|https|dns):\/\/(?:\[(?<v6>[^\]]+)\]|(?<host>[^\s/@:?#,;<>[\]-][^\s/@:?#,;<>[\]]*))(?::(?<port>[1-9]\d{0,4}))?(?<path>[/?][^\s#]*)?$/;
/** A name of the DNS, with service names such as _ldap._tcp. */
const DNS_NAME = /^(?=.{1,253}$)(?:[\p{L}\p{N}_-]{1,63}\.)*[\p{L}\p{N}_-]{1,63}\.?$/u;

/** Reads the text of a target. The failure says what was expected. */
export function parseTarget(text: string): Result<Target> {
  const parts = URL_PARTS.exec(text)?.groups;
  const { kind, v6, host = v6 ?? '', path: rest = '' } = parts ?? {};
  if (parts === undefined || (v6 !== undefined && !isIPv6(v6))) return failed(KINDS);
  const oldForm = oldFormOfIPv4(host);
  if (oldForm !== undefined) return failed(`four decimal numbers: ${oldForm}`);
  if (kind === 'ping') {
    return rest === '' && parts['port'] === undefined ? good({ kind, host }) : failed('ping://HOST');
  }
  if (kind !== 'tcp' && kind !== 'https' && kind !== 'dns') return failed(KINDS);
  const port = parts['port'] === undefined ? defaultPort(kind) : Number(parts['port']);
  if (port === undefined || port > 65_535) return failed(`${kind}://HOST:PORT, with a port up to 65535`);
  if (kind === 'tcp') return rest === '' ? good({ kind, host, port }) : failed('tcp://HOST:PORT');
  if (kind === 'https') {
    return good({ kind, host, port, path: rest.startsWith('/') ? rest : `/${rest}` });
  }
  const name = rest.slice(1);
  return DNS_NAME.test(name)
    ? good({ kind, host, port, name })
    : failed('dns://SERVER/NAME, with the name to ask for');
}

const text = v.pipe(
  string,
  v.check(
    (written) => parseTarget(written).ok,
    ({ input }) => {
      const parsed = parseTarget(input);
      return parsed.ok ? KINDS : parsed.why;
    },
  ),
);

const https = mapping({
  target: required(
    v.pipe(
      text,
      v.regex(/^https:/, 'https://HOST/PATH: no other kind of target has further keys'),
      v.examples(['https://intranet.example.com/health']),
    ),
    'https://HOST/PATH.',
  ),
  status: optional(count(100, 599), 'The status that is right. Default: any from 200 to 299.'),
  text: optional(string, 'What the response must contain. Default: anything.'),
  ca: optional(path, "PEM file of certificate authorities to trust beside the system's. Default: none."),
});

const one = v.union([text, https], KINDS);

/** One target or a list of them. */
export const TargetsSchema = v.union(
  [
    text,
    https,
    v.pipe(
      v.array(one, 'a list'),
      v.nonEmpty('a list of at least one target'),
      v.maxLength(20, 'at most 20 targets'),
    ),
  ],
  `${KINDS}, or a list of them`,
);

/** What {@link TargetsSchema} accepts. */
export type TargetSettings = v.InferOutput<typeof TargetsSchema>;

/** The targets of settings that are valid. `resolve` makes a path absolute. */
export function targetsOf(settings: TargetSettings, resolve: (file: string) => string): readonly Target[] {
  return [settings].flat().map((each) => {
    const parsed = parseTarget(typeof each === 'string' ? each : each.target);
    if (!parsed.ok) throw new Error('a target that its schema accepts is not parsed');
    if (typeof each === 'string' || parsed.value.kind !== 'https') return parsed.value;
    const { status, text: wanted, ca } = each;
    return { ...parsed.value, status, text: wanted, ca: ca === undefined ? undefined : resolve(ca) };
  });
}
