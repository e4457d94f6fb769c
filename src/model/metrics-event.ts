import type { SiteResult } from './test-result.ts';

/** What came of a message: accepted by its channel for a recipient, a failed attempt, given up, or not tried again since it may have arrived. */
export type MessageFate = 'delivered' | 'failed' | 'lost' | 'unconfirmed';

/** What happened and is counted. */
export type MetricsEvent =
  /** A test has ended and its streak is known. */
  | { readonly kind: 'tested'; readonly result: SiteResult }
  /** A cycle over all sites is over; `overrun`: it took longer than the frequency. */
  | { readonly kind: 'cycled'; readonly seconds: number; readonly overrun: boolean }
  /** Leftover processes of clients were killed. */
  | { readonly kind: 'leftovers-killed'; readonly count: number }
  /** A resolv.conf that a client had left changed was restored. */
  | { readonly kind: 'dns-repaired' }
  /** A message has left by a channel, or has not. */
  | { readonly kind: 'mailed'; readonly channel: string; readonly fate: MessageFate }
  /** The config was read again; `good`: it is in use now. */
  | { readonly kind: 'config-read'; readonly good: boolean };

/** Counts what happened. Returns at once and never throws. */
export type Measure = (event: MetricsEvent) => void;

/** The metrics of a running monitor. */
export interface Metrics {
  readonly measure: Measure;
  /** Publishes what is new, and retries what failed. Logs its own failures; never rejects. */
  publish(): Promise<void>;
}

/** No metrics. */
export const NO_METRICS: Metrics = { measure: () => undefined, publish: async () => undefined };
