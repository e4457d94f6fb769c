import type { SeenMail } from './mails.ts';
import { frequencyOf } from './place.ts';
import type { Recording } from './recording.ts';
import type { SeenRow } from './rows.ts';
import type { Schedule } from './schedule.ts';
import type { Violation } from './violation.ts';

/** What a site's streak may be, as far as rows and mails tell. */
interface Streak {
  /** Failures so far, at most the threshold of 2: then people were told. `withheld`: then they were not, in a window or a silence. */
  readonly failures: 0 | 1 | 2 | 'withheld';
  /** Which mail of the site comes next. */
  readonly next: number;
  /** The mail that told of the outage. */
  readonly told: string;
  /** When the last row began that was counted and stored; `null`: there is none. */
  readonly last: number | null;
}

/** A row, and what is uncertain about whether the monitor has counted it. */
interface Counted extends SeenRow {
  /** The last row of a monitor that was killed: it may not have stored it, and then it never was. */
  readonly mayBeLost: boolean;
  /** The monitor had a fault of its own in this test. */
  readonly mayNotCount: boolean;
  /** The first row of its site since a start: a streak below the threshold is dropped if it is too old then. */
  readonly isFirst: boolean;
  /** Whether the site was in a window or silenced. */
  readonly quiet: 'no' | 'maybe' | 'yes';
  /** There are tests of its site that did not count: how old its streak is can't be told. */
  readonly mayBeOld: boolean;
}

/** A fault of the host in the log: a test with one is no failure of the site's. */
const HOST_FAULT =
  /could not be (?:ended|restored|executed)|is still there after|not cleaned|ps can't|ps did not|cut off at its deadline|started again after|could not be started|cannot test|is not removed/;
/** Wall clock in a row is in whole seconds, as the monitor's own is not. */
const staleMs = (schedule: Schedule) => (3 * frequencyOf(schedule) - 2) * 1000;

/**
 * Every streak that reached the threshold has exactly one first mail, and one recovery mail after it. A kill
 * may delay a mail by one failure, and never loses it. So: some way to count the rows that a kill or a fault
 * of the host leaves open explains the mails, to the last of them.
 */
export function judgeAlerts(
  schedule: Schedule,
  recording: Recording,
  rows: readonly SeenRow[],
  mails: readonly SeenMail[],
): Violation[] {
  const counted = countedRows(schedule, recording, rows);
  const violations = schedule.sites.flatMap(({ name }, site) => {
    const own = mails.filter(
      ({ subject }) => subject.endsWith(` for ${name}`) || subject.startsWith(`${name} is back`),
    );
    const history = counted.filter((row) => row.site === site);
    if (explains(schedule, history, own)) return [];
    const story = history.map(
      ({ test, success, mayBeLost, mayNotCount, isFirst, quiet }) =>
        `${test}${success ? '+' : '-'}${quiet === 'no' ? '' : ` (quiet: ${quiet})`}${mayBeLost ? ' (last before a kill)' : ''}${mayNotCount ? ' (host)' : ''}${isFirst ? ' (first after a start)' : ''}`,
    );
    const words = `${name}: ${story.join(', ')}; mails: ${own.map(({ subject }) => subject).join(', ') || 'none'}`;
    return [{ invariant: 'one mail and one recovery for each streak', words }];
  });
  return [...violations, ...judgeHostMails(mails)];
}

function explains(schedule: Schedule, rows: readonly Counted[], mails: readonly SeenMail[]): boolean {
  let streaks: Streak[] = [{ failures: 0, next: 0, told: '', last: null }];
  for (const row of rows) {
    const dropped = streaks
      .filter(({ failures }) => failures === 1 || failures === 'withheld')
      .filter((streak) => isOld(schedule, streak, row))
      .map((streak) => ({ ...streak, failures: 0 as const }));
    const before = [...streaks, ...dropped];
    const after = before.flatMap((streak) => advance(streak, row, mails));
    if (row.mayBeLost || row.mayNotCount) after.push(...before);
    streaks = after;
  }
  return streaks.some(({ next }) => next === mails.length);
}

/** Whether a streak may be older than three intervals when a row comes. */
function isOld(schedule: Schedule, { last }: Streak, { isFirst, mayBeOld, time }: Counted): boolean {
  if (mayBeOld) return true;
  if (!isFirst || last === null) return false;
  return [time - last, ...shifted(schedule, time - last)].some((age) => age > staleMs(schedule));
}

/** What the streak may be after a row that counts; nothing if the mail that is due then is not the next one. */
function advance(
  { failures, next, told }: Streak,
  { success, time: last, quiet }: Counted,
  mails: readonly SeenMail[],
): Streak[] {
  const mail = mails[next];
  if (success) {
    if (failures !== 2) return [{ failures: 0, next, told: '', last }];
    const recovered = mail?.subject.includes(' is back ') === true && mail.replyTo === told;
    return recovered ? [{ failures: 0, next: next + 1, told: '', last }] : [];
  }
  if (failures === 0) return [{ failures: 1, next, told, last }];
  if (failures === 2) return [{ failures, next, told, last }];
  const count = Number(/^(\d+) consecutive failures for /.exec(mail?.subject ?? '')?.[1]);
  const isRight = mail?.replyTo === '' && (failures === 'withheld' ? count > 2 : count === 2);
  return [
    ...(quiet === 'no' ? [] : [{ failures: 'withheld', next, told, last } as const]),
    ...(quiet === 'yes' || !isRight ? [] : [{ failures: 2, next: next + 1, told: mail.id, last } as const]),
  ];
}

function countedRows(schedule: Schedule, recording: Recording, rows: readonly SeenRow[]): Counted[] {
  const { notes, lives } = recording;
  const tested = rows.filter((row) => row.test !== null).sort((a, b) => (a.test ?? 0) - (b.test ?? 0));
  const lifeOf = new Map(notes.map(({ test, by, daemon }) => [by === 'outside' ? test : 0, daemon]));
  const logs = new Map(lives.flatMap(({ stderr }) => testsInLog(schedule, stderr)));
  return tested.map((row, index) => {
    const test = row.test ?? 0;
    const life = lifeOf.get(test);
    const later = tested.slice(index + 1);
    const next = schedule.atOnce === 1 ? later[0] : later.find((other) => other.site === row.site);
    const killed = lives.find(({ pid }) => pid === life)?.status === 137;
    const before = tested.findLast((other) => other.site === row.site && (other.test ?? 0) < test);
    const between = rows.some((other) => other.test === null && other.site === row.site);
    return {
      ...row,
      mayBeLost: killed && (next === undefined || lifeOf.get(next.test ?? 0) !== life),
      mayNotCount: !row.success && HOST_FAULT.test(logs.get(test) ?? ''),
      isFirst: before !== undefined && lifeOf.get(before.test ?? 0) !== life,
      mayBeOld: between,
      quiet: quietIn(schedule, recording, row),
    };
  });
}

/** Whether people are told of a site in a test. Rows have whole seconds. */
function quietIn(
  { windows }: Schedule,
  { silences }: Recording,
  { site, test, time }: SeenRow,
): Counted['quiet'] {
  const asUtc = (text: string) => Date.parse(`${text.replace(' ', 'T')}Z`);
  const ranges = [
    ...windows
      .filter((window) => window.site === site)
      .map(({ from, to }) => ({
        at: time,
        outer: [asUtc(from) - 1000, asUtc(to) + 1000],
        inner: [asUtc(from) + 1000, asUtc(to) - 2000],
      })),
    ...silences
      .filter((silence) => silence.site === site)
      .map(({ outer, inner }) => ({ at: test ?? 0, outer, inner })),
  ];
  const isIn = (at: number, range: readonly number[] | null) =>
    range !== null && at >= (range[0] ?? 0) && at <= (range[1] ?? 0);
  if (ranges.some(({ at, inner }) => isIn(at, inner))) return 'yes';
  return ranges.some(({ at, outer }) => isIn(at, outer)) ? 'maybe' : 'no';
}

/** Local time says nothing of a change to or from summer time. */
function shifted({ start }: Schedule, age: number): number[] {
  return /-(?:03-29|10-25)T/.test(start) ? [age + 3600_000] : [];
}

/** What the log says of each test, by its number. */
function testsInLog({ sites, atOnce }: Schedule, log: string): [number, string][] {
  if (atOnce === 1) return testsInTurn(log);
  const lines = log.split('\n');
  // The lines of tests at the same time begin with the name of their site.
  return sites.flatMap(({ name }) =>
    testsInTurn(lines.filter((line) => line.includes(` ${name}: `)).join('\n')),
  );
}

function testsInTurn(log: string): [number, string][] {
  return log.split('Running external delay test for ').flatMap((part) => {
    const test = /Ping results: avg (\d+)\.00[13] ms/.exec(part)?.[1];
    return test === undefined ? [] : [[Number(test), part] as [number, string]];
  });
}

/** A fault of the host is told of once, and its end once. */
function judgeHostMails(mails: readonly SeenMail[]): Violation[] {
  const kinds = mails.flatMap(({ subject }) => {
    const [, kind] = /^the monitor on \S+ (cannot test|can test again)/.exec(subject) ?? [];
    return kind === undefined ? [] : [kind];
  });
  const wrong = kinds.some((kind, index) => kind === 'can test again' && kinds[index - 1] !== 'cannot test');
  if (!wrong && kinds.at(-1) !== 'cannot test') return [];
  return [{ invariant: 'one mail and one recovery for each fault of the host', words: kinds.join(', ') }];
}
