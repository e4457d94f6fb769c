import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RunAlerts } from '../../src/alerts/alerts.ts';
import type { Config } from '../../src/config/config.ts';
import type { GivenOrder } from '../../src/control/order.ts';
import { NO_METRICS } from '../../src/model/metrics-event.ts';
import { DONE } from '../../src/model/result.ts';
import type { SiteResult } from '../../src/model/test-result.ts';
import { WITHHELD } from '../../src/state/fields.ts';
import { formatState, freshState, parseState, type State } from '../../src/state/format.ts';
import type { System } from '../../src/system/system.ts';
import { CASES } from '../support/property.ts';
import { recordingLog } from '../support/recording-log.ts';
import { REJECTED } from '../support/results.ts';
import { ALERTS, config, memoryStore, noRedact, OK, result } from './support.ts';

/** What a test comes to. `lost`: this host had no uplink; `host fault`: it had another fault. */
type Tested = 'up' | 'slow' | 'down' | 'host fault' | 'lost';

/** What may happen, in an order of its own for each case. */
type Step =
  | { readonly does: Tested; readonly site: string; readonly afterMs: number }
  | { readonly does: 'restart' }
  /** A maintenance window of both sites begins. */
  | { readonly does: 'window'; readonly forMs: number }
  /** Somebody silences both sites. */
  | { readonly does: 'silence'; readonly forMs: number }
  /** Somebody acknowledges a site. */
  | { readonly does: 'ack'; readonly on: string }
  | { readonly does: 'clock'; readonly byMs: number };

const HOUR = 3600_000;
const PERIOD = 24 * HOUR;
const MOST = 60;

const tested = fc.record({
  does: fc.constantFrom('up', 'slow', 'down', 'down', 'down', 'host fault', 'lost'),
  site: fc.constantFrom('site1', 'site2'),
  // All together less than three periods, so that no streak is stale: that has a property of its own.
  afterMs: fc.integer({ min: 1, max: (3 * PERIOD) / MOST }),
});
/** A site that comes and goes. */
const nervous = fc.record({
  does: fc.constantFrom('up', 'down'),
  site: fc.constant('site1'),
  afterMs: fc.integer({ min: 1, max: HOUR / 4 }),
});
const window = fc.record({ does: fc.constant('window'), forMs: fc.integer({ min: 1, max: PERIOD }) });
const silence = fc.record({ does: fc.constant('silence'), forMs: fc.integer({ min: 1, max: PERIOD }) });
const ack = fc.record({ does: fc.constant('ack'), on: fc.constantFrom('site1', 'site2') });
const restart = fc.record({ does: fc.constant('restart') });
const stepOfTheClock = fc.record({
  does: fc.constant('clock'),
  byMs: fc.integer({ min: -400 * 24 * HOUR, max: 400 * 24 * HOUR }),
});
/** Over a restart the wall clock is all that there is: it is stepped only where there is none. */
const steps: fc.Arbitrary<readonly Step[]> = fc.oneof(
  fc.array(fc.oneof({ weight: 9, arbitrary: tested }, restart, window, silence, ack), { maxLength: MOST }),
  fc.array(fc.oneof({ weight: 9, arbitrary: tested }, stepOfTheClock, window, silence, ack), {
    maxLength: MOST,
  }),
  fc.array(fc.oneof({ weight: 20, arbitrary: nervous }, tested, restart, window, silence), {
    maxLength: MOST,
  }),
) as fc.Arbitrary<readonly Step[]>;

const settings = fc.record({
  after: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 5 })),
  recoverAfter: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 3 })),
  remindHours: fc.oneof(fc.constant(0), fc.constantFrom(0.1, 0.5, 1, 24)),
  recovery: fc.boolean(),
  flap: fc.record({ changes: fc.constantFrom(0, 2, 3, 6), hours: fc.constantFrom(1, 3, 12) }),
});

/** The subjects of the mails about a site, `%` being its name. */
const SUBJECTS = [
  ['failure', /^\d+ consecutive failures? for %$/],
  ['reminder', /^% is still down \(/],
  ['recovery', /^% is back \(/],
  ['flapping', /^VPN % flapping: /],
  ['steady', /^VPN % is steady again: /],
  ['slow', /^VPN % SLOW: /],
  ['fast', /^VPN % is as fast as before \(/],
] as const;

/** A mail that was due: which, about which site, and when on the monotonic clock. */
interface Told {
  readonly kind: (typeof SUBJECTS)[number][0];
  readonly site: string;
  readonly clock: number;
}

/** What keeps people from being told at a test. */
interface Quiet {
  readonly planned: boolean;
  readonly silenced: boolean;
  readonly acknowledged: boolean;
}

/** Plays the steps through the alerts, a restart by the text of the state file, and calls `look` after each test. */
async function play(
  played: readonly Step[],
  alerts: Pick<Config['alerts'], 'after' | 'recoverAfter' | 'remindHours' | 'recovery' | 'flap'>,
  look: (
    step: Step,
    state: State,
    told: readonly Told[],
    clock: number,
    quiet: Quiet,
    ofUplink: number,
  ) => void,
): Promise<void> {
  let clock = 1000;
  let ahead = Date.parse('2018-11-14T05:18:02.000Z');
  let state = freshState();
  const system = { monotonic: () => clock, now: () => new Date(ahead + clock), hostname: 'h' } as System;
  const log = recordingLog();
  let maintenance: Config['maintenance'] = [];
  let windowEnds = Number.NEGATIVE_INFINITY;
  let windowBegins = 0;
  const orders = new Map<string, GivenOrder>();
  const wall = () => ahead + clock;
  const quiet = (site: string): Quiet => ({
    planned: windowBegins <= wall() && wall() < windowEnds,
    silenced: [...orders.values()].some(
      (order) => order.kind === 'silence' && order.from <= wall() && wall() < order.until,
    ),
    acknowledged: [...orders.values()].some((order) => order.kind === 'ack' && order.site === site),
  });
  const control = {
    read: () => ({ orders: [...orders.values()], problems: [] }),
    remove: (id: string) => {
      orders.delete(id);
      return DONE;
    },
  };
  const settings = () =>
    config(undefined, { alerts: { ...ALERTS, ...alerts }, frequency: PERIOD / 1000, maintenance });
  const start = () =>
    new RunAlerts(settings(), noRedact, {
      control,
      store: memoryStore(state),
      channels: () => new Map(),
      system,
      log,
      measure: NO_METRICS.measure,
      version: '1.0.0',
    });
  let running = start();
  for (const step of played) {
    if (step.does === 'clock') {
      ahead += step.byMs;
      continue;
    }
    if (step.does === 'window') {
      windowBegins = ahead + clock;
      windowEnds = windowBegins + step.forMs;
      const times = { kind: 'once', from: windowBegins, to: windowEnds } as const;
      maintenance = [{ times, sites: null, reason: null }];
      await running.use(settings(), noRedact);
      continue;
    }
    if (step.does === 'silence' || step.does === 'ack') {
      const id = `order ${orders.size} ${clock}`;
      const given = { version: 1, id, author: 'alice', from: wall() } as const;
      if (step.does === 'ack') orders.set(id, { ...given, kind: 'ack', site: step.on, note: null });
      else
        orders.set(id, { ...given, kind: 'silence', sites: null, until: wall() + step.forMs, reason: null });
      continue;
    }
    if (step.does === 'restart') {
      const parsed = parseState(formatState(state));
      if (!parsed.ok) throw new Error('the state was not read again');
      state = parsed.value;
      running = start();
      continue;
    }
    clock += step.afterMs;
    const time = system.now();
    log.lines.length = 0;
    const quietNow = quiet(step.site);
    await running.record(resultOf(step.does, time, step.site), null);
    look(
      step,
      state,
      log.lines.map(toldBy(step.site, clock)).filter((each) => each !== undefined),
      clock,
      quietNow,
      log.lines.filter((line) => / can test again /.test(line)).length,
    );
  }
}

function resultOf(does: Tested, time: Date, site: string): SiteResult {
  const well = { site, host: new Map([['uplink', null]] as const) };
  if (does === 'up') return result(time, [OK, OK, OK], well);
  if (does === 'slow') {
    return { ...result(time, [OK, OK, OK], well), slow: [{ stage: 2, ms: 9000, limitMs: 5000 }] };
  }
  if (does === 'down') return result(time, [OK, REJECTED, OK], well);
  const fault = does === 'lost' ? (['uplink', 'no answer'] as const) : (['cleaning', 'java lives'] as const);
  return result(time, [OK, REJECTED, OK], { site, host: new Map([fault]) });
}

/** The line of the log that goes with every mail, also where none is configured. */
function toldBy(site: string, clock: number) {
  return (line: string): Told | undefined => {
    const subject = /^WARNING Alert: (.*) \(no mail: /.exec(line)?.[1];
    if (subject === undefined || subject.startsWith('the monitor on ')) return undefined;
    const found = SUBJECTS.find(([, words]) => new RegExp(words.source.replace('%', site)).test(subject));
    if (found === undefined) throw new Error(`an unknown subject: ${subject}`);
    return { kind: found[0], site, clock };
  };
}

/** The whole policy of a site in words of its own. */
class Model {
  /** What people think of the site. */
  known: 'nothing' | 'down' | 'flapping' = 'nothing';
  failures = 0;
  withheld: string | null = null;
  #successes = 0;
  /** When it was last said that it is down. */
  #said = 0;
  #changes: number[] = [];
  #slow = 0;
  #fast = 0;
  #toldSlow = false;

  /** What people must be told at a test. */
  test(does: Tested, clock: number, quiet: Quiet, alerts: Settings): Told['kind'][] {
    if (does === 'host fault' || does === 'lost') return [];
    const wasDown = this.failures >= alerts.after;
    if (does === 'down') {
      this.failures += 1;
      this.#successes = 0;
    } else {
      this.#successes += 1;
      if (!wasDown || this.#successes >= alerts.recoverAfter) this.failures = 0;
    }
    const told = this.#ofOutage(does === 'down', wasDown, clock, quiet, alerts);
    return [...told, ...this.#ofSlowness(does, quiet, alerts)];
  }

  #ofOutage(
    failed: boolean,
    wasDown: boolean,
    clock: number,
    { planned, silenced, acknowledged }: Quiet,
    { after, recovery, remindHours, flap }: Settings,
  ): Told['kind'][] {
    const isDown = this.failures >= after;
    const changed = wasDown !== isDown && !planned;
    if (changed) this.#changes.push(clock);
    if (this.failures === 0) this.withheld = null;
    if (this.known === 'flapping') {
      if (failed) this.withheld = this.#reason(isDown, planned, silenced) ?? 'flapping';
      const isSteady = clock - (this.#changes.at(-1) ?? 0) >= HOUR;
      if (!isSteady || (isDown && (planned || silenced))) return [];
      this.#changes = [];
      this.known = isDown ? 'down' : 'nothing';
      this.#said = clock;
      if (isDown) this.withheld = null;
      return isDown || recovery ? ['steady'] : [];
    }
    const recent = this.#changes.filter((at) => clock - at <= flap.hours * HOUR);
    if (changed && !silenced && flap.changes > 0 && recent.length >= flap.changes) {
      this.known = 'flapping';
      this.withheld = isDown ? 'flapping' : null;
      return ['flapping'];
    }
    if (!failed) {
      if (isDown || this.known === 'nothing') return [];
      this.known = 'nothing';
      return recovery ? ['recovery'] : [];
    }
    if (this.known === 'nothing') {
      this.withheld = this.#reason(isDown, planned, silenced);
      if (this.withheld !== null) return [];
      this.known = 'down';
      this.#said = clock;
      return ['failure'];
    }
    const isDue = remindHours > 0 && clock - this.#said >= remindHours * HOUR;
    if (!isDue || planned || silenced || acknowledged) return [];
    this.#said = clock;
    return ['reminder'];
  }

  #reason(isDown: boolean, planned: boolean, silenced: boolean): string | null {
    if (!isDown) return 'below-threshold';
    if (planned) return 'maintenance';
    return silenced ? 'silenced' : null;
  }

  #ofSlowness(does: Tested, { planned, silenced }: Quiet, alerts: Settings): Told['kind'][] {
    if (does === 'down') {
      this.#slow = 0;
      return [];
    }
    if (does === 'slow') {
      this.#slow += 1;
      this.#fast = 0;
      const quiet = planned || silenced || this.known === 'flapping';
      if (this.#toldSlow || this.#slow < alerts.after || quiet) return [];
      this.#toldSlow = true;
      return ['slow'];
    }
    this.#slow = 0;
    this.#fast += 1;
    if (!this.#toldSlow || this.#fast < alerts.recoverAfter) return [];
    this.#toldSlow = false;
    return alerts.recovery ? ['fast'] : [];
  }
}

type Settings = Parameters<typeof play>[1];

test('any sequence of results, windows, silences, acks, restarts and steps of the clock: each outage has one announcement or one reason for none, and one end', async () => {
  await fc.assert(
    fc.asyncProperty(steps, settings, async (played, alerts) => {
      const models = new Map<string, Model>();
      let isLost = false;
      await play(played, alerts, (step, state, told, clock, quiet, ofUplink) => {
        if (!('site' in step)) throw new Error('no test');
        const model = models.get(step.site) ?? new Model();
        models.set(step.site, model);
        const expected = model.test(step.does, clock, quiet, alerts);
        expect(told.map(({ kind }) => kind)).toEqual(expected);
        const known = state.sites.get(step.site);
        expect(known?.consecutiveFailures ?? 0).toBe(model.failures);
        expect(known?.announced != null).toBe(model.known === 'down');
        expect(known?.flap?.since != null).toBe(model.known === 'flapping');
        if (step.does === 'down') expect(known?.withheld).toBe(model.withheld);
        // A failure is announced, or has one reason of the closed list why not.
        if (step.does === 'down' && model.known !== 'down') expect(WITHHELD).toContain(known?.withheld);
        // One message for each time that the line was lost, when it is back.
        const isBack = isLost && step.does !== 'lost' && step.does !== 'host fault';
        expect(ofUplink).toBe(isBack ? 1 : 0);
        isLost = step.does === 'lost' || (isLost && !isBack);
      });
    }),
    CASES,
  );
});

test('any pauses: a streak that nobody was told about is dropped after three periods over a restart, and else never', async () => {
  const pauses = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 1, max: 6 * PERIOD }),
      restarts: fc.boolean(),
    }),
    { maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(pauses, async (given) => {
      const played = given.flatMap(({ afterMs, restarts }): Step[] => [
        ...(restarts ? [{ does: 'restart' } as const] : []),
        { does: 'down', site: 'site1', afterMs },
      ]);
      let streak = 0;
      let interval = 0;
      const expected = given.map(({ afterMs, restarts }, index) => {
        streak = restarts && afterMs > 3 * Math.max(PERIOD, interval) ? 1 : streak + 1;
        if (!restarts && index > 0) interval = afterMs;
        return streak;
      });
      const streaks: (number | undefined)[] = [];
      await play(
        played,
        { after: 1000, recoverAfter: 1, remindHours: 1, recovery: true, flap: { changes: 6, hours: 3 } },
        (_, state, told) => {
          streaks.push(state.sites.get('site1')?.consecutiveFailures);
          expect(told).toEqual([]);
        },
      );
      expect(streaks).toEqual(expected);
    }),
    CASES,
  );
});
