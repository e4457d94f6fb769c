import type { Readiness } from '../cell/cell-network.ts';
import { cellsFor } from '../cell/cells.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import { realPath } from '../monitor/test-context.ts';
import type { System } from '../system/system.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

const SILENT: Log = {
  debug: () => undefined,
  info: () => undefined,
  warning: () => undefined,
  error: () => undefined,
  critical: () => undefined,
};

/** What a host says of the cells that sites are to be tested in. */
export interface CellsChecked {
  readonly findings: readonly Finding[];
  /** The config, with those sites alone whose tests run on the host. */
  readonly onHost: Config;
}

/** Whether this host allows the cells that enabled sites are tested in: opens one. No finding if no site wants one. */
export async function checkCells(config: Config, system: System, signal: AbortSignal): Promise<CellsChecked> {
  const { sites, logging } = config;
  const wanted = sites.filter(({ enabled }) => enabled).map(({ isolation }) => isolation);
  if (wanted.every((isolation) => isolation === 'none')) return { findings: [], onHost: config };
  const cells = cellsFor(realPath(logging.dir, system), system, SILENT);
  try {
    const ready = await cells.prepare(signal);
    const onHost = sites.filter(
      ({ isolation }) => isolation === 'none' || (isolation === 'auto' && !ready.ok),
    );
    return { findings: [inWords(ready, wanted.includes('cell'))], onHost: { ...config, sites: onHost } };
  } finally {
    await cells.close();
  }
}

function inWords(ready: Readiness, needed: boolean): Finding {
  if (ready.ok) return ok(`cells: work (one was opened and closed), ${ready.value}`);
  const words = `cells: ${ready.why}`;
  return needed
    ? missing(words, ready.remedy)
    : warning(`${words}; sites with isolation: auto are tested one after the other`, ready.remedy);
}
