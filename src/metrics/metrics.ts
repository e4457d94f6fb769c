import type { SiteResult } from '../model/test-result.ts';

/** What a mail came to: taken by the server for somebody, a try in vain, or given up for good. */
export type MailFate = 'delivered' | 'failed' | 'lost';

/** Where the figures of a running monitor go. No call throws. */
export interface Metrics {
  /** A test is finished, and its streak is known. */
  tested(result: SiteResult): void;
  /** A cycle over all sites is over; `overrun`: it took longer than the frequency. */
  cycled(seconds: number, overrun: boolean): void;
  /** So many left-over processes of clients were killed. */
  leftoversKilled(count: number): void;
  /** A resolv.conf that a client had left changed was restored. */
  dnsRepaired(): void;
  mailed(fate: MailFate): void;
  /** The config was read again; `good`: it is in use now. */
  configRead(good: boolean): void;
  /** Brings out what is new, and tries again what failed before. Says itself what fails; never rejects. */
  publish(): Promise<void>;
}

/** No metrics. */
export const NO_METRICS: Metrics = {
  tested: () => undefined,
  cycled: () => undefined,
  leftoversKilled: () => undefined,
  dnsRepaired: () => undefined,
  mailed: () => undefined,
  configRead: () => undefined,
  publish: async () => undefined,
};
