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

/** Whether this host allows the cells that enabled sites are tested in: opens one. No finding if no site wants one. */
export async function checkCells(
  { sites, logging }: Config,
  system: System,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const wanted = sites.filter(({ enabled }) => enabled).map(({ isolation }) => isolation);
  if (wanted.every((isolation) => isolation === 'none')) return [];
  const cells = cellsFor(realPath(logging.dir, system), system, SILENT);
  try {
    const ready = await cells.prepare(signal);
    if (ready.ok)
      return [ok('cells: work (one was opened and closed); net.ipv4.ip_forward is 1 and stays 1')];
    const words = `cells: ${ready.why}`;
    return [
      wanted.includes('cell')
        ? missing(words, ready.remedy)
        : warning(`${words}; sites with isolation: auto are tested one after the other`, ready.remedy),
    ];
  } finally {
    await cells.close();
  }
}
