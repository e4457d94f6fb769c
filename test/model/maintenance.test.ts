import { afterEach, describe, expect, test, vi } from 'vitest';
import { type MaintenanceWindow, maintenanceAt } from '../../src/model/maintenance.ts';
import { instantOf, isZone, wallTimeAt } from '../../src/model/zone-time.ts';

afterEach(() => void vi.unstubAllEnvs());

const at = (text: string) => Date.parse(text);
const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
const SUNDAY = 0;

function weekly(
  from: string,
  to: string,
  { days = [SUNDAY], zone = 'Europe/Berlin' }: { days?: number[]; zone?: string | null } = {},
): MaintenanceWindow {
  const times = { kind: 'weekly', days, from: minutes(from), to: minutes(to), zone } as const;
  return { times, sites: null, reason: null };
}

/** The time in which a window applies between two times, in steps of five minutes, as `FROM TO`. */
function applies(window: MaintenanceWindow, from: string, to: string): string[] {
  const step = 5 * 60_000;
  const found: string[] = [];
  let began: number | null = null;
  for (let time = at(from); time <= at(to); time += step) {
    const isIn = maintenanceAt([window], 'site1', time) !== null;
    if (isIn) began ??= time;
    if (isIn || began === null) continue;
    found.push([began, time].map((each) => new Date(each).toISOString().slice(5, 16)).join(' '));
    began = null;
  }
  return found;
}

describe('a weekly window', () => {
  test.each<[string, string, string, string[]]>([
    ['on its day', '10:00', '11:30', ['11-15T09:00 11-15T10:30']],
    ['over midnight', '22:00', '06:00', ['11-15T21:00 11-16T05:00']],
    ['to the end of its day', '20:00', '24:00', ['11-15T19:00 11-15T23:00']],
    ['from midnight', '00:00', '01:00', ['11-14T23:00 11-15T00:00']],
  ])('%s', (_name, from, to, found) => {
    // A Saturday to a Tuesday.
    expect(applies(weekly(from, to), '2026-11-14T12:00Z', '2026-11-17T12:00Z')).toEqual(found);
  });

  test('begins on its days alone', () => {
    const window = weekly('23:00', '01:00', { days: [1, 5] });
    expect(applies(window, '2026-11-15T12:00Z', '2026-11-22T12:00Z')).toEqual([
      '11-16T22:00 11-17T00:00',
      '11-20T22:00 11-21T00:00',
    ]);
  });

  // Europe/Berlin: on 29 March 2026 02:00 becomes 03:00, on 25 October 03:00 becomes 02:00; both at 01:00 UTC.
  test.each<[string, string, string, string, string[]]>([
    ['over the change to summer time', '03-29', '01:30', '02:30', ['03-29T00:30 03-29T01:30']],
    ['within the hour that is left out', '03-29', '02:15', '02:45', ['03-29T01:15 03-29T01:45']],
    ['from that hour to its end', '03-29', '02:30', '03:00', ['03-29T01:30 03-29T02:00']],
    ['from that hour to just after it', '03-29', '02:30', '03:20', ['03-29T01:30 03-29T02:20']],
    ['from that hour to later', '03-29', '02:30', '05:00', ['03-29T01:30 03-29T03:00']],
    ['over the whole night of that change', '03-28', '22:00', '06:00', ['03-28T21:00 03-29T04:00']],
    ['over the change to winter time', '10-25', '01:30', '02:30', ['10-24T23:30 10-25T00:30']],
    ['within the hour that comes twice', '10-25', '02:15', '02:45', ['10-25T00:15 10-25T00:45']],
    ['over the whole night of this change', '10-24', '22:00', '06:00', ['10-24T20:00 10-25T05:00']],
  ])('%s', (_name, day, from, to, found) => {
    const date = at(`2026-${day}T12:00Z`);
    const window = weekly(from, to, { days: [new Date(date).getUTCDay()] });
    const [begin, end] = [-24, 36].map((hours) => new Date(date + hours * 3600_000).toISOString());
    expect(applies(window, begin ?? '', end ?? '')).toEqual(found);
    // The same by the clock of this host.
    vi.stubEnv('TZ', 'Europe/Berlin');
    const local = weekly(from, to, { days: [new Date(date).getUTCDay()], zone: null });
    expect(applies(local, begin ?? '', end ?? '')).toEqual(found);
  });
});

test.each<[string, string, string, string, string[]]>([
  // On 4 October 2026 02:00 becomes 02:30 at 15:30 UTC of the day before.
  ['Australia/Lord_Howe', '10-04', '02:10', '02:30', ['10-03T15:40 10-03T16:00']],
  // On 6 September 2026 24:00 of the day before becomes 01:00, at 04:00 UTC.
  ['America/Santiago', '09-06', '00:15', '01:00', ['09-06T04:15 09-06T05:00']],
])('a window in the time that %s leaves out is as long as ever', (zone, day, from, to, found) => {
  const date = at(`2026-${day}T12:00Z`);
  const window = weekly(from, to, { days: [new Date(date).getUTCDay()], zone });
  const [begin, end] = [-36, 36].map((hours) => new Date(date + hours * 3600_000).toISOString());
  expect(applies(window, begin ?? '', end ?? '')).toEqual(found);
});

describe('of several windows', () => {
  const once = (from: string, to: string, sites: string[] | null, reason: string): MaintenanceWindow => ({
    times: { kind: 'once', from: at(from), to: at(to) },
    sites,
    reason,
  });
  const windows = [
    once('2026-11-15T10:00Z', '2026-11-15T12:00Z', null, 'all'),
    once('2026-11-15T11:00Z', '2026-11-15T14:00Z', ['site2'], 'one'),
  ];

  test.each([
    ['site1', '2026-11-15T09:59Z', null],
    ['site1', '2026-11-15T10:00Z', 'all'],
    ['site2', '2026-11-15T10:59Z', 'all'],
    ['site1', '2026-11-15T11:30Z', 'all'],
    ['site2', '2026-11-15T11:30Z', 'one'],
    ['site1', '2026-11-15T12:00Z', null],
    ['site2', '2026-11-15T13:59Z', 'one'],
    ['site2', '2026-11-15T14:00Z', null],
  ])('%s is in the one that ends last at %s: %s', (site, time, reason) => {
    expect(maintenanceAt(windows, site, at(time))?.reason ?? null).toBe(reason);
  });
});

describe('times in zones', () => {
  test.each(['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'])(
    'of %s and back, at many times of a year',
    (zone) => {
      for (let time = at('2026-01-01T00:00Z'); time < at('2027-01-01T00:00Z'); time += 70 * 60_000) {
        const wall = wallTimeAt(time, zone);
        const back = instantOf(wall, zone);
        // The second of two equal times is read as the first.
        if (back !== time) expect(wallTimeAt(back, zone)).toEqual(wall);
        expect(time - back === 0 || (time - back > 0 && time - back <= 3600_000)).toBe(true);
      }
    },
  );

  test('of this host are those of its zone', () => {
    vi.stubEnv('TZ', 'America/New_York');
    for (let time = at('2026-01-01T00:00Z'); time < at('2027-01-01T00:00Z'); time += 3600_000) {
      expect(wallTimeAt(time, null)).toEqual(wallTimeAt(time, 'America/New_York'));
    }
  });

  test('are known by their names', () => {
    expect(['Europe/Berlin', 'UTC', 'Europe/Berlim', ''].map(isZone)).toEqual([true, true, false, false]);
  });
});
