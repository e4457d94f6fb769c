import type { Server } from 'node:http';
import type { Config, MetricsConfig } from '../config/config.ts';
import { listenName } from '../config/schema/address.ts';
import { reason } from '../files/reason.ts';
import { replaceFile } from '../files/replace-file.ts';
import type { Log } from '../log/log.ts';
import type { Metrics } from '../model/metrics-event.ts';
import type { System } from '../system/system.ts';
import { createFigures, type FiguresParts } from './figures.ts';
import { openServer } from './server.ts';

/** Metrics that are on. */
export interface Exporter {
  readonly metrics: Metrics;
  use(config: Config, places: MetricsConfig): Promise<void>;
  /** Serves nothing any more. The textfile stays: its times say how old it is. */
  close(): void;
}

/** What the exporter needs beside the config. */
export interface ExporterParts extends FiguresParts {
  readonly system: System;
  readonly log: Log;
  /** Why the monitor's loop is thought to be stuck, in words; `null`: it goes on. */
  stuck(): string | null;
}

/** Keeps the figures, serves them and writes them, as the config says. Nothing here ends the monitor. */
export function createExporter(parts: ExporterParts, first: Config): Exporter {
  const { system, log, stuck } = parts;
  const figures = createFigures(parts, first);
  let places: MetricsConfig = { listen: undefined, textfile: undefined };
  let server: Server | undefined;
  /** What the textfile says: while the monitor waits there is nothing new. */
  let written: string | undefined;
  const sayServed = onChange(log);
  const sayWritten = onChange(log);

  const close = () => {
    server?.close();
    server?.closeAllConnections();
    server = undefined;
  };

  const serve = async () => {
    if (places.listen === undefined || server !== undefined) return;
    const opened = await openServer(places.listen, { text: figures.text, stuck });
    if ('server' in opened) server = opened.server;
    sayServed(
      'fault' in opened ? `The metrics are not served: ${opened.fault}` : null,
      `The metrics are served on ${listenName(places.listen)}`,
    );
  };

  const write = async () => {
    const { textfile } = places;
    if (textfile === undefined) return;
    let fault: string | null = null;
    try {
      const text = await figures.text();
      if (text === written) return;
      written = undefined;
      replaceFile(system.files, textfile, text, 0o644);
      written = text;
    } catch (error) {
      fault = `The metrics can't be written to ${textfile}: ${reason(error)}`;
    }
    sayWritten(fault, `The metrics are written to ${textfile}`);
  };

  return {
    metrics: {
      measure: figures.measure,
      publish: async () => {
        await serve();
        await write();
      },
    },
    use: async (config, next) => {
      figures.use(config);
      const moved = JSON.stringify(next.listen) !== JSON.stringify(places.listen);
      if (next.textfile !== places.textfile) written = undefined;
      places = next;
      if (moved) close();
      await serve();
      await write();
    },
    close,
  };
}

/** Says a fault as an error when it comes or is another one, and that all is well when it is or the place is another one. */
function onChange(log: Log): (fault: string | null, well: string) => void {
  let said: string | undefined;
  return (fault, well) => {
    const words = fault ?? well;
    if (words !== said) fault === null ? log.info(well) : log.error(fault);
    said = words;
  };
}
