import path from 'node:path';
import type { MetricsConfig } from '../config/config.ts';
import { reason } from '../files/reason.ts';
import type { System } from '../system/system.ts';
import { checkListen } from './check-listen.ts';
import { type Finding, ok, warning } from './finding.ts';
import { remedyFor, tryToWrite } from './try-to-write.ts';

/**
 * Whether the metrics can be published: the address is free, and the textfile can be replaced.
 *
 * @param monitorRuns whether a monitor runs on this results folder: it then uses the address itself.
 */
export async function checkMetrics(
  { listen, textfile }: MetricsConfig,
  system: System,
  monitorRuns: boolean,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  if (listen !== undefined) {
    findings.push(await checkListen(listen, { what: 'metrics', key: 'metrics.listen' }, monitorRuns));
  }
  if (textfile !== undefined) findings.push(checkTextfile(textfile, system));
  return findings;
}

function checkTextfile(file: string, system: System): Finding {
  try {
    tryToWrite(path.dirname(file), system);
    return ok(`metrics: ${file} can be written`);
  } catch (error) {
    return warning(
      `metrics: ${file} can't be written: ${reason(error)}`,
      remedyFor(
        error,
        path.dirname(file),
        'metrics.textfile',
        'its folder must be there, and this user may write into it (chown), or choose another one: metrics.textfile',
      ),
    );
  }
}
