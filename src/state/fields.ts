import * as v from 'valibot';
import { CERTIFICATE_OWNERS } from '../model/certificate.ts';
import type { HostFaultKind } from '../model/test-result.ts';

/** A point in time as an ISO string. */
export const time = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text))),
);

/** A whole number that is not negative. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A kind of fault of this host. */
export const faultKind = v.custom<HostFaultKind>(
  (value) =>
    typeof value === 'string' &&
    (['ping', 'ps', 'cleaning', 'cell', 'records', 'uplink'].includes(value) ||
      /^(?:client|ping) /.test(value)),
);

/** What is wrong with this host now, in words, redacted. `since`: when a missing uplink was noticed; others have none. */
export const faults = v.array(v.object({ kind: faultKind, words: v.string(), since: v.optional(time) }));

/** The recipients that a message has not reached yet. */
export const recipients = v.pipe(v.array(v.string()), v.minLength(1));

/** What a gateway said of the expiry of the monitor's password. */
const expiry = v.object({
  /** When the password expires; `null`: the gateway only counts the log-ins that are left. */
  at: v.nullable(time),
  /** The log-ins that are left before the password must be changed; `null`: the gateway does not say. */
  left: v.nullable(count),
  /** When people were last told; `null`: never. */
  told: v.nullable(time),
});

/** A certificate that the log-ins of a site need, when it was last read. */
const certificate = v.object({
  owner: v.picklist(CERTIFICATE_OWNERS),
  fingerprint: v.string(),
  from: time,
  until: time,
  wrongName: v.nullable(v.string()),
  /** When people were last told that this certificate of the owner, or one before it, expires; `null`: never. */
  told: v.nullable(time),
  /** Whether people were told that it expires, and not yet that it was renewed. */
  open: v.boolean(),
});

/** By channel, the key of an outage's first message. Later messages refer to it. Empty where no channel is configured. */
export const first = v.record(v.string(), v.string());

/** Slow tests of a site that works. */
const slow = v.object({
  /** Those in a row; of what people were told, all. */
  tests: count,
  /** The first of them. */
  since: time,
  /** Whether people were told. */
  told: v.boolean(),
  /** The tests since then that were not slow. */
  fast: count,
  first,
});

/** Changes of a site between up and down. */
const flap = v.object({
  /** The latest changes: when, to what, and how long before the last test that counted, in ms on the monitor's own clock. */
  changes: v.array(v.object({ at: time, down: v.boolean(), ago: count })),
  /** When people were told that it flaps; `null`: it does not. */
  since: v.nullable(time),
  first,
});

/**
 * Why people are not told of an outage: a closed list. `host`: this host could not test, for example without an uplink;
 * `below-threshold`: fewer failures than `alerts.after`; `flapping`: people know that it comes and goes.
 */
export const WITHHELD = ['host', 'below-threshold', 'maintenance', 'silenced', 'flapping'] as const;

/** See {@link WITHHELD}. */
export type Withheld = (typeof WITHHELD)[number];

/** The streak of a site, without its announced outage. */
export const streak = {
  /** Counted failures since the last success. */
  consecutiveFailures: count,
  /** The first failure of the streak. */
  since: v.nullable(time),
  /** Why its last failure was one; `null`: an older program did not store it. */
  cause: v.optional(v.nullable(v.string()), null),
  /** Why people were not told of it at its last failure; `null`: they were, or there is none. */
  withheld: v.optional(v.nullable(v.picklist(WITHHELD)), null),
  /** The successes since the outage's last failure, while they are fewer than `alerts.recover_after`; `null`: none. */
  recovering: v.optional(v.nullable(v.object({ successes: count, since: time })), null),
  lastSuccess: v.nullable(time),
  /** The last test that counted. */
  lastResult: v.nullable(time),
  /** Milliseconds between the last two tests of one `run`; `null`: not known. */
  interval: v.optional(v.nullable(count), null),
  /** When the gateway last rejected the credentials; `null`: never, or it has accepted them since. */
  rejectedAt: v.optional(v.nullable(time), null),
  /** `null`: the gateway said nothing of it at the last log-in that worked. */
  expiry: v.optional(v.nullable(expiry), null),
  /** At most one of each owner. */
  certificates: v.optional(v.array(certificate), []),
  /** `null`: its last test was not slow. */
  slow: v.optional(v.nullable(slow), null),
  /** `null`: no outage has begun or ended within `alerts.flap.hours`. */
  flap: v.optional(v.nullable(flap), null),
};
