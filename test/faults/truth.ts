import { factorOf, PING_TIMEOUT, STEP_TIMEOUT } from './place.ts';
import type { Note, Recording } from './recording.ts';
import type { SeenRow } from './rows.ts';
import type { Schedule } from './schedule.ts';
import type { Violation } from './violation.ts';

/** What the monitor prints of a log-in that ended so. */
const WORDS: readonly (readonly [what: string, words: RegExp])[] = [
  ['rejected', /log in: (?:Login failed\.|Username:)/],
  ['refused', /log in: CONNECTION REFUSED/],
  ['exited', /log in: the client ended \(exit status 3\)/],
  ['died', /log in: the client ended \(signal 9\)/],
];

/**
 * Each row says what client and ping did in its test. Where a wait had time to run out, on a busy machine,
 * nothing is said: that shows in the time between the notes before and after it. A program's own first note would
 * not do: it comes some time after its start.
 */
export function judgeTruth(
  schedule: Schedule,
  rows: readonly SeenRow[],
  { notes, lives }: Recording,
): Violation[] {
  return rows.flatMap((row) => {
    const own = notes.filter(({ test, by }) => test === row.test && by !== 'mail' && by !== 'effect');
    const [outside, client, inside] = (['outside', 'client', 'inside'] as const).map((by) =>
      own.find((note) => note.by === by && note.what === 'begun'),
    );
    // Of tests at the same time others' notes say nothing.
    const around = schedule.atOnce === 1 ? notes : own;
    const did = new Set(own.map(({ by, what }) => `${by} ${what}`));
    const before = (begun: Note | undefined) =>
      begun && around.findLast(({ at, daemon }) => at < begun.at && at > 0 && daemon === begun.daemon);
    const after = inside && around.find((note) => note.at > inside.at && note.by !== 'inside');
    const quickly = (from: Note | undefined, to: Note | undefined, seconds: number) =>
      from !== undefined && to !== undefined && (to.at - from.at) * factorOf(schedule) < seconds;
    const violations: Violation[] = [];
    const wrong = (words: string) =>
      void violations.push({
        invariant: 'rows are true',
        words: `test ${row.test} (${row.values.join(', ')}): ${words}`,
      });

    const [first, second, third] = row.values;
    if (quickly(before(outside), client, PING_TIMEOUT)) {
      const expected = did.has('outside silent') ? 'TIMEOUT' : `${row.test}.001`;
      if (first !== expected) wrong(`ping outside said ${expected}`);
    }
    if (quickly(before(inside), after, PING_TIMEOUT)) {
      const expected = did.has('inside silent') ? 'TIMEOUT' : `${row.test}.003`;
      if (third !== expected) wrong(`ping inside said ${expected}`);
    }
    const connected = did.has('client connected');
    if (!connected && second !== 'ERROR') wrong('the client was not connected');
    if (quickly(before(client), inside, STEP_TIMEOUT)) {
      if (connected && second === 'ERROR') wrong('the client was connected');
      for (const [what, words] of WORDS) {
        if (!did.has(`client ${what}`)) continue;
        const shown = printedOf(row.test ?? 0, lives);
        if (shown !== '' && !words.test(shown)) wrong(`the client was ${what}, and it printed: ${shown}`);
      }
    }
    return violations;
  });
}

/** What the monitor has printed about a test: its line and the indented ones after it. */
function printedOf(test: number, lives: Recording['lives']): string {
  const pattern = new RegExp(`^.* ${test}\\.00[13] ms.*\n(?: {4}.*\n)*`, 'm');
  return lives.map(({ stdout }) => pattern.exec(stdout)?.[0] ?? '').join('');
}
