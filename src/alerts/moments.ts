import type { SiteResult } from '../model/test-result.ts';
import type { SiteState } from '../state/store.ts';
import type { System } from '../system/system.ts';
import { type Ages, agesByWallClock, counts } from './policy.ts';

/** When something last happened to a site, in ms on the monotonic clock. */
interface SiteMoments {
  readonly tested: number;
  /** A test that counted. */
  readonly result: number;
  /** A message that said that the site is down. */
  readonly reminder: number;
}

/** How long ago it was at a test, in ms. */
export interface AgesAtTest extends Ages {
  /** Since the test before. At the first one of this process: the interval of the process before; 0 if that is not known. */
  readonly test: number;
}

/**
 * What happened to each site last, on the monotonic clock: a step of the wall clock must neither end a streak nor bring
 * or move a reminder. What an earlier process noted is dated back from the site's first test in this one.
 */
export class Moments {
  readonly #system: Pick<System, 'monotonic' | 'now'>;
  readonly #sites = new Map<string, SiteMoments>();

  constructor(system: Pick<System, 'monotonic' | 'now'>) {
    this.#system = system;
  }

  /** The ages at a result, with the state of the site before it. */
  agesAt(result: SiteResult, before: SiteState): AgesAtTest {
    const clock = this.#system.monotonic();
    const { tested, result: counted, reminder } = this.#of(result, before, clock);
    return { test: clock - tested, result: clock - counted, reminder: clock - reminder };
  }

  /** Notes a result, and whether it led to a message. */
  note(result: SiteResult, before: SiteState, announced: boolean): void {
    const clock = this.#system.monotonic();
    const last = this.#of(result, before, clock);
    this.#sites.set(result.site, {
      tested: clock,
      result: counts(result) ? clock : last.result,
      reminder: announced ? clock : last.reminder,
    });
  }

  #of(result: SiteResult, before: SiteState, clock: number): SiteMoments {
    const known = this.#sites.get(result.site);
    if (known !== undefined) return known;
    const ages = agesByWallClock(before, result, this.#system.now());
    return {
      tested: clock - (before.interval ?? 0),
      result: clock - ages.result,
      reminder: clock - ages.reminder,
    };
  }
}
