import { expect, test } from 'vitest';
import type { SeenMail } from './mails.ts';
import { judgePosts } from './posts.ts';
import type { PostNote, Recording } from './recording.ts';

const SUBJECT = 'alpha is back';
const MAIL: SeenMail = { id: '<1>', subject: SUBJECT, replyTo: '', text: '' };

/** The number of the request, and the monitor that ran. */
const taken = (number: number, daemon = 7): PostNote => ({
  kind: 'taken',
  number,
  id: 'key',
  body: JSON.stringify({ key: 'key', subject: SUBJECT }),
  daemon,
  behaviour: 'good',
});
const answered = (number: number): PostNote => ({ kind: 'answered', number });

/** What is wrong with requests of a message that the log of the monitor says was sent so many times. */
function judged(posts: readonly PostNote[], sent: number) {
  const stderr = `Message to hook sent: "${SUBJECT}": 200 OK\n`.repeat(sent);
  const life = { pid: 7, status: 0, stopped: true, signals: [], stdout: '', stderr };
  const recording: Pick<Recording, 'posts' | 'lives'> = { posts, lives: [life] };
  return judgePosts(recording, [MAIL]).map(({ invariant }) => invariant);
}

test('a message comes again only if the monitor has not read the answer, or has ended', () => {
  expect(judged([taken(1), answered(1)], 1)).toEqual([]);
  // The answer came too late.
  expect(judged([taken(1), answered(1), taken(2), answered(2)], 1)).toEqual([]);
  expect(judged([taken(1), answered(1), taken(2), answered(2)], 2)).toEqual(['no message comes twice']);
  // The monitor was killed before it could note that.
  expect(judged([taken(1, 6), answered(1), taken(2), answered(2)], 2)).toEqual([]);
  expect(judged([taken(1)], 0)).toEqual(['no message of a webhook is lost']);
});
