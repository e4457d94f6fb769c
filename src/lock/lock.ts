import net from 'node:net';
import { reason } from '../files/reason.ts';
import type { System } from '../system/system.ts';
import { askHolder, followHolder, formatHolder, type Held, type Holder } from './holder.ts';
import { lockAddress, resultsLocks } from './lock-name.ts';

export type { Held, Holder } from './holder.ts';
export { HOST_LOCK } from './lock-name.ts';

/** A lock that is held: until it is released, or the process ends in whatever way. */
export interface Lock {
  /** Frees it at once and wakes those who wait. Does nothing the second time. */
  release(): void;
}

/** A lock, or why there is none: who holds it (`null`: it does not say), or what keeps us from having any. */
export type Acquired =
  | { readonly ok: true; readonly lock: Lock }
  | { readonly ok: false; readonly holder: Holder | null; readonly why: string };

/** What waiting for a lock needs. */
export interface WaitOptions {
  readonly system: System;
  readonly signal: AbortSignal;
  /** Called when it turns out who has to be waited for, and when that changes; `null`: it does not say. */
  readonly onWait: (holder: Holder | null) => void;
}

/** More waiters than this are sent away and come back: each costs an open file. */
const MOST_PEERS = 256;
/** How long one who freed a lock lets those who waited go first, in ms. */
const COURTESY_MS = 250;
/** Between two tries where connecting does not hold us: no such lock, or a holder that hangs up. In ms. */
const PAUSE_MS = 200;
/** So many tries that did not hold us are chance: the lock changed hands. */
const MOST_VAIN = 5;

/** When a lock was freed that others waited for, on the monotonic clock of its system, in ms. */
const freed = new WeakMap<System, Map<string, number>>();

/**
 * Takes a lock if it is free. The lock is a socket listening on an abstract name: the kernel frees it when the process
 * dies, so none is ever stale. Any local user may take such a name first; there is no defence, but it shows.
 * Never rejects.
 *
 * @param name see HOST_LOCK and {@link resultsLocks}.
 * @param holder what is told to whoever asks.
 */
export async function acquireLock(name: string, holder: Holder, system: System): Promise<Acquired> {
  let other: Holder | null = null;
  // Twice: a holder that does not answer may be one that has just let go.
  for (let tries = 0; tries < 2 && other === null; tries += 1) {
    const taken = await listen(name, holder, system);
    if (typeof taken !== 'string') return { ok: true, lock: taken };
    if (taken !== 'EADDRINUSE') return { ok: false, holder: null, why: `no lock can be had: ${taken}` };
    other = (await askHolder(system, lockAddress(name)))?.holder ?? null;
  }
  return { ok: false, holder: other, why: heldBy(other) };
}

/** Who holds a lock, in words. */
export function heldBy(holder: Holder | null): string {
  return holder === null
    ? 'held by a process that does not say who it is'
    : `held by process ${holder.pid} (${holder.what})`;
}

/**
 * Takes a results folder if no other `run` has it. Never rejects for a lock; throws what the system says if the folder
 * can't be looked at.
 */
export async function acquireResults(folder: string, holder: Holder, system: System): Promise<Acquired> {
  const locks: Lock[] = [];
  const release = () => {
    for (const lock of locks) lock.release();
  };
  for (const name of resultsLocks(system.files, folder)) {
    const acquired = await acquireLock(name, holder, system);
    if (!acquired.ok) {
      release();
      return acquired;
    }
    locks.push(acquired.lock);
  }
  return { ok: true, lock: { release } };
}

/**
 * Which `run` has a results folder, asked without taking it, so that any user may; `null`: none, or there is no such folder.
 * Never rejects.
 */
export async function askResults(folder: string, system: System): Promise<Held | null> {
  let names: readonly string[];
  try {
    names = resultsLocks(system.files, folder);
  } catch {
    return null;
  }
  for (const name of names) {
    const held = await askHolder(system, lockAddress(name));
    if (held !== null) return held;
  }
  return null;
}

/**
 * Waits for a lock until it is had: connected to its holder, whose end wakes us. There is no deadline but the signal:
 * rejects with its reason when it is aborted. A process that has just freed this lock while others waited lets them go first.
 */
export async function waitForLock(name: string, holder: Holder, options: WaitOptions): Promise<Lock> {
  const { system, signal, onWait } = options;
  await letOthersGoFirst(name, system, signal);
  let said: string | undefined;
  const say = (other: Holder | null) => {
    const who = other === null ? 'unknown' : `${other.pid} ${other.what}`;
    if (said !== who) onWait(other);
    said = who;
  };
  for (let vain = 0; ; ) {
    signal.throwIfAborted();
    const taken = await listen(name, holder, system);
    if (typeof taken !== 'string') return taken;
    if (vain > 0) await system.sleep(PAUSE_MS, signal);
    if (vain > MOST_VAIN && said === undefined) say(null);
    const connected = system.monotonic();
    await followHolder(system, lockAddress(name), signal, say);
    vain = system.monotonic() - connected < PAUSE_MS ? vain + 1 : 0;
  }
}

async function letOthersGoFirst(name: string, system: System, signal: AbortSignal): Promise<void> {
  const at = freed.get(system)?.get(name);
  if (at === undefined) return;
  freed.get(system)?.delete(name);
  const left = at + COURTESY_MS - system.monotonic();
  if (left > 0) await system.sleep(left, signal);
}

/** The lock, or the code of what went wrong: `EADDRINUSE` if somebody has it. */
function listen(name: string, holder: Holder, system: System): Promise<Lock | string> {
  const peers = new Set<net.Socket>();
  const server = net.createServer((peer) => {
    peers.add(peer);
    // The lock must not keep a program alive that has ended otherwise.
    peer.unref();
    peer.on('error', () => {});
    peer.on('close', () => peers.delete(peer));
    // Nobody has anything to say here. Without a listener the end of a peer would not be noticed either.
    peer.on('data', () => peer.destroy());
    peer.write(formatHolder(holder));
  });
  server.maxConnections = MOST_PEERS;
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? reason(error)));
    server.once('listening', () => {
      // Too many open files at an accept: the peer waits, the lock stays.
      server.on('error', () => {});
      server.unref();
      let held = true;
      resolve({
        release: () => {
          if (!held) return;
          held = false;
          if (peers.size > 0) noteFreed(name, system);
          // First the name, then the peers: a process that is woken finds it free.
          server.close();
          for (const peer of peers) peer.destroy();
        },
      });
    });
    server.listen(lockAddress(name));
  });
}

function noteFreed(name: string, system: System): void {
  const names = freed.get(system) ?? new Map<string, number>();
  freed.set(system, names.set(name, system.monotonic()));
}
