import { type Acquired, acquireLock, type Lock } from '../lock/lock.ts';
import type { Log } from '../log/log.ts';
import { CELL_OPEN_MS } from '../model/limits.ts';
import { DONE, failed, good, type Result } from '../model/result.ts';
import { homeOf } from '../rights/user-name.ts';
import { poll, startDeadline } from '../system/deadline.ts';
import type { System } from '../system/system.ts';
import { dropsForwarded, LET_CELLS_PASS } from './cell-firewall.ts';
import { addLink, addTable, removeLink, removeTable, ruleset, startForwarding } from './cell-link.ts';
import {
  addressesOf,
  BLOCKS,
  blockLock,
  CELLS_IN_BLOCK,
  linkName,
  markOf,
  subnetOf,
  tableName,
} from './cell-names.ts';
import { cellResolvConf } from './cell-resolv-conf.ts';
import { enter, type Inside } from './enter.ts';
import { CELL_PROGRAMS, type Namespaces, openNamespaces } from './namespaces.ts';
import { sweep } from './sweep.ts';

/** How long the kernel may need to remove a cell's device after its end, in ms. Usually some ms. */
const LINK_GONE_MS = 1000;
const LOOK_EVERY_MS = 5;

/** A place for one test: processes, files and network of its own. */
export interface Cell extends Inside {
  /** Ends all processes inside. Fails if one does not end, or if something of the cell stays on the host. */
  close(): Promise<Result>;
}

/** Whether this host allows cells: why not, and what to do about it. */
export type Readiness = Result<undefined, string, { readonly remedy: string }>;

/** Opens the cells of one monitor. */
export interface Cells {
  /**
   * Prepares this host for cells and tries one. Does that once, and again if it failed. Rejects with the reason of `signal`.
   */
  prepare(signal: AbortSignal): Promise<Readiness>;
  /**
   * Opens a cell on a host that is prepared. Rejects with the reason of `signal`.
   *
   * @param visible files below /run and /tmp that its programs need.
   */
  open(visible: readonly string[], signal: AbortSignal): Promise<Result<Cell>>;
  /** Removes what cells need on this host, but for IPv4 forwarding: others may rely on it by now. */
  close(): Promise<void>;
}

/** Addresses for {@link CELLS_IN_BLOCK} cells, which no other process of this host uses. */
interface Block {
  readonly number: number;
  readonly lock: Lock;
  readonly used: Set<number>;
  /** The cell to use next: addresses and device of the last ones may not be gone yet. */
  next: number;
}

/** Returns the cells of the monitor of a results folder. Changes nothing on the host until {@link Cells.prepare}. */
export function cellsFor(folder: string, system: System, log: Log): Cells {
  return new HostCells(markOf(folder), system, log);
}

class HostCells implements Cells {
  readonly #mark: string;
  readonly #system: System;
  readonly #log: Log;
  readonly #blocks: Block[] = [];
  #ready = false;
  /** The last log line about this host. */
  #said = '';

  constructor(mark: string, system: System, log: Log) {
    this.#mark = mark;
    this.#system = system;
    this.#log = log;
  }

  async prepare(signal: AbortSignal): Promise<Readiness> {
    if (this.#ready) return DONE;
    const ready = await this.#prepareNow(signal);
    const words = ready.ok
      ? `Tests run in cells, with addresses of ${subnetOf(this.#blocks[0]?.number ?? 0)}`
      : `This host allows no cells: ${ready.why}`;
    if (words !== this.#said) this.#log[ready.ok ? 'info' : 'warning'](words);
    this.#said = words;
    this.#ready = ready.ok;
    return ready;
  }

  async #prepareNow(signal: AbortSignal): Promise<Readiness> {
    const { uid, findCommand } = this.#system;
    if (uid !== 0) {
      return { ...failed('cells need root'), remedy: 'run the monitor as root, or set isolation: none' };
    }
    const missing = [...CELL_PROGRAMS].filter(([name]) => findCommand(name) === undefined);
    if (missing.length > 0) {
      const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
      return {
        ...failed(`cells need ${missing.map(([name]) => name).join(', ')}`),
        remedy: `Debian, Ubuntu: apt-get install ${packages}`,
      };
    }
    if (dropsForwarded(await ruleset(this.#system))) {
      return { ...failed('the firewall of this host drops what is forwarded'), remedy: LET_CELLS_PASS };
    }
    const forwarding = startForwarding(this.#system);
    if (!forwarding.ok) return { ...forwarding, remedy: 'sysctl -w net.ipv4.ip_forward=1' };
    if (forwarding.value) this.#log.info('net.ipv4.ip_forward is now 1, for cells; it stays on');
    if (this.#blocks.length === 0) {
      await sweep(this.#system, this.#mark, this.#log);
      const block = await this.#takeBlock();
      if (!block.ok) return { ...block, remedy: 'modprobe nft_masq nft_chain_nat' };
    }
    const tried = await this.open([], signal);
    const closed = tried.ok ? await tried.value.close() : tried;
    if (!closed.ok) {
      return {
        ...closed,
        remedy: 'a container or the sandbox of a service may forbid namespaces: RestrictNamespaces=no',
      };
    }
    return DONE;
  }

  async open(visible: readonly string[], signal: AbortSignal): Promise<Result<Cell>> {
    signal.throwIfAborted();
    const system = this.#system;
    const address = await this.#takeAddress();
    if (!address.ok) return address;
    const { block, cell } = address.value;
    const link = linkName(this.#mark, block.number, cell);
    const addresses = addressesOf(block.number, cell);
    const furniture = {
      resolvConf: cellResolvConf(system),
      addresses,
      homes: homesOf(system),
      visible,
    };
    const opening = startDeadline(system, CELL_OPEN_MS, signal);
    let namespaces: Result<Namespaces> | undefined;
    try {
      namespaces = await openNamespaces(
        system,
        furniture,
        (init) => addLink(system, link, addresses.host, init),
        opening.signal,
      );
    } catch (error) {
      if (!opening.expired()) throw error;
      namespaces = failed(`a cell could not be created within ${CELL_OPEN_MS / 1000} s`);
    } finally {
      opening.end();
      if (namespaces?.ok !== true) block.used.delete(cell);
    }
    if (!namespaces.ok) return namespaces;
    const { init, close } = namespaces.value;
    return good({
      ...enter(system, init),
      close: async () => {
        const closed = await close();
        const gone = await this.#linkGone(link);
        if (closed.ok && gone.ok) block.used.delete(cell);
        return closed.ok ? gone : closed;
      },
    });
  }

  async close(): Promise<void> {
    this.#ready = false;
    for (const { number, lock } of this.#blocks.splice(0)) {
      const removed = await removeTable(this.#system, tableName(this.#mark, number));
      if (!removed.ok) this.#log.warning(`The table of cells could not be removed: ${removed.why}`);
      lock.release();
    }
  }

  /** The device of a cell goes with its network namespace. */
  async #linkGone(link: string): Promise<Result> {
    const isThere = () => this.#system.listFolder('/sys/class/net').includes(link);
    const until = { ms: LINK_GONE_MS, everyMs: LOOK_EVERY_MS };
    await poll(this.#system, until, new AbortController().signal, () => (isThere() ? undefined : true));
    return isThere() ? removeLink(this.#system, link) : DONE;
  }

  async #takeAddress(): Promise<Result<{ readonly block: Block; readonly cell: number }>> {
    let block = this.#blocks.find(({ used }) => used.size < CELLS_IN_BLOCK);
    if (block === undefined) {
      const taken = await this.#takeBlock();
      if (!taken.ok) return taken;
      block = taken.value;
    }
    while (block.used.has(block.next)) block.next = (block.next + 1) % CELLS_IN_BLOCK;
    const cell = block.next;
    block.used.add(cell);
    block.next = (cell + 1) % CELLS_IN_BLOCK;
    return good({ block, cell });
  }

  async #takeBlock(): Promise<Result<Block>> {
    const system = this.#system;
    const holder = { pid: system.pid, what: 'cells', since: system.now().toISOString() };
    let acquired: Acquired | undefined;
    for (const number of BLOCKS) {
      acquired = await acquireLock(blockLock(number), holder, system);
      if (!acquired.ok) continue;
      const block: Block = { number, lock: acquired.value, used: new Set(), next: 0 };
      const added = await addTable(system, tableName(this.#mark, number), number);
      if (!added.ok) {
        acquired.value.release();
        return added;
      }
      this.#blocks.push(block);
      return good(block);
    }
    return failed('other monitors of this host use all addresses for cells');
  }
}

/** The home folder in /etc/passwd, where clients keep their lock, and that of the environment. */
function homesOf(system: System): readonly string[] {
  const homes = [homeOf(system, system.uid), system.env['HOME']];
  return [...new Set(homes)].filter((home) => home !== undefined && /^\/./.test(home)) as string[];
}
