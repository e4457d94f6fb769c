/** What can fail for one reason that a person should read: a value, or why there is none. */
export type Result<T = undefined> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string };

/** A success that has no value. */
export const DONE: Result = { ok: true, value: undefined };

/** A success with its value. */
export function good<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** A failure, and why, in words that may follow a colon. */
export function failed(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why };
}
