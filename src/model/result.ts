/**
 * The outcome of an operation that can fail for a reason that a person should read.
 *
 * `Details` are further fields of a failure, where a caller needs more than words.
 */
export type Result<T = undefined, Details = unknown> =
  | { readonly ok: true; readonly value: T }
  | ({ readonly ok: false; readonly why: string } & Details);

/** A success that has no value. */
export const DONE: { readonly ok: true; readonly value: undefined } = { ok: true, value: undefined };

/** A success with its value. */
export function good<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** A failure, and why, in words that may follow a colon. */
export function failed(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why };
}
