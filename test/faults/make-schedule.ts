import { wallTimeAt } from '../../src/model/zone-time.ts';
import { type Random, randomFrom } from './random.ts';
import {
  type AtOnce,
  type Connection,
  type Failure,
  type Fault,
  isNear,
  type Request,
  type Schedule,
  type SitePlan,
  type Strike,
  TESTS,
  type TestPlan,
  type Window,
} from './schedule.ts';

/** Names that a CSV file has to quote, and plain ones. */
const NAMES = ['alpha', 'beta, "east"', 'Zürich 2', "o'hara", '10', 'gamma|delta', 'Łódź;x', '__proto__'];
/** Ordinary days, and those on which the date, the year or the offset of the clock changes a little later. */
const STARTS = [
  '2018-11-14T12:00:00.000Z',
  '2018-11-14T23:58:30.000Z',
  '2019-12-31T23:58:30.000Z',
  '2020-03-29T00:58:30.000Z',
  '2020-10-25T00:58:30.000Z',
] as const;
const STEPS = ['args', 'username', 'password', 'choice'] as const;
const HOUR_MS = 3600_000;
const CLOCK_STEPS_MS = [-24 * HOUR_MS, -HOUR_MS, -90_000, 90_000, HOUR_MS, 24 * HOUR_MS] as const;
const CONNECTIONS: readonly [Connection, ...Connection[]] = [
  'silent',
  'drips',
  'slow',
  'drops-greeting',
  'drops-middle',
  'drops-accepted',
  'answers-421',
  'answers-451-mail',
  'answers-452-data',
  'answers-554-data',
  'answers-450-one',
];

const REQUESTS: readonly [Request, ...Request[]] = ['silent', 'slow', 'drops', 500, 503, 429, 400];

/** The schedule of a seed. Pure. */
export function makeSchedule(seed: number, atOnce: AtOnce): Schedule {
  const random = randomFrom(seed);
  const records = recordFaults(random);
  // While its records can't be written the monitor says itself that it would lose them if it ended.
  const mayEnd = (test: number) => !records.some((fault) => isNear(fault, test, atOnce));
  const ends = endings(random, mayEnd);
  // Nor can anybody delete a file then.
  const others = otherFaults(random).filter(({ kind, at }) => kind !== 'log-deleted' || mayEnd(at));
  // What is noted of resolv.conf is older than what an operator does in the same test.
  const mayChange = (test: number) =>
    others.every((fault) => fault.kind !== 'restore-fails' || test < fault.at - 2 || test > fault.until + 1);
  const schedule: Omit<Schedule, 'requests' | 'windows'> = {
    seed,
    atOnce,
    start: random.pick(STARTS),
    zone: random.pick(['UTC', 'Europe/Vienna', 'America/St_Johns', 'Pacific/Auckland']),
    sites: sites(random),
    tests: Array.from({ length: TESTS }, (_, index) => {
      const plan = testPlan(random, ends.strikes.get(index + 1) ?? null);
      return mayChange(index + 1) ? plan : { ...plan, operator: 'nothing' };
    }),
    faults: inOrder([...records, ...ends.stops, ...others]),
    connections: Array.from({ length: random.whole(0, 12) }, () =>
      random.percent(35) ? 'good' : random.pick(CONNECTIONS),
    ),
  };
  const requests = Array.from({ length: random.whole(0, 12) }, () =>
    random.percent(35) ? 'good' : random.pick(REQUESTS),
  );
  const down = hookDown(random);
  // Last, so that an older seed means what it meant, but for these.
  const orders = makeOrders(random, schedule);
  return {
    ...schedule,
    faults: inOrder([...schedule.faults, ...down, ...orders]),
    requests,
    windows: makeWindows(random, schedule),
  };
}

function inOrder(faults: readonly Fault[]): Fault[] {
  return faults.toSorted((one, other) => one.at - other.at);
}

/** What people tell the monitor: silences, of a site each, and acknowledgements. */
function makeOrders(random: Random, { sites }: Pick<Schedule, 'sites'>): Fault[] {
  const site = () => random.whole(0, sites.length - 1);
  const silences = Array.from({ length: random.whole(0, 2) }, () => {
    const at = random.whole(2, TESTS - 15);
    return { kind: 'silence' as const, site: site(), at, until: at + random.whole(6, 14) };
  });
  const acks = Array.from({ length: random.whole(0, 1) }, () => {
    return { kind: 'ack' as const, site: site(), at: random.whole(2, TESTS - 8) };
  });
  const isFirst = (fault: (typeof silences)[number]) =>
    silences.find((other) => other.site === fault.site) === fault;
  return [...silences.filter(isFirst), ...acks];
}

/** Planned work in the first minutes, but on days on which an hour comes twice or never. */
function makeWindows(
  random: Random,
  { sites, start, zone }: Pick<Schedule, 'sites' | 'start' | 'zone'>,
): Window[] {
  const local = (minutes: number) => {
    const { year, month, day, minutes: ofDay } = wallTimeAt(Date.parse(start) + minutes * 60_000, zone);
    const two = (number: number) => String(number).padStart(2, '0');
    return `${year}-${two(month)}-${two(day)} ${two(Math.floor(ofDay / 60))}:${two(ofDay % 60)}`;
  };
  const windows = Array.from({ length: random.whole(0, 2) }, () => {
    const from = random.whole(1, 4);
    const to = from + random.whole(1, 4);
    return { site: random.whole(0, sites.length - 1), from: local(from), to: local(to) };
  });
  return /-(?:03-29|10-25)T/.test(start) ? [] : windows;
}

function sites(random: Random): SitePlan[] {
  const names = [...NAMES];
  // A monitor that has a client with a mark ends all that bears it, also what other clients have left.
  const marked = random.percent(65);
  return Array.from({ length: random.whole(5, 8) }, () => {
    const [name = ''] = names.splice(random.whole(0, names.length - 1), 1);
    const down: [number, number][] = [];
    for (let test = random.whole(1, 15); test < TESTS; test += random.whole(6, 25)) {
      const last = test + random.whole(1, 30);
      down.push([test, Math.min(last, TESTS)]);
      test = last;
    }
    return { name, client: marked && random.percent(40) ? 'marked' : 'startct', down };
  });
}

function testPlan(random: Random, strike: Strike | null): TestPlan {
  return {
    failure: failure(random),
    noise: random.percent(65)
      ? 'none'
      : random.pick(['flood', 'garbage', 'split', 'echo', 'escapes'] as const),
    talks: random.percent(30),
    stubborn: random.percent(8),
    leaves: random.percent(75) ? 'nothing' : random.pick(['group', 'session', 'twice'] as const),
    quits: random.percent(90) ? 'well' : random.pick(['slowly', 'never'] as const),
    dns: random.percent(50) ? 'nothing' : random.pick(['in-place', 'rename', 'link'] as const),
    mends: random.percent(70),
    operator: random.percent(90) ? 'nothing' : random.pick(['before', 'during'] as const),
    strike,
  };
}

function failure(random: Random): Failure {
  // A hung client costs its whole time: a few of them are enough.
  if (random.percent(15)) return { kind: 'hangs', at: random.pick(STEPS) };
  if (random.percent(5)) return { kind: 'floods' };
  if (random.percent(40)) return { kind: random.pick(['exits', 'dies'] as const), at: random.pick(STEPS) };
  const kinds = ['rejects', 'asks-again', 'refuses', 'outside-silent', 'inside-silent'] as const;
  return { kind: random.pick(kinds) };
}

/** Faults that keep rows, log and state from being written, or take them away; one after the other. */
function recordFaults(random: Random): Fault[] {
  const faults: Fault[] = [];
  for (let at = random.whole(2, 20); at < TESTS - 12; at += random.whole(12, 30)) {
    const kind = random.pick(['disk-full', 'read-only', 'folder-moved', 'none'] as const);
    if (kind === 'folder-moved') faults.push({ kind, at });
    else if (kind !== 'none') faults.push({ kind, at, until: at + random.whole(2, 7) });
  }
  return faults;
}

/** How the monitor ends, in mid-work: strikes by test, and stops. */
function endings(random: Random, mayEnd: (test: number) => boolean) {
  const strikes = new Map<number, Strike>();
  const stops: Fault[] = [];
  for (let at = random.whole(1, 10); at <= TESTS; at += random.whole(5, 20)) {
    if (!mayEnd(at)) continue;
    if (random.percent(20)) stops.push({ kind: 'stop', at, twice: random.percent(30) });
    else strikes.set(at, strike(random));
  }
  return { strikes, stops };
}

type Struck = Extract<Strike, { by: 'effect' }>['when'];

function strike(random: Random): Strike {
  const by = random.pick(['client', 'effect', 'effect', 'mail'] as const);
  if (by === 'client') {
    return { by, at: random.pick(['outside', ...STEPS, 'connected', 'inside', 'quit']) };
  }
  if (by === 'mail') return { by, at: random.pick(['EHLO', 'RCPT', 'DATA', 'MIDDLE', 'END'] as const) };
  const torn: Struck = { torn: random.pick([random.fraction(), 0.999]) };
  const when = random.pick<Struck>(['before', 'after', torn]);
  return { by, nth: random.whole(1, typeof when === 'string' ? 10 : 2), when };
}

/** The web server of the webhook is away for a while, at most once. */
function hookDown(random: Random): Fault[] {
  if (random.percent(50)) return [];
  const at = random.whole(1, TESTS - 8);
  return [{ kind: 'hook-down', at, until: at + random.whole(1, 7) }];
}

function otherFaults(random: Random): Fault[] {
  const faults: Fault[] = [];
  const test = () => random.whole(1, TESTS - 8);
  const times = (most: number, make: () => Fault) => {
    for (let count = random.whole(0, most); count > 0; count--) faults.push(make());
  };
  const lasting = (kind: 'mail-down' | 'restore-fails', most: number) => () => {
    const at = test();
    return { kind, at, until: at + random.whole(1, most) };
  };
  times(3, () => ({ kind: 'clock', at: test(), ms: random.pick(CLOCK_STEPS_MS) }));
  times(1, lasting('mail-down', 7));
  times(1, lasting('restore-fails', 3));
  times(1, () => ({ kind: 'log-deleted', at: test() }));
  times(1, () => ({ kind: 'config-good', at: test() }));
  times(1, () => ({ kind: 'config-bad', at: test() }));
  return faults;
}
