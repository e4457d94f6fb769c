import net from 'node:net';
import { startDeadline } from '../system/deadline.ts';
import type { System } from '../system/system.ts';
import { printableLine } from '../words/printable.ts';

/** Who holds a lock, as it says itself: any local user may take a name first, so believe none of it. */
export interface Holder {
  readonly pid: number;
  /** What it does with it, in words. */
  readonly what: string;
  /** ISO time. */
  readonly since: string;
}

/** A holder answers at once, or does not answer. In ms. */
const ANSWER_MS = 1000;
/** The longest answer, in bytes, and the longest text shown of it, in characters. */
const LINE_LIMIT = 1024;
const TEXT_LIMIT = 100;

/** What a holder tells whoever connects: one line. */
export function formatHolder({ pid, what, since }: Holder): string {
  return `${JSON.stringify({ pid, what: cut(what), since: cut(since) })}\n`;
}

/** The holder that a line tells of, its texts printable; `null` if it is no such line. */
export function parseHolder(line: string): Holder | null {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof said !== 'object' || said === null) return null;
  const { pid, what, since } = said as Record<string, unknown>;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return null;
  return { pid, what: text(what), since: text(since) };
}

/**
 * Connects to whoever holds a lock and stays connected until it lets go, which is noticed at once. `onAnswer` is called
 * with what the holder says, or with `null` if it says something else or nothing in time; not if it is gone before.
 * Rejects only with the signal's reason, when that is aborted.
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
      // A holder says one line. One that goes on talking is not listened to.
      if (answered || received.length + data.length > LINE_LIMIT) leave();
      received += data;
      const end = received.indexOf('\n');
      if (end >= 0) answer(parseHolder(received.slice(0, end)));
    });
    // A holder that is just gone, or one that takes no more connections: 'close' follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      signal.removeEventListener('abort', leave);
      answering.end();
      resolve();
    });
  });
  signal.throwIfAborted();
}

/** Somebody who holds a lock; `holder` is `null` if it does not say who it is. */
export interface Held {
  readonly holder: Holder | null;
}

/** Who holds a lock, without trying to take it; `null`: nobody, or it is gone. Never rejects. */
export async function askHolder(system: System, address: string): Promise<Held | null> {
  const enough = new AbortController();
  let held: Held | null = null;
  await followHolder(system, address, enough.signal, (holder) => {
    held = { holder };
    enough.abort();
  }).catch(() => undefined);
  return held;
}

function text(value: unknown): string {
  return typeof value === 'string' ? cut(printableLine(value)) : '';
}

function cut(words: string): string {
  return [...words].slice(0, TEXT_LIMIT).join('');
}
