import { tracesOf } from '../support/traces.ts';
import { judgeAlerts } from './alerts.ts';
import { judgeHost } from './host.ts';
import { readMails, type SeenMail } from './mails.ts';
import { judgePosts } from './posts.ts';
import type { Recording } from './recording.ts';
import { judgeRows, readRows } from './rows.ts';
import { type Schedule, SECRET } from './schedule.ts';
import { judgeTruth } from './truth.ts';
import type { Violation } from './violation.ts';

/** The invariants that a recording breaks. Pure. */
export function judge(schedule: Schedule, recording: Recording): readonly Violation[] {
  if (recording.stuck !== null) {
    const last = recording.lives.at(-1)?.stderr.slice(-1500);
    return [{ invariant: 'all faults pass', words: `${recording.stuck}; the log ends with:\n${last}` }];
  }
  const { rows, violations } = readRows(schedule, recording);
  const mails = readMails(recording);
  return [
    ...violations,
    ...judgeRows(schedule, rows, recording),
    ...judgeTruth(schedule, rows.flat(), recording),
    ...mails.violations,
    ...judgeAlerts(schedule, recording, rows.flat(), mails.seen),
    ...judgePosts(recording, mails.seen),
    ...judgeHost(schedule, recording),
    ...judgeSecrets(recording, mails.seen),
  ];
}

/** The password of the sites is nowhere. */
function judgeSecrets(recording: Recording, mails: readonly SeenMail[]): Violation[] {
  const texts = new Map<string, string>([
    ...recording.files.map(({ name, text }) => [name, text] as const),
    ...mails.map(({ subject, text }) => [`the mail "${subject}"`, text] as const),
    ...recording.lives.map(({ pid, stdout, stderr }) => [`the output of ${pid}`, stdout + stderr] as const),
    ...recording.commandLines.map(
      (line) => [`the command line ${line.replaceAll('\0', ' ')}`, line] as const,
    ),
  ]);
  return [...texts].flatMap(([name, text]) =>
    tracesOf(SECRET, text).map((form) => ({ invariant: 'the secret is nowhere', words: `${name}: ${form}` })),
  );
}
