import type { Progress } from '../model/progress.ts';
import { type SiteResult, STAGE_NAMES, succeeded } from '../model/test-result.ts';
import { asctime } from '../results/csv-row.ts';
import { counted } from '../words/numbers.ts';
import { countdown, elapsed } from './live-time.ts';
import { resultHeads, resultLines } from './result-line.ts';
import type { Screen } from './screen.ts';

const REFRESH_MS = 100;

/** The options of {@link watch}. */
export interface WatchOptions {
  readonly screen: Screen;
  /** The monotonic clock, in ms. */
  readonly monotonic: () => number;
  /** The width of the widest name of a site, in columns. */
  readonly nameWidth: number;
  /** Whether to print each result at once; `once` prints a table at the end instead. */
  readonly results: boolean;
}

/**
 * Shows progress. On a terminal, each cycle has column heads, and a success after failures says so. Live lines have a running site each,
 * its stage and its elapsed time, or the time until the next cycle.
 * Also prints a line for each finished test.
 */
export function watch({ screen, monotonic, results, ...options }: WatchOptions): Progress {
  const nameWidth = Math.max(options.nameWidth, 'SITE'.length);
  /** The cycle whose heads were printed last, and the current one. */
  let headed = 0;
  let cycle = 1;
  /** The consecutive failed tests of each site, as long as this has watched. */
  const failures = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
    screen.status(null);
  };
  const show = (text: () => string, everyMs = REFRESH_MS) => {
    clearInterval(timer);
    if (!screen.live) return;
    screen.status(text());
    timer = setInterval(() => screen.status(text()), everyMs);
    timer.unref();
  };
  /** By site: what its test does, since when. Several run at the same time if they are isolated. */
  const tests = new Map<string, { readonly what: string; readonly since: number }>();
  const lines = () =>
    [...tests]
      .map(([site, { what, since }]) => `${site}: ${what}, ${elapsed((monotonic() - since) / 1000)}`)
      .join('\n');
  const running = (site: string, what: string) => {
    tests.set(site, { what, since: monotonic() });
    show(lines);
  };
  const print = (result: SiteResult) => {
    // Heads are for people: a program reads the same lines as before.
    if (screen.columns !== null && headed !== cycle) {
      screen.print(screen.paint('strong', resultHeads(cycle, nameWidth)));
    }
    headed = cycle;
    // Without weekday and year: a typical line fits into 80 columns.
    const time = asctime(result.time).slice(4, -5);
    screen.print(resultLines(result, time, nameWidth, screen));
    const failed = failures.get(result.site) ?? 0;
    failures.set(result.site, succeeded(result) ? 0 : failed + 1);
    if (failed > 0 && succeeded(result) && screen.columns !== null) {
      screen.print(screen.paint('good', `    works again after ${counted(failed, 'failed test')}`));
    }
  };
  return (event) => {
    switch (event.kind) {
      case 'cycle':
        cycle = event.number;
        return;
      case 'cleaning':
        return running(event.site, 'checking the host');
      case 'stage':
        return running(event.site, `${event.stage}/3 ${STAGE_NAMES[event.stage - 1]}`);
      case 'logging-out':
        return running(event.site, 'logging out');
      case 'waiting-for-host':
        if (!screen.live) screen.diagnose(`${event.site}: waiting for ${event.holder}`);
        return running(event.site, `waiting for ${event.holder}`);
      case 'waiting-for-code':
        if (!screen.live) screen.diagnose(`${event.site}: waiting ${event.seconds} s for a one-time code`);
        return running(event.site, `waiting up to ${event.seconds} s for a one-time code`);
      case 'finished': {
        tests.delete(event.result.site);
        if (tests.size === 0) stop();
        else show(lines);
        if (results) print(event.result);
        return;
      }
      case 'idle': {
        tests.clear();
        const until = monotonic() + event.seconds * 1000;
        return show(() => `next cycle in ${countdown(Math.ceil((until - monotonic()) / 1000))}`, 1000);
      }
      case 'end':
        return stop();
    }
  };
}
