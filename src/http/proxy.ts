import { BlockList, isIP } from 'node:net';
import { failed, good, type Result } from '../model/result.ts';
import { Secret } from '../model/secret.ts';

/** The environment, as far as proxies are concerned. */
type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy that the environment names. */
export interface Proxy {
  /** http or https. It may hold a user and a password. */
  readonly url: URL;
  /** The variable that names it. */
  readonly variable: string;
}

const VARIABLES = { 'http:': 'HTTP_PROXY', 'https:': 'HTTPS_PROXY' } as const;

/**
 * The proxy for a request; `null`: none. By the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY; in lower case they go first, as
 * for curl. This host is always reached directly, as by programs in Go: a service on loopback would be another one
 * for the proxy. Fails if a variable names no proxy; the words hold nothing of its value. Pure.
 *
 * @param url http or https
 */
export function proxyFor(url: URL, env: Environment): Result<Proxy | null> {
  const upper = url.protocol === 'https:' ? VARIABLES['https:'] : VARIABLES['http:'];
  const variable = [upper.toLowerCase(), upper].find((name) => env[name]?.trim());
  if (variable === undefined || isThisHost(url) || isExcepted(url, env)) return good(null);
  const proxy = parseProxy(env[variable] ?? '');
  return proxy === null
    ? failed(`${variable} is not the address of a proxy: write http://HOST:PORT`)
    : good({ url: proxy, variable });
}

/** A proxy in words, without user and password. */
export function proxyInWords({ url, variable }: Proxy): string {
  return `${url.host} (${variable})`;
}

/** What is secret in the proxies that the environment names: their passwords, as written and as sent. Pure. */
export function proxySecrets(env: Environment): readonly Secret[] {
  return Object.values(VARIABLES)
    .flatMap((name) => [name, name.toLowerCase()])
    .flatMap((name) => {
      const { password = '' } = parseProxy(env[name] ?? '') ?? {};
      return password === '' ? [] : [new Secret(password), new Secret(decoded(password))];
    });
}

/** `null`: it is none. Without a scheme it is that of http, as for curl. */
function parseProxy(text: string): URL | null {
  const trimmed = text.trim();
  const whole = trimmed.includes('://') ? trimmed : `http://${trimmed}`;
  if (!URL.canParse(whole)) return null;
  const url = new URL(whole);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
}

/** A part of a URL as it was before it was encoded; the part itself if it never was. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function isThisHost({ hostname }: URL): boolean {
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8);
  loopback.addAddress('::1', 'ipv6');
  return /(?:^|\.)localhost$/.test(hostname) || isIn(hostname, loopback);
}

/** Whether NO_PROXY names the host of a URL: `*`, a name (also of what is below it), an address or a network, maybe with a port. */
function isExcepted({ hostname, port, protocol }: URL, env: Environment): boolean {
  const realPort = port === '' ? { 'http:': '80', 'https:': '443' }[protocol] : port;
  const list = env['no_proxy'] ?? env['NO_PROXY'] ?? '';
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    const [, address, prefix] = /^([\d.]+|\[?[\da-f:]+\]?)\/(\d+)$/i.exec(entry) ?? [];
    if (address !== undefined) return isIn(hostname, network(address, Number(prefix)));
    // An IPv6 address may come without brackets, and then has no port.
    const [, name = '', only] =
      isIP(entry) === 6 ? [entry, `[${entry}]`] : (/^(?:\*?\.)?(.*?)(?::(\d+))?$/.exec(entry) ?? []);
    if (name === '' || (only !== undefined && only !== realPort)) return false;
    const lower = name.toLowerCase();
    return hostname === lower || hostname.endsWith(`.${lower}`);
  });
}

/** Empty if it is none. */
function network(address: string, prefix: number): BlockList {
  const list = new BlockList();
  const plain = withoutBrackets(address);
  const isValid = prefix <= { 0: -1, 4: 32, 6: 128 }[isIP(plain) as 0 | 4 | 6];
  if (isValid) list.addSubnet(plain, prefix, familyOf(plain));
  return list;
}

function isIn(hostname: string, list: BlockList): boolean {
  const address = withoutBrackets(hostname);
  return isIP(address) !== 0 && list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
