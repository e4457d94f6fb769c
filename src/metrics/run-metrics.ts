import type { Config } from '../config/config.ts';
import { type Metrics, NO_METRICS } from '../model/metrics-event.ts';
import type { Exporter, ExporterParts } from './exporter.ts';

/** The metrics of one `run`. A reload can turn them on and off. */
export interface RunMetrics extends Metrics {
  /** Uses another config. Never rejects: logs that an address can't be used, and tries it again at each publish. */
  use(config: Config): Promise<void>;
  /** Closes the server. */
  close(): void;
}

/** Metrics that are off until a config sets `metrics`. Only then their modules are loaded. */
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
