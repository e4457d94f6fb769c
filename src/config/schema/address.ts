import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/** Where a mail server listens. */
export interface Server {
  readonly host: string;
  readonly port: number;
}

const SMTP_PORT = 25;
const HOST = /^[\p{L}\p{N}_](?:[\p{L}\p{N}._-]*[\p{L}\p{N}_])?\.?$/u;

/**
 * Reads `host`, `host:port`, `[v6]`, `[v6]:port` or a bare v6 address (a zone too); port 25 unless said.
 *
 * @returns `undefined` if it is none of them.
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

/** Where a server of ours listens. */
export interface Listen {
  /** An address, v4 or v6; `undefined`: all of this host. */
  readonly host: string | undefined;
  readonly port: number;
}

/**
 * Reads `address:port`, `[v6 address]:port` (a zone too) or `:port`. No name: to listen must not wait for a name server,
 * least of all for one that a VPN has left behind.
 *
 * @returns `undefined` if it is none of them.
 */
export function parseListen(text: string): Listen | undefined {
  const [, v6, v4, digits] = /^(?:\[([^\]]+)\]|([\d.]+))?:([1-9]\d{0,4})$/.exec(text) ?? [];
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535)) return undefined;
  if (v6 !== undefined) return isIPv6(v6) ? { host: v6, port } : undefined;
  if (v4 !== undefined) return isIPv4(v4) ? { host: v4, port } : undefined;
  return { host: undefined, port };
}

/** `127.0.0.1:9469`, `[::1]:9469` or `:9469`. */
export function listenName({ host = '', port }: Listen): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** A user of the mail server itself, which knows what to add: many a script's config says `root`. */
const LOCAL_USER = /^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u;
// Letters of all scripts (SMTPUTF8), RFC 5322's other atoms and dots; no quoted local part.
const ADDRESS = /^[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]+@(?:[\p{L}\p{N}_.-]+|\[[0-9A-Fa-f.:]+\])$/u;
const NAMED = /^(?:"(?<quoted>[^"\\]*)"|(?<plain>[^<>"@,;:\\]*?))\s*<(?<address>[^<>]*)>$/u;

/** Somebody's address, as a mail is built with. */
export interface MailAddress {
  /** '' where the config gives none. */
  readonly name: string;
  /** `noc@example.com` or `root`; the domain in ASCII: most servers know xn--, few know SMTPUTF8. */
  readonly address: string;
}

/**
 * Reads one or more mail addresses, separated by commas, each `noc@example.com`, `NOC <noc@example.com>` or `root`.
 * Nodemailer's parser is not asked: it drops the last, and finds an address of the attacker's choice in a text with line
 * breaks.
 *
 * @returns `undefined` if one of them is none, or there is none at all.
 */
export function parseAddresses(text: string): MailAddress[] | undefined {
  const addresses = splitAddresses(text).map(parseAddress);
  return addresses.every((address) => address !== undefined) ? addresses : undefined;
}

/** The texts of addresses that are separated by commas, good or not; at least one. Commas within quotes belong to a name. */
export function splitAddresses(text: string): string[] {
  const parts = text.match(/(?:"[^"]*"|[^,])+/g) ?? [];
  const filled = parts.map((part) => part.trim()).filter((part) => part !== '');
  return filled.length === 0 ? [''] : filled;
}

function parseAddress(text: string): MailAddress | undefined {
  const { quoted, plain = '', address: said = text } = NAMED.exec(text)?.groups ?? {};
  const name = quoted ?? plain;
  const address = withAsciiDomain(said);
  return address === undefined || /\p{Cc}/u.test(name) ? undefined : { name, address };
}

/** `undefined`: it is no address, or its domain can be none. */
function withAsciiDomain(address: string): string | undefined {
  if (LOCAL_USER.test(address)) return address;
  if (!ADDRESS.test(address)) return undefined;
  const [local = '', domain = ''] = address.split('@');
  // An address literal ([::1]) stays as it is.
  const host = /^[\0-\x7F]+$/.test(domain) ? domain : domainToASCII(domain);
  return host === '' ? undefined : `${local}@${host}`;
}
