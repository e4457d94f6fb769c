import * as v from 'valibot';
import { failed, good, type Result } from '../model/result.ts';

/** The layout of an order's file. A file with a higher number was written by a newer program. */
const ORDER_VERSION = 1;
/** The longest text of an order, in characters. */
export const ORDER_TEXT_LIMIT = 500;
/** The most sites of an order. */
const SITES_LIMIT = 1000;
/** The longest silence, in ms: 30 days. A silence without an end would be forgotten; `enabled: false` takes a site out for good. */
export const LONGEST_SILENCE_MS = 30 * 24 * 3_600_000;

const time = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text))),
  v.transform((text) => Date.parse(text)),
);

/** One line without control characters and marks that change the direction of writing. */
const line = v.pipe(
  v.string(),
  v.maxLength(ORDER_TEXT_LIMIT),
  v.regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u),
);

const order = v.variant('kind', [
  /** Nobody is told of failures of some sites (`null`: of all) for a time. */
  v.object({
    version: v.literal(ORDER_VERSION),
    kind: v.literal('silence'),
    sites: v.nullable(v.pipe(v.array(line), v.maxLength(SITES_LIMIT))),
    from: time,
    until: time,
    reason: v.nullable(line),
  }),
  /** Somebody works on the outage of a site: no reminders until it is back. */
  v.object({
    version: v.literal(ORDER_VERSION),
    kind: v.literal('ack'),
    site: line,
    from: time,
    note: v.nullable(line),
  }),
]);

type AnyOrder = Readonly<v.InferOutput<typeof order>>;
/** A silence; times in ms since the epoch. */
export type Silence = Extract<AnyOrder, { readonly kind: 'silence' }>;
/** An acknowledgement; times in ms since the epoch. */
export type Ack = Extract<AnyOrder, { readonly kind: 'ack' }>;
/** What a person told the monitor. */
export type Order = Silence | Ack;

/** An order as it lies in the folder: who gave it, by the owner of its file. */
export type GivenOrder<O extends Order = Order> = O & {
  /** The name of its file. */
  readonly id: string;
  /** A user's name, or `uid N`. */
  readonly author: string;
};

/** Makes a silence. Fails if a text or the time is not allowed. */
export function newSilence(silence: Omit<Silence, 'version' | 'kind'>): Result<Silence> {
  const { from, until, reason } = silence;
  if (until - from > LONGEST_SILENCE_MS) return failed('a silence lasts at most 30 days');
  return isLine(reason)
    ? good({ ...silence, version: ORDER_VERSION, kind: 'silence' })
    : failed(badText('--reason'));
}

/** Makes an acknowledgement. Fails if the note is not allowed. */
export function newAck(ack: Omit<Ack, 'version' | 'kind'>): Result<Ack> {
  return isLine(ack.note) ? good({ ...ack, version: ORDER_VERSION, kind: 'ack' }) : failed(badText('--note'));
}

function isLine(text: string | null): boolean {
  return text === null || v.safeParse(line, text).success;
}

function badText(option: string): string {
  return `the text of ${option} must be one line of at most ${ORDER_TEXT_LIMIT} characters, without control characters`;
}

/** An order as the text of its file. */
export function formatOrder(given: Order): string {
  const times =
    given.kind === 'silence' ? { from: iso(given.from), until: iso(given.until) } : { from: iso(given.from) };
  return `${JSON.stringify({ ...given, ...times })}\n`;
}

/** Parses the text of an order's file; `null`: it is none that this version understands. Never throws. */
export function parseOrder(text: string): Order | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = v.safeParse(order, json);
  if (!parsed.success) return null;
  const { output } = parsed;
  if (output.kind === 'silence' && output.until - output.from > LONGEST_SILENCE_MS) return null;
  return output;
}

/** The silence of a site at a time (ms since the epoch) that ends last; `null`: none. */
export function silenceOf(
  orders: readonly GivenOrder[],
  site: string,
  time: number,
): GivenOrder<Silence> | null {
  let last: GivenOrder<Silence> | null = null;
  for (const given of orders) {
    if (given.kind !== 'silence' || time < given.from || time >= given.until) continue;
    if (given.sites !== null && !given.sites.includes(site)) continue;
    if (given.until > (last?.until ?? Number.NEGATIVE_INFINITY)) last = given;
  }
  return last;
}

/** Whether an order has no effect any more. An acknowledgement ends with its outage. */
export function isOver(given: Order, time: number): boolean {
  return given.kind === 'silence' && time >= given.until;
}

/** The newest acknowledgement of a site's outage; `null`: none. */
export function ackOf(orders: readonly GivenOrder[], site: string): GivenOrder<Ack> | null {
  const ofSite = orders.filter((given) => given.kind === 'ack').filter((ack) => ack.site === site);
  return ofSite.toSorted((one, other) => other.from - one.from)[0] ?? null;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
