import type { Config } from '../config/config.ts';
import { type Metrics, NO_METRICS } from '../model/metrics-event.ts';
import type { Exporter, ExporterParts } from './exporter.ts';

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
    measure: (event) => now().measure(event),
    publish: () => now().publish(),
    use: async (config) => {
      if (config.metrics === undefined) return close();
      exporter ??= (await import('./exporter.ts')).createExporter(parts, config);
      await exporter.use(config, config.metrics);
    },
    close,
  };
}
