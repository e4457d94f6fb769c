import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import type { Config, SiteConfig } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import type { SiteResult } from '../model/test-result.ts';
import { LoginGate } from './login-gate.ts';
import { testInCell } from './test-in-cell.ts';
import { type TestContext, testInSlot } from './test-in-slot.ts';

/**
 * Tests sites: first those in cells, `concurrency` of them at the same time, then the others, one after the other. Both start in the order
 * of the config. Rejects with the reason of `stop`, after all tests have ended.
 *
 * @param finished called for each result, in the order in which the tests end. A test on the host begins when all earlier calls are done;
 * tests in cells do not wait for them.
 */
export async function testSites(
  sites: readonly SiteConfig[],
  context: TestContext,
  stop: AbortSignal,
  finished: (result: SiteResult) => Promise<void>,
): Promise<void> {
  const { inCells, onHost } = await divide(sites, context, stop);
  const calls: Promise<void>[] = [];
  try {
    await testAtOnce(inCells, context, stop, (result) => void calls.push(finished(result)));
  } finally {
    await Promise.all(calls);
  }
  for (const site of onHost) await finished(await testInSlot(site, context, stop));
}

/** How many tests run at the same time in cells. */
export function slotsFor({ concurrency }: Pick<Config, 'concurrency'>, sites: number): number {
  return concurrency === 'all' ? sites : Math.min(concurrency, sites);
}

/** Divides sites by where they are tested. Prepares the host for cells if one needs a cell. */
async function divide(sites: readonly SiteConfig[], { cells }: TestContext, stop: AbortSignal) {
  const ready = sites.some(({ isolation }) => isolation !== 'none') && (await cells.prepare(stop)).ok;
  const isInCell = ({ isolation }: SiteConfig) => isolation === 'cell' || (isolation === 'auto' && ready);
  return { inCells: sites.filter(isInCell), onHost: sites.filter((site) => !isInCell(site)) };
}

async function testAtOnce(
  sites: readonly SiteConfig[],
  context: TestContext,
  stop: AbortSignal,
  finished: (result: SiteResult) => void,
): Promise<void> {
  if (sites.length === 0) return;
  const slots = slotsFor(context.config, sites.length);
  const gate = new LoginGate(availableParallelism());
  // A bug in one test ends the others, which log out first.
  const ending = new AbortController();
  const follow = () => ending.abort(stop.reason);
  if (stop.aborted) follow();
  stop.addEventListener('abort', follow, { once: true });
  // Each test listens several times. Node warns of more than ten listeners.
  setMaxListeners(0, ending.signal, context.force);
  const queue = [...sites];
  const work = async () => {
    for (let site = queue.shift(); site !== undefined; site = queue.shift()) {
      finished(await testInCell(site, slots > 1 ? named(context, site) : context, gate, ending.signal));
    }
  };
  try {
    const workers = Array.from({ length: slots }, () =>
      work().catch((error) => {
        ending.abort(error);
      }),
    );
    await Promise.all(workers);
    ending.signal.throwIfAborted();
  } finally {
    stop.removeEventListener('abort', follow);
  }
}

/** A context whose log lines begin with the name of the site: those of several tests are mixed. */
function named(context: TestContext, { name }: SiteConfig): TestContext {
  return { ...context, log: prefixed(context.log, name), resultLog: prefixed(context.resultLog, name) };
}

function prefixed(log: Log, name: string): Log {
  const withName = (message: string) => (message.startsWith(`${name}: `) ? message : `${name}: ${message}`);
  return {
    debug: (message) => log.debug(withName(message)),
    info: (message) => log.info(withName(message)),
    warning: (message) => log.warning(withName(message)),
    error: (message) => log.error(withName(message)),
    critical: (message) => log.critical(withName(message)),
  };
}
