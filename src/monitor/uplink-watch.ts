import { counts } from '../alerts/policy.ts';
import type { Config, SiteConfig } from '../config/config.ts';
import { acquireLock, HOST_LOCK } from '../lock/lock.ts';
import { countsAgainstAccount, type SiteResult, succeeded } from '../model/test-result.ts';
import { needsHost } from '../probe/client-traces.ts';
import { askControlTargets } from '../probe/control-targets.ts';
import { stagesOf, untestedSite } from '../probe/untested.ts';
import type { System } from '../system/system.ts';

/** What {@link UplinkWatch} needs: the targets, and the host that asks them. */
export type UplinkParts = Parameters<typeof askControlTargets>[1] & {
  readonly system: System;
  readonly config: Pick<Config, 'uplink' | 'ping' | 'sites'>;
};

/** Knows whether this host has an uplink, by the control targets of `uplink`. Without targets it asks nobody and blames nothing on the line. */
export class UplinkWatch {
  readonly #parts: UplinkParts;
  #down: string | null = null;
  #asking: Promise<string | null> | undefined;

  constructor(parts: UplinkParts) {
    this.#parts = parts;
  }

  /** Whether there are control targets. */
  get isOn(): boolean {
    return this.#parts.config.uplink.length > 0;
  }

  /** Why the host has no uplink, as the targets were last asked; `null`: it has one, or that is not known. */
  get down(): string | null {
    return this.#down;
  }

  /**
   * Asks between two tests, unless another process tests on this host: its tunnel may carry the questions, or lose them. Returns
   * whether it has asked. Rejects with the signal's reason.
   */
  async askBetweenTests(signal: AbortSignal): Promise<boolean> {
    if (!this.isOn) return false;
    const { system, config } = this.#parts;
    if (!config.sites.some(({ client }) => needsHost(client))) {
      await this.#ask(signal);
      return true;
    }
    const holder = { pid: system.pid, what: 'a look at the uplink', since: system.now().toISOString() };
    const lock = await acquireLock(HOST_LOCK, holder, system);
    if (!lock.ok) {
      this.#down = null;
      return false;
    }
    try {
      await this.#ask(signal);
      return true;
    } finally {
      lock.value.release();
    }
  }

  /**
   * Tests a site, if the host is not known to have no uplink. After a failure that the line may have caused, asks whether the host has one.
   * Rejects as `probe` does, and with the reason of `stop`.
   */
  async test(site: SiteConfig, probe: () => Promise<SiteResult>, stop: AbortSignal): Promise<SiteResult> {
    if (this.#down !== null) {
      return untestedSite(site, this.#parts.system.now(), 'uplink', this.#down);
    }
    const result = await probe();
    if (!this.suspects(result)) return result;
    const down = await this.#ask(stop);
    return down === null ? result : withoutUplink(result, down);
  }

  /** Whether the line of this host may have caused a failure. Not if it is a fault of this host anyway, or if the gateway has judged the account. */
  suspects(result: SiteResult): boolean {
    if (!this.isOn || succeeded(result) || countsAgainstAccount(result.stages[1])) return false;
    return counts(result) || result.host.get('uplink') != null;
  }

  #ask(signal: AbortSignal): Promise<string | null> {
    const { config, log } = this.#parts;
    this.#asking ??= askControlTargets(config, this.#parts, signal)
      .then((down) => {
        if (down !== null && this.#down === null) log.critical(`This host has no uplink: ${down}`);
        if (down === null && this.#down !== null) log.info('This host has an uplink again');
        this.#down = down;
        return down;
      })
      .finally(() => {
        this.#asking = undefined;
      });
    return this.#asking;
  }
}

/** A failed result that says nothing of its site: what failed is the fault of this host. */
export function withoutUplink(result: SiteResult, down: string): SiteResult {
  const [lost] = stagesOf('uplink', down);
  const [outside, login, inside] = result.stages;
  const blameless = (stage: SiteResult['stages'][0]) => (stage.outcome === 'ok' ? stage : lost);
  return {
    ...result,
    stages: [blameless(outside), blameless(login), blameless(inside)],
    host: new Map([...result.host, ['uplink', down]]),
  };
}
