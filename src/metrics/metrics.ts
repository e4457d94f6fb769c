import type { Config } from '../config/config.ts';
import type { SiteResult } from '../probe/result.ts';
import type { Exporter, ExporterParts } from './exporter.ts';

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

/** The metrics of one `run`, which a reload may switch on and off. */
export interface RunMetrics extends Metrics {
  /** Goes by another config. Never rejects: an address that can't be had is said, and tried again at each publish. */
  use(config: Config): Promise<void>;
  /** Serves nothing any more. */
  close(): void;
}

/** Metrics that are off, and not even loaded, until a config asks for them. */
export function runMetrics(parts: ExporterParts): RunMetrics {
  let exporter: Exporter | undefined;
  const now = (): Metrics => exporter?.metrics ?? NO_METRICS;
  const close = () => {
    exporter?.close();
    exporter = undefined;
  };
  return {
    tested: (result) => now().tested(result),
    cycled: (seconds, overrun) => now().cycled(seconds, overrun),
    leftoversKilled: (count) => now().leftoversKilled(count),
    dnsRepaired: () => now().dnsRepaired(),
    mailed: (fate) => now().mailed(fate),
    configRead: (good) => now().configRead(good),
    publish: () => now().publish(),
    use: async (config) => {
      if (config.metrics === undefined) return close();
      exporter ??= (await import('./exporter.ts')).createExporter(parts, config);
      await exporter.use(config, config.metrics);
    },
    close,
  };
}
