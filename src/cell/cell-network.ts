import type { Result } from '../model/result.ts';
import type { Place } from '../system/place.ts';

/** Whether this host allows cells: how they are connected, in words, or why there are none and what to do about it. */
export type Readiness = Result<string, string, { readonly remedy: string }>;

/** Whether a step towards cells worked: why not, and what to do about it. */
export type Step = Result<undefined, string, { readonly remedy: string }>;

/** The way of one cell to the network of the host. */
export interface Connection {
  /** The text of the cell's resolv.conf. */
  readonly resolvConf: string;
  /** Commands of `ip -batch` that complete it, inside. */
  readonly inside: readonly string[];
  /** Connects the network of a cell's first process. Call it once. Rejects with the reason of `signal`. */
  connect(init: number, signal: AbortSignal): Promise<Result>;
  /** Removes what the connection left on the host. Call it after the cell has ended; fails if something stays. */
  close(): Promise<Result>;
}

/** A way to connect cells to the network of the host. */
export interface CellNetwork {
  /** The programs that it needs, and the Debian package of each. */
  readonly programs: ReadonlyMap<string, string>;
  /** Prepares this host. Does that once, and again if it failed. */
  prepare(): Promise<Step>;
  /** Whether what a cell sends leaves this host. Rejects with the reason of `signal`. */
  tryWayOut(cell: Place, signal: AbortSignal): Promise<Step>;
  /** How cells are connected, in words. */
  words(): string;
  /** What to do if no cell can be opened on a host that is prepared. */
  remedy(): string;
  /** Returns a connection for one cell. */
  connection(): Promise<Result<Connection>>;
  /** Removes what it made on this host. */
  close(): Promise<void>;
}
