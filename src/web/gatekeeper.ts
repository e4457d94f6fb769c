import { createHmac, timingSafeEqual } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import type { PasswordDigest } from './page-news.ts';

/** Wrong passwords of an address before it has to wait. */
const MOST_TRIES = 10;
/** For so long a wrong password counts, in ms. */
const TRIES_MS = 10 * 60_000;
/** Addresses whose wrong passwords are counted. The oldest is forgotten. */
const MOST_ADDRESSES = 1000;

/** The host in a `Host` header, without its port: `[::1]:80` gives `::1`. '' if there is none. */
export function hostIn(header: string | undefined): string {
  const [, v6, name] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(header ?? '') ?? [];
  return (v6 ?? name ?? '').toLowerCase().replace(/\.$/, '');
}

/**
 * Whether a request may ask for this host. Another name may be that of an attacker's site, which a browser was made to resolve to this
 * host (DNS rebinding).
 *
 * @param local the address at which the connection arrived
 * @param names the allowed ones; `null`: localhost, the names of this host, and `local`
 */
export function hostAllowed(
  header: string | undefined,
  local: string,
  { names, hostname }: { readonly names: readonly string[] | null; readonly hostname: string },
): boolean {
  const host = hostIn(header);
  const own = ['localhost', hostname, hostname.split('.')[0] ?? '', plainAddress(local)];
  const allowed = (names ?? own).map((name) => name.toLowerCase().replace(/^\[(.*)\]$/, '$1'));
  return host !== '' && allowed.includes(host);
}

/** A v4 address in a v6 socket as v4, without a zone. */
export function plainAddress(address: string): string {
  const plain = address.replace(/%.*/, '');
  const v4 = plain.replace(/^::ffff:/i, '');
  return isIPv4(v4) ? v4 : plain;
}

/** What an address may do. */
export type Verdict = 'allowed' | 'asked' | 'wrong' | 'wait';

/** Asks for the password, and lets nobody try many. */
export class Gatekeeper {
  readonly #password: { readonly key: Buffer; readonly digest: Buffer } | null;
  readonly #monotonic: () => number;
  /** The times of the wrong passwords of each address, in ms on the monotonic clock. */
  readonly #wrong = new Map<string, readonly number[]>();

  /** @param password `null`: none is asked for */
  constructor(password: PasswordDigest | null, monotonic: () => number) {
    this.#password = password && {
      key: Buffer.from(password.key, 'base64'),
      digest: Buffer.from(password.digest, 'base64'),
    };
    this.#monotonic = monotonic;
  }

  /** Judges a request from an address by its `Authorization` header. `wait`: even the right password is refused for some minutes. */
  judge(address: string, authorization: string | undefined): Verdict {
    if (this.#password === null) return 'allowed';
    const from = subscriber(plainAddress(address));
    const now = this.#monotonic();
    const recent = (this.#wrong.get(from) ?? []).filter((time) => now - time < TRIES_MS);
    if (recent.length >= MOST_TRIES) return 'wait';
    const given = passwordIn(authorization);
    if (given === undefined) return 'asked';
    // Digests have one length, and their comparison takes the same time wherever they differ.
    const digest = createHmac('sha256', this.#password.key).update(given).digest();
    if (timingSafeEqual(digest, this.#password.digest)) return 'allowed';
    this.#wrong.delete(from);
    this.#wrong.set(from, [...recent, now]);
    if (this.#wrong.size > MOST_ADDRESSES) this.#wrong.delete(this.#wrong.keys().next().value ?? '');
    return 'wrong';
  }
}

/** Whoever has a v6 address has usually all of its /64. */
function subscriber(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = address.includes('::') ? Array(Math.max(0, 8 - before.length - after.length)).fill('0') : [];
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}

/** The password of Basic authentication (RFC 7617); `undefined`: none was given. */
function passwordIn(authorization: string | undefined): string | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : text.slice(colon + 1);
}
