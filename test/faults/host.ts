import { neverRan, type Recording } from './recording.ts';
import type { Schedule } from './schedule.ts';
import type { Violation } from './violation.ts';

/**
 * More open files than this an idle monitor never has: its event loop's own, stdio, two locks, the log and
 * its folder.
 */
const MOST_DESCRIPTORS = 26;
/** What may lie in the results folder. */
const ENTRY =
  /^(?:\.state|\.state\/(?:state|host|log-files)\.json|\.state\/changes-[ab]\.jsonl|monitoring(?:-\d{4}(?:\.\d+)?)?\.log|result_\d{6}\.csv(?:\.torn)?|control|events(?:\/\d{6}\.jsonl)?)$/;

/** Nothing is left: no process, no zombie, no open file, no lock, no trace in resolv.conf, no stray file. */
export function judgeHost({ atOnce }: Schedule, { idle, end, lives, notes }: Recording): Violation[] {
  const violations: Violation[] = [];
  const none = (invariant: string, found: readonly string[]) => {
    if (found.length > 0) violations.push({ invariant, words: found.join('; ') });
  };
  none('no child is left between two cycles', idle.children);
  // What was opened before a chroot has a longer path.
  const files = idle.descriptors.filter((name) => !/\/dev\/null$|^(?:pipe|anon_inode):/.test(name));
  const sockets = files.filter((name) => name.startsWith('socket:'));
  const stray = files.filter(
    (name) => !/^socket:|\/data\/results(?:\/monitoring-\d{4}(?:\.\d+)?\.log)?$/.test(name),
  );
  none('no open file is left', stray);
  // stdout, stderr and the two locks of the results folder; in cells also that of their addresses.
  if (sockets.length > (atOnce === 1 ? 4 : 5)) none('no open file is left', [`${sockets.length} sockets`]);
  if (idle.descriptors.length > MOST_DESCRIPTORS) none('no open file is left', idle.descriptors);
  none('no process is left', end.processes);
  none('no lock is left', end.locks);
  none('no link is left', end.links);
  none(
    'no file is left',
    end.entries.filter((entry) => !ENTRY.test(entry)),
  );
  if (end.resolv !== end.resolvGood) {
    none('resolv.conf is as the operator wants it', [`is ${end.resolv}, should be ${end.resolvGood}`]);
  }
  for (const life of lives) {
    const { pid, status, stopped, stderr } = life;
    const struck = notes.some(({ daemon, what }) => daemon === pid && what.startsWith('struck'));
    const expected = status === 137 ? struck : (status === 0 && stopped) || neverRan(life);
    if (!expected) none('it ends only when it is ended', [`status ${status}: ${stderr.slice(-500)}`]);
  }
  return violations;
}
