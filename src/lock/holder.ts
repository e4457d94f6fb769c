import net from 'node:net';
import { startDeadline } from '../system/deadline.ts';
import type { System } from '../system/system.ts';
import { printableLine } from '../words/printable.ts';

/** What a lock's holder says about itself. Do not trust it: any local user may take a lock's name first. */
export interface Holder {
  readonly pid: number;
  /** What it uses the lock for, in words. */
  readonly what: string;
  /** Since when it has held the lock: an ISO time. */
  readonly since: string;
  /** What it is doing now, in words: `testing site1: log in`. */
  readonly doing?: string;
  /** When it starts its next cycle: an ISO time. */
  readonly next?: string;
}

/** How long to wait for a holder's answer, in ms. */
const ANSWER_MS = 1000;
/** The longest answer that is read, in bytes. */
const LINE_LIMIT = 1024;
/** The longest text of it that is shown, in characters. */
const TEXT_LIMIT = 100;

/** The line that a holder sends to each process that connects. */
export function formatHolder({ pid, what, since, doing, next }: Holder): string {
  const now = { ...(doing !== undefined && { doing: cut(doing) }), ...(next !== undefined && { next }) };
  return `${JSON.stringify({ pid, what: cut(what), since: cut(since), ...now })}\n`;
}

/** Parses a line of {@link formatHolder} and makes its texts printable. Returns `null` for any other line. */
export function parseHolder(line: string): Holder | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { pid, what, since, doing, next } = parsed as Record<string, unknown>;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return null;
  const now = {
    ...(doing !== undefined && { doing: text(doing) }),
    ...(next !== undefined && { next: text(next) }),
  };
  return { pid, what: text(what), since: text(since), ...now };
}

/**
 * Connects to the holder of a lock and resolves when the holder releases it. Calls `onAnswer` once with the holder, or with `null`
 * if its answer is invalid or late; never if the lock is released before that. Rejects only with the reason of `signal`.
 */
export async function followHolder(
  system: System,
  address: string,
  signal: AbortSignal,
  onAnswer: (holder: Holder | null) => void,
): Promise<void> {
  signal.throwIfAborted();
  const answering = startDeadline(system, ANSWER_MS, signal);
  let answered = false;
  let received = '';
  const answer = (holder: Holder | null) => {
    if (answered) return;
    answered = true;
    answering.end();
    onAnswer(holder);
  };
  await new Promise<void>((resolve) => {
    const socket = net.connect({ path: address });
    const leave = () => socket.destroy();
    answering.signal.addEventListener('abort', () => answering.expired() && answer(null), { once: true });
    signal.addEventListener('abort', leave, { once: true });
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => {
      // A holder sends one line. Disconnect from one that sends more.
      if (answered || received.length + data.length > LINE_LIMIT) leave();
      received += data;
      const end = received.indexOf('\n');
      if (end >= 0) answer(parseHolder(received.slice(0, end)));
    });
    // The holder has just ended, or accepts no more connections. 'close' follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      signal.removeEventListener('abort', leave);
      answering.end();
      resolve();
    });
  });
  signal.throwIfAborted();
}

/** A lock that is held. */
export interface Held {
  /** `null` if the holder does not identify itself. */
  readonly holder: Holder | null;
}

/** Asks who holds a lock, without acquiring it. Returns `null` if the lock is free. Never rejects. */
export async function askHolder(system: System, address: string): Promise<Held | null> {
  const answered = new AbortController();
  let held: Held | null = null;
  await followHolder(system, address, answered.signal, (holder) => {
    held = { holder };
    answered.abort();
  }).catch(() => undefined);
  return held;
}

function text(value: unknown): string {
  return typeof value === 'string' ? cut(printableLine(value)) : '';
}

function cut(words: string): string {
  return [...words].slice(0, TEXT_LIMIT).join('');
}
