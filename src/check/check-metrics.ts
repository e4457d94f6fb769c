import { createServer } from 'node:net';
import path from 'node:path';
import type { MetricsConfig } from '../config/config.ts';
import { type Listen, listenName } from '../config/schema/address.ts';
import { reason } from '../files/reason.ts';
import type { System } from '../system/system.ts';
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
  if (listen !== undefined) findings.push(await checkListen(listen, monitorRuns));
  if (textfile !== undefined) findings.push(checkTextfile(textfile, system));
  return findings;
}

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there: choose another port: metrics.listen',
  EADDRNOTAVAIL: 'no interface of this host has this address: metrics.listen',
  EACCES: 'ports below 1024 are for root or CAP_NET_BIND_SERVICE: metrics.listen',
};

async function checkListen(listen: Listen, monitorRuns: boolean): Promise<Finding> {
  const name = listenName(listen);
  const fault = await tryToListen(listen);
  if (fault === undefined) return ok(`metrics: can be served on ${name}`);
  const { code = '' } = fault;
  if (code === 'EADDRINUSE' && monitorRuns) return ok(`metrics: ${name} is in use, the monitor is running`);
  const remedy = REMEDIES[code] ?? 'look at metrics.listen';
  return warning(`metrics: can't listen on ${name}: ${reason(fault)}`, remedy);
}

function tryToListen(listen: Listen): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(listen, () => server.close(() => resolve(undefined)));
  });
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
