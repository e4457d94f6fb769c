import type { Server } from 'node:http';
import type { Config, MetricsConfig } from '../config/config.ts';
import { listenName, sharesAddress } from '../config/schema/address.ts';
import { reason } from '../files/reason.ts';
import { replaceFile } from '../files/replace-file.ts';
import type { Log } from '../log/log.ts';
import type { Metrics } from '../model/metrics-event.ts';
import { DONE, failed, type Result } from '../model/result.ts';
import type { System } from '../system/system.ts';
import { Figures, type FiguresParts } from './figures.ts';
import { type OtherServer, openServer } from './server.ts';

/** Serves metrics and writes them to the textfile. */
export interface Exporter {
  readonly metrics: Metrics;
  /** Uses another config; `targets` are its `metrics`. Never rejects. */
  use(config: Config, targets: MetricsConfig): Promise<void>;
  /** Closes the server. The textfile stays: its timestamps show its age. */
  close(): void;
}

/** What the exporter needs, without the config. */
export interface ExporterParts extends FiguresParts {
  readonly system: System;
  readonly log: Log;
  /** Fails if the monitor's loop is stuck: says since when. */
  health(): Result;
  /** The server of the page, which may have the same address. */
  readonly page: OtherServer;
}

/** Keeps the figures, serves them and writes them, as the config says. A failure is logged and never ends the monitor. */
export function createExporter(parts: ExporterParts, first: Config): Exporter {
  const { system, log, health, page } = parts;
  const figures = new Figures(parts, first);
  let targets: MetricsConfig = { listen: undefined, textfile: undefined };
  let hasPage = false;
  let server: Server | undefined;
  /** The text of the textfile. It is not written again while nothing changes. */
  let written: string | undefined;
  const logServed = logOnChange(log);
  const logWritten = logOnChange(log);

  const close = () => {
    server?.close();
    server?.closeAllConnections();
    server = undefined;
  };

  const serve = async () => {
    if (targets.listen === undefined || server !== undefined) return;
    const opened = await openServer(targets.listen, { text: () => figures.text(), health }, () =>
      hasPage ? page : undefined,
    );
    if (opened.ok) server = opened.value;
    logServed(
      opened.ok ? DONE : failed(`The metrics are not served: ${opened.why}`),
      `The metrics are served on ${listenName(targets.listen)}`,
    );
  };

  const write = async () => {
    const { textfile } = targets;
    if (textfile === undefined) return;
    let outcome: Result = DONE;
    try {
      const text = await figures.text();
      if (text === written) return;
      written = undefined;
      replaceFile(system.files, textfile, text, 0o644);
      written = text;
    } catch (error) {
      outcome = failed(`The metrics can't be written to ${textfile}: ${reason(error)}`);
    }
    logWritten(outcome, `The metrics are written to ${textfile}`);
  };

  return {
    metrics: {
      measure: (event) => figures.measure(event),
      publish: async () => {
        await serve();
        await write();
      },
    },
    use: async (config, next) => {
      figures.use(config);
      hasPage = config.web !== undefined && sharesAddress(config.web.listen, config.metrics?.listen);
      const moved = JSON.stringify(next.listen) !== JSON.stringify(targets.listen);
      if (next.textfile !== targets.textfile) written = undefined;
      targets = next;
      if (moved) close();
      await serve();
      await write();
    },
    close,
  };
}

/** Returns a function that logs an outcome, as an error or as the words of a success, unless it logged the same words last. */
function logOnChange(log: Log): (outcome: Result, success: string) => void {
  let logged: string | undefined;
  return (outcome, success) => {
    const words = outcome.ok ? success : outcome.why;
    if (words !== logged) outcome.ok ? log.info(words) : log.error(words);
    logged = words;
  };
}
