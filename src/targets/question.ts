import type { Target } from './target.ts';

/** What the child of {@link askTarget} is asked, as JSON in its environment: everybody may read arguments. */
export interface Question {
  readonly target: Exclude<Target, { readonly kind: 'ping' }>;
  /** The addresses of its host, in the order of the attempts. */
  readonly addresses: readonly string[];
  /** When to give up, in ms. */
  readonly ms: number;
}

/** What came of it. */
export type Answer =
  /** `ms`: to the connection, to the end of the response, or to the answer of the name server. */
  | { readonly outcome: 'ok'; readonly ms: number; readonly detail: string }
  /** No answer. */
  | { readonly outcome: 'timeout'; readonly detail: string }
  /** Refused, or another answer than the right one. */
  | { readonly outcome: 'error'; readonly detail: string };

/** The environment variable that holds the question. */
export const QUESTION = 'VPN_MONITOR_TARGET';
