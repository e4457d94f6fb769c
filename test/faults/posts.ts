import type { SeenMail } from './mails.ts';
import type { PostNote, Recording } from './recording.ts';
import type { Violation } from './violation.ts';

type Take = Extract<PostNote, { kind: 'taken' }>;

/**
 * The webhook gets each message that goes by mail, under one key, the same at each try, and in the order of its site. A second time
 * only where the monitor could not know that the first was taken.
 */
export function judgePosts(
  { posts, lives }: Pick<Recording, 'posts' | 'lives'>,
  mails: readonly SeenMail[],
): Violation[] {
  const violations: Violation[] = [];
  const wrong = (invariant: string, words: string) => void violations.push({ invariant, words });
  const takes = posts.filter((note): note is Take => note.kind === 'taken');
  const answered = new Set(posts.flatMap((note) => (note.kind === 'answered' ? [note.number] : [])));
  const delivered: string[] = [];
  const ids = new Map(takes.map(({ id, body }) => [id, JSON.parse(body).subject]));
  for (const id of new Set(takes.map((take) => take.id))) {
    const own = takes.filter((take) => take.id === id);
    const [first] = own;
    const { key, subject } = JSON.parse(first?.body ?? '{}');
    if (key !== id) wrong('a webhook names its message', `${id} has the key ${key}`);
    if (own.some(({ body }) => body !== first?.body)) wrong('the same body at each try', subject);
    const good = own.filter(({ number }) => answered.has(number));
    if (good.length === 0) wrong('no message of a webhook is lost', `"${subject}" was never answered well`);
    // An answer that was written whole may still have come too late, or in a reload: the monitor's log says which it has read.
    const sent = timesSent(subject, lives);
    const wasRead = sent > [...ids.values()].filter((each) => each === subject).length;
    for (const take of own.slice(0, -1)) {
      const last = takes.findLast(({ daemon }) => daemon === take.daemon);
      if (answered.has(take.number) && last !== take && wasRead)
        wrong('no message comes twice', `"${subject}" came again, and was sent ${sent} times by the log`);
    }
    delivered.push(subject);
  }
  // A message that is refused may be overtaken, so the order of the first tries counts.
  const sorted = (subjects: readonly string[]) => [...subjects].sort();
  const byMail = sorted(mails.map(({ subject }) => subject));
  if (JSON.stringify(sorted(delivered)) !== JSON.stringify(byMail)) {
    wrong(
      'each channel gets each message',
      `webhook: ${sorted(delivered).join('; ')}; mail: ${byMail.join('; ')}`,
    );
  }
  return violations;
}

/** How often the monitors have logged that a message with a subject was sent to the webhook. */
function timesSent(subject: string, lives: Recording['lives']): number {
  const words = `Message to hook sent: "${subject}"`;
  return lives.reduce((sum, { stderr }) => sum + stderr.split(words).length - 1, 0);
}
