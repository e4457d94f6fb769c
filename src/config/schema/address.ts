import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/** The address of a mail server. */
export interface Server {
  readonly host: string;
  readonly port: number;
}

const SMTP_PORT = 25;
const HOST = /^[\p{L}\p{N}_](?:[\p{L}\p{N}._-]*[\p{L}\p{N}_])?\.?$/u;

/**
 * Reads `host`, `host:port`, `[v6]`, `[v6]:port` or a v6 address, which may have a zone. The default port is 25.
 *
 * @returns `undefined` for any other text.
 */
export function parseServer(text: string): Server | undefined {
  if (isIPv6(text)) return { host: text, port: SMTP_PORT };
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  const [, v6, name, digits] = match ?? [];
  const port = digits === undefined ? SMTP_PORT : Number(digits);
  if (port < 1 || port > 65_535) return undefined;
  if (v6 !== undefined) return isIPv6(v6) ? { host: v6, port } : undefined;
  return name !== undefined && HOST.test(name) ? { host: name, port } : undefined;
}

/**
 * What is wrong with an IPv4 address in another form than four decimal numbers, and how to write it. glibc reads a leading
 * zero as octal (inet_aton(3)), other programs as decimal: `127.0.0.010` is two hosts (RFC 6943, 3.1.1). An IPv4-mapped
 * address (RFC 4291, 2.5.5.2) names an IPv4 host, which ping asks by IPv6.
 *
 * @returns `undefined` for any other text, also for a host name.
 */
export function oldFormOfIPv4(text: string): string | undefined {
  const mapped = mappedIPv4(text);
  if (mapped !== undefined) return `this is another form of an address: write ${mapped}`;
  if (isIPv4(text) || !/^(?:0x[\da-f]+|\d+)(?:\.(?:0x[\da-f]+|\d+)){0,3}$/i.test(text)) return undefined;
  const parts = text.split('.');
  if (parts.some((part) => /^0\d/.test(part))) {
    const decimal = parts
      .map((part) => (/^\d+$/.test(part) ? part.replace(/^0+(?=\d)/, '') : part))
      .join('.');
    const write = isIPv4(decimal) ? `: write ${decimal}` : '';
    return `an address with leading zeros is read as octal${write}`;
  }
  const address = fromNumbers(parts.map(Number));
  return address && `this is another form of an address: write ${address}`;
}

/** The IPv4 address in `::ffff:192.0.2.1`, also in its hexadecimal form. */
function mappedIPv4(text: string): string | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const { hostname } = new URL(`http://[${text}]`);
  const [, high, low] = /^\[::ffff:([\da-f]+):([\da-f]+)\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return undefined;
  return fromNumbers([Number.parseInt(high, 16) * 2 ** 16 + Number.parseInt(low, 16)]);
}

/** The address that inet_aton(3) makes of one to four numbers: the last one fills the rest of the 32 bits. */
function fromNumbers(numbers: readonly number[]): string | undefined {
  const last = numbers.at(-1) ?? 0;
  const first = numbers.slice(0, -1);
  const bytes = 4 - first.length;
  if (first.some((number) => number > 255) || last >= 256 ** bytes) return undefined;
  const filled = Array.from(
    { length: bytes },
    (_, index) => Math.floor(last / 256 ** (bytes - 1 - index)) % 256,
  );
  return [...first, ...filled].join('.');
}

/** The address on which the monitor serves metrics. */
export interface Listen {
  /** A v4 or v6 address; `undefined`: all addresses of this host. */
  readonly host: string | undefined;
  readonly port: number;
}

/**
 * Reads `address:port`, `[v6 address]:port` (which may have a zone) or `:port`. A host name is not accepted: to listen must
 * not wait for a name server, which may be one that a VPN client has configured.
 *
 * @returns `undefined` for any other text.
 */
export function parseListen(text: string): Listen | undefined {
  const [, v6, v4, digits] = /^(?:\[([^\]]+)\]|([\d.]+))?:([1-9]\d{0,4})$/.exec(text) ?? [];
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535)) return undefined;
  if (v6 !== undefined) return isIPv6(v6) ? { host: v6, port } : undefined;
  if (v4 !== undefined) return isIPv4(v4) ? { host: v4, port } : undefined;
  return { host: undefined, port };
}

/** The text that {@link parseListen} reads: `127.0.0.1:9469`, `[::1]:9469` or `:9469`. */
export function listenName({ host = '', port }: Listen): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** Whether two servers have the same address, so that one has to answer for both. */
export function sharesAddress(a: Listen, b: Listen | undefined): boolean {
  return a.port === b?.port && a.host === b.host;
}

/** A user of the mail server itself, which adds the domain. Configs of the script often have `root`. */
const LOCAL_USER = /^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u;
/** Letters of all scripts (SMTPUTF8), the other characters of RFC 5322's atoms, and dots. No quoted local part. */
const ADDRESS = /^[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]+@(?:[\p{L}\p{N}_.-]+|\[[0-9A-Fa-f.:]+\])$/u;
const NAMED = /^(?:"(?<quoted>[^"\\]*)"|(?<plain>[^<>"@,;:\\]*?))\s*<(?<address>[^<>]*)>$/u;

/** A mail address with the name of its owner. */
export interface MailAddress {
  /** '' if the config has none. */
  readonly name: string;
  /** `noc@example.com` or `root`. The domain is in ASCII (xn--), since few servers support SMTPUTF8. */
  readonly address: string;
}

/**
 * Reads one or more mail addresses, separated by commas, each `noc@example.com`, `NOC <noc@example.com>` or `root`.
 * Nodemailer's parser is not used: it drops `root`, and in a text with line breaks it finds an address that an attacker chose.
 *
 * @returns `undefined` if there is no address, or if one is invalid.
 */
export function parseAddresses(text: string): MailAddress[] | undefined {
  const addresses = splitAddresses(text).map(parseAddress);
  return addresses.every((address) => address !== undefined) ? addresses : undefined;
}

/** Splits addresses at commas, except within quotes. Does not check them. Returns at least one text, which may be ''. */
export function splitAddresses(text: string): string[] {
  const parts = text.match(/(?:"[^"]*"|[^,])+/g) ?? [];
  const filled = parts.map((part) => part.trim()).filter((part) => part !== '');
  return filled.length === 0 ? [''] : filled;
}

function parseAddress(text: string): MailAddress | undefined {
  const { quoted, plain = '', address: written = text } = NAMED.exec(text)?.groups ?? {};
  const name = quoted ?? plain;
  const address = withAsciiDomain(written);
  return address === undefined || /\p{Cc}/u.test(name) ? undefined : { name, address };
}

/** `undefined` if it is not an address, or if its domain has no ASCII form. */
function withAsciiDomain(address: string): string | undefined {
  if (LOCAL_USER.test(address)) return address;
  if (!ADDRESS.test(address)) return undefined;
  const [local = '', domain = ''] = address.split('@');
  // An address literal ([::1]) stays as it is.
  const host = /^[\0-\x7F]+$/.test(domain) ? domain : domainToASCII(domain);
  return host === '' ? undefined : `${local}@${host}`;
}
