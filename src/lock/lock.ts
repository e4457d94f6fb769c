import net from 'node:net';
import { reason } from '../files/reason.ts';
import { failed, good, type Result } from '../model/result.ts';
import type { System } from '../system/system.ts';
import { askHolder, followHolder, formatHolder, type Held, type Holder } from './holder.ts';
import { lockAddress, resultsLocks } from './lock-name.ts';

export type { Held, Holder } from './holder.ts';
export { HOST_LOCK } from './lock-name.ts';

/** A lock that this process holds until it releases it or ends. */
export interface Lock {
  /** Frees the lock at once and wakes the processes that wait for it. A second call does nothing. */
  release(): void;
  /** Changes what is sent to each process that asks for the holder from now on. */
  describe(holder: Holder): void;
}

/** A lock; or why it can't be acquired, and its holder: `null` if that does not identify itself, or if there is none. */
export type Acquired = Result<Lock, string, { readonly holder: Holder | null }>;

/** The options of {@link waitForLock}. */
export interface WaitOptions {
  readonly system: System;
  readonly signal: AbortSignal;
  /** Called with the current holder, and again when that changes; `null` if it does not identify itself. */
  readonly onWait: (holder: Holder | null) => void;
}

/** Waiting processes that may be connected at once; each costs an open file. Others retry. */
const MOST_PEERS = 256;
/** How long a process that released a lock lets the waiting ones acquire it first, in ms. */
const COURTESY_MS = 250;
/** Pause before the next try if the connection to the holder ended at once, in ms. */
const PAUSE_MS = 200;
/** After more such tries in a row than this, the holder counts as unknown: fewer happen when the lock changes hands. */
const MOST_SHORT_TRIES = 5;

/** When this process released a lock that others waited for, by name: on the monotonic clock of its system, in ms. */
const released = new WeakMap<System, Map<string, number>>();

/**
 * Acquires a lock if it is free. The lock is a socket that listens on an abstract name. The kernel frees the name when the process
 * ends, so no lock is ever stale. Any local user may take the name first; this can't be prevented, but it is reported. Never rejects.
 *
 * @param name see HOST_LOCK and {@link resultsLocks}.
 * @param holder sent to each process that asks for the holder.
 */
export async function acquireLock(name: string, holder: Holder, system: System): Promise<Acquired> {
  let other: Holder | null = null;
  // Twice: a holder that does not answer may have just released the lock.
  for (let tries = 0; tries < 2 && other === null; tries += 1) {
    const listening = await listen(name, holder, system);
    if (listening.ok) return listening;
    if (listening.why !== IN_USE) {
      return { ...failed(`the lock can't be acquired: ${listening.why}`), holder: null };
    }
    other = (await askHolder(system, lockAddress(name)))?.holder ?? null;
  }
  return { ...failed(heldBy(other)), holder: other };
}

/** Says who holds a lock. */
export function heldBy(holder: Holder | null): string {
  return holder === null ? 'held by an unknown process' : `held by process ${holder.pid} (${holder.what})`;
}

/**
 * Acquires the locks of a results folder if no other `run` holds them. Rejects with the system's error if the folder can't be read.
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
    locks.push(acquired.value);
  }
  const describe = (now: Holder) => {
    for (const lock of locks) lock.describe(now);
  };
  return good({ release, describe });
}

/**
 * Asks which `run` holds a results folder, without acquiring its locks, so that any user may ask. Returns `null` if there is none, or
 * no such folder. Never rejects.
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
 * Waits for a lock without a deadline, connected to its holder. A process that has just released the lock lets waiting processes
 * acquire it first. Fails at once, with the system's code, if another reason than its holder prevents it. Rejects with the reason of `signal`.
 */
export async function waitForLock(name: string, holder: Holder, options: WaitOptions): Promise<Result<Lock>> {
  const { system, signal, onWait } = options;
  await letOthersGoFirst(name, system, signal);
  let reported: string | undefined;
  const report = (other: Holder | null) => {
    const who = other === null ? 'unknown' : `${other.pid} ${other.what}`;
    if (reported !== who) onWait(other);
    reported = who;
  };
  for (let shortTries = 0; ; ) {
    signal.throwIfAborted();
    const listening = await listen(name, holder, system);
    if (listening.ok) return listening;
    if (listening.why !== IN_USE) return listening;
    if (shortTries > 0) await system.sleep(PAUSE_MS, signal);
    if (shortTries > MOST_SHORT_TRIES && reported === undefined) report(null);
    const connected = system.monotonic();
    await followHolder(system, lockAddress(name), signal, report);
    shortTries = system.monotonic() - connected < PAUSE_MS ? shortTries + 1 : 0;
  }
}

async function letOthersGoFirst(name: string, system: System, signal: AbortSignal): Promise<void> {
  const at = released.get(system)?.get(name);
  if (at === undefined) return;
  released.get(system)?.delete(name);
  const left = at + COURTESY_MS - system.monotonic();
  if (left > 0) await system.sleep(left, signal);
}

/** Why {@link listen} fails if another process holds the lock. */
const IN_USE = 'EADDRINUSE';

/** Acquires a lock once. A failure is the system's code, {@link IN_USE} among others. */
function listen(name: string, holder: Holder, system: System): Promise<Result<Lock>> {
  const peers = new Set<net.Socket>();
  let described = holder;
  const server = net.createServer((peer) => {
    peers.add(peer);
    // The lock must not keep the program running at its end.
    peer.unref();
    peer.on('error', () => {});
    peer.on('close', () => peers.delete(peer));
    // Peers have nothing to send. Without a listener, Node would not notice the end of a peer either.
    peer.on('data', () => peer.destroy());
    peer.write(formatHolder(described));
  });
  server.maxConnections = MOST_PEERS;
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(failed(error.code ?? reason(error))));
    server.once('listening', () => {
      // An accept can fail for too many open files. The peer then waits; the lock is still held.
      server.on('error', () => {});
      server.unref();
      let held = true;
      const release = () => {
        if (!held) return;
        held = false;
        if (peers.size > 0) noteReleased(name, system);
        // The name first: a process that wakes must find it free.
        server.close();
        for (const peer of peers) peer.destroy();
      };
      const describe = (now: Holder) => {
        described = now;
      };
      resolve(good({ release, describe }));
    });
    server.listen(lockAddress(name));
  });
}

function noteReleased(name: string, system: System): void {
  const names = released.get(system) ?? new Map<string, number>();
  released.set(system, names.set(name, system.monotonic()));
}
