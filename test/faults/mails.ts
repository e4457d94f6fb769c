import type { MailNote, Recording } from './recording.ts';
import { RECIPIENTS } from './schedule.ts';
import type { Violation } from './violation.ts';

/** A mail that the server has taken at least once. */
export interface SeenMail {
  readonly id: string;
  readonly subject: string;
  /** The Message-ID that it answers; empty: none. */
  readonly replyTo: string;
  /** Header and text, decoded. */
  readonly text: string;
}

/**
 * The mails in the order in which the server saw them first, and what is wrong with how they came: each
 * reaches each recipient exactly once. A second time only where the monitor could not know of the first: it
 * had no answer, or ended before it could note that.
 */
export function readMails({ mails }: Recording): {
  readonly seen: readonly SeenMail[];
  readonly violations: Violation[];
} {
  const violations: Violation[] = [];
  const wrong = (invariant: string, words: string) => void violations.push({ invariant, words });
  const takes = mails.filter((note): note is Take => note.kind === 'taken');
  const answered = new Set(mails.flatMap((note) => (note.kind === 'answered' ? [note.number] : [])));
  const seen: SeenMail[] = [];
  for (const id of new Set(mails.flatMap((note) => ('id' in note ? [note.id] : [])))) {
    const own = takes.filter((take) => take.id === id);
    const [first] = own;
    if (first === undefined) {
      wrong('no mail is lost', `the server has seen ${id}, and never got it`);
      continue;
    }
    const mail = decode(id, first.raw);
    seen.push(mail);
    if (own.some(({ raw }) => raw !== first.raw)) wrong('the same mail at each try', mail.subject);
    for (const recipient of RECIPIENTS) {
      const got = own.filter(({ to }) => to.includes(recipient));
      if (got.length === 0) wrong('no mail is lost', `${recipient} did not get "${mail.subject}"`);
      for (const [index, take] of got.slice(0, -1).entries()) {
        if (!answered.has(take.number) || wasItsLast(take, got[index + 1], takes)) continue;
        wrong('no mail comes twice', `${recipient} got "${mail.subject}" again`);
      }
    }
  }
  return { seen, violations };
}

type Take = Extract<MailNote, { kind: 'taken' }>;

/** Whether a monitor ended right after it had sent this, and the next one sent it again. */
function wasItsLast(take: Take, next: Take | undefined, takes: readonly Take[]): boolean {
  const last = takes.findLast(({ daemon }) => daemon === take.daemon);
  return last === take && next !== undefined && next.daemon !== take.daemon;
}

function decode(id: string, raw: string): SeenMail {
  const [head = '', ...body] = Buffer.from(raw, 'latin1')
    .toString('utf8')
    .replaceAll('\r\n', '\n')
    .split('\n\n');
  const header = decodeWords(head.replace(/\n[ \t]+/g, ' '));
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'mi').exec(header)?.[1] ?? '';
  const text = bytesOf(body.join('\n\n').replaceAll('=\n', ''));
  return { id, subject: field('Subject'), replyTo: field('In-Reply-To'), text: `${header}\n\n${text}` };
}

/** Encoded words of a header (RFC 2047). */
function decodeWords(text: string): string {
  return text
    .replace(/\?= =\?/g, '?==?')
    .replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64').toString('utf8')
        : bytesOf(word.replaceAll('_', ' ')),
    );
}

/** `=C3=BC` as the characters that it stands for. */
function bytesOf(text: string): string {
  return text.replace(/(?:=[0-9A-F]{2})+/g, (bytes) =>
    Buffer.from(bytes.replaceAll('=', ''), 'hex').toString('utf8'),
  );
}
