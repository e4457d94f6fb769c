import { writeFileSync } from 'node:fs';
import { quantile } from '../../../bench/statistics.mjs';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { createLab, type Lab } from './lab.ts';
import { siteKeys } from './site-keys.ts';
import { labUnavailable } from './unavailable.ts';

/** As many gateways as the lab has addresses for. */
export const MOST_GATEWAYS = 40;

/** What one `once` over all gateways has shown. */
interface Figures {
  readonly how: string;
  readonly seconds: number;
  readonly successes: number;
  /** The times of the log-ins, in ms. */
  readonly logIns: readonly number[];
}

/**
 * Tests real gateways that all have the same inner subnet, first one after the other, then all at once in cells, and prints a table of
 * both. Nothing of it is left then.
 *
 * @returns the exit status: 1 if a test failed, or if a lab can't be had here (it then says why); 130 after ctrl-C.
 */
export async function compare(count: number): Promise<number> {
  const reason = labUnavailable();
  if (reason !== undefined) {
    console.error(`The lab ${reason}`);
    return 1;
  }
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => resolve('interrupted'));
  });
  console.log(`${count} real VPN gateways with the same inner subnet. Ctrl-C removes all of it.`);
  const lab = await createLab(
    Array.from({ length: count }, () => ({ kind: 'ocserv', innerOf: 1 }) as const),
    createMonitoredWorld(),
  );
  try {
    const measuring = measureBoth(lab);
    const figures = await Promise.race([measuring, interrupted]);
    if (figures === 'interrupted') {
      // It fails when the world ends.
      measuring.catch(() => undefined);
      return 130;
    }
    console.log(table(figures));
    return figures.every(({ successes }) => successes === count) ? 0 : 1;
  } finally {
    await lab.end();
  }
}

async function measureBoth(lab: Lab<MonitoredWorld>): Promise<readonly Figures[]> {
  console.log('Testing them one after the other ...');
  const inTurn = await measure(lab, 'one after the other', '');
  console.log('Testing all at once, each in a cell ...');
  const inCells = await measure(lab, 'all at once, in cells', 'isolation: cell\nconcurrency: all\n');
  return [inTurn, inCells];
}

async function measure(
  { world, gateways }: Lab<MonitoredWorld>,
  how: string,
  more: string,
): Promise<Figures> {
  const sites = gateways.map((gateway) => `  ${gateway.name}: ${JSON.stringify(siteKeys(gateway))}`);
  writeFileSync(
    world.at('config.yml'),
    `frequency: 600
logging: { dir: results, file: result }
dns: { restore: ["true"] }
${more}sites:
${sites.join('\n')}
`,
    { mode: 0o600 },
  );
  const began = performance.now();
  const once = world.monitor(['once', '--json'], { SIM_RESOLV: '' });
  await once.ended;
  const seconds = (performance.now() - began) / 1000;
  const { sites: results } = JSON.parse(once.stdout()) as {
    readonly sites: readonly {
      readonly summary: string;
      readonly stages: readonly { readonly ms: number | null }[];
    }[];
  };
  return {
    how,
    seconds,
    successes: results.filter(({ summary }) => summary === 'SUCCESS').length,
    logIns: results.flatMap(({ stages }) => stages[1]?.ms ?? []),
  };
}

function table(figures: readonly Figures[]): string {
  const heads = ['', 'whole cycle', 'SUCCESS', 'log-in, median', 'log-in, 95 %'];
  const rows = figures.map(({ how, seconds, successes, logIns }) => [
    how,
    `${seconds.toFixed(1)} s`,
    `${successes}`,
    ...[0.5, 0.95].map((share) => (logIns.length === 0 ? '-' : `${quantile(logIns, share).toFixed(1)} ms`)),
  ]);
  const lines = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return `\n${lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n')}`;
}
