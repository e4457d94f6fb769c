import { counts } from '../alerts/policy.ts';
import type { SiteResult } from '../model/test-result.ts';
import { eventsOf } from '../results/test-event.ts';
import type { TestContext } from './test-in-slot.ts';
import { withoutUplink } from './uplink-watch.ts';

/**
 * The failures of a cycle that the line of this host may have caused. They are judged when the cycle has ended, so that the first site
 * is not blamed for what a later one shows. Holds nothing without control targets.
 */
export class HeldFailures {
  readonly #context: Pick<TestContext, 'uplink' | 'events'>;
  readonly #judge: (result: SiteResult) => Promise<void>;
  readonly #results: SiteResult[] = [];

  /** @param judge counts a result, and tells people of it. */
  constructor(context: Pick<TestContext, 'uplink' | 'events'>, judge: (result: SiteResult) => Promise<void>) {
    this.#context = context;
    this.#judge = judge;
  }

  /** Keeps a result until {@link release}, if the line may have caused it. Returns whether it does. */
  hold(result: SiteResult): boolean {
    if (!counts(result) || !this.#context.uplink.suspects(result)) return false;
    this.#results.push(result);
    return true;
  }

  /** Judges what is held. If the host has lost its uplink meanwhile, no site is blamed, and a further event of each test says so. */
  async release(): Promise<void> {
    const { uplink, events } = this.#context;
    for (const result of this.#results.splice(0)) {
      const { down } = uplink;
      if (down === null) {
        await this.#judge(result);
        continue;
      }
      const blameless = withoutUplink(result, down);
      events.append(eventsOf(blameless).filter(({ kind }) => kind === 'failure'));
      await this.#judge(blameless);
    }
  }
}
