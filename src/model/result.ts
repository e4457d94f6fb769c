/**
 * The outcome of what can fail for a reason that a person should read: a value, or why there is none.
 *
 * `W` is the form of the reason, where words are not enough. `D` are further fields of a failure.
 */
export type Result<T = undefined, W = string, D = unknown> =
  | { readonly ok: true; readonly value: T }
  | ({ readonly ok: false; readonly why: W } & D);

/** A success that has no value. */
export const DONE: { readonly ok: true; readonly value: undefined } = { ok: true, value: undefined };

/** A success with its value. */
export function good<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** A failure, and why: in words that may follow a colon, unless the caller needs more than words. */
export function failed<W = string>(why: W): { readonly ok: false; readonly why: W } {
  return { ok: false, why };
}
