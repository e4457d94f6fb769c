import { availableParallelism } from 'node:os';
import type { Log } from '../log/log.ts';
import { CELL_OPEN_MS } from '../model/limits.ts';
import { DONE, failed, good, type Result } from '../model/result.ts';
import { homeOf } from '../rights/user-name.ts';
import { startDeadline } from '../system/deadline.ts';
import { Gate } from '../system/gate.ts';
import type { System } from '../system/system.ts';
import { markOf } from './cell-names.ts';
import type { CellNetwork, Readiness, Step } from './cell-network.ts';
import { enter, type Inside } from './enter.ts';
import { CELL_PROGRAMS, type Namespaces, openNamespaces } from './namespaces.ts';
import { SlirpNetwork } from './slirp-network.ts';
import { VethNetwork } from './veth-network.ts';

/** A place for one test: processes, files and network of its own. */
export interface Cell extends Inside {
  /** Ends all processes inside. Fails if one does not end, or if something of the cell stays on the host. */
  close(): Promise<Result>;
}

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

/** Returns the cells of the monitor of a results folder. Changes nothing on the host until {@link Cells.prepare}. */
export function cellsFor(folder: string, system: System, log: Log): Cells {
  const network = system.uid === 0 ? new VethNetwork(markOf(folder), system, log) : new SlirpNetwork(system);
  return new HostCells(network, system, log);
}

class HostCells implements Cells {
  readonly #network: CellNetwork;
  readonly #system: System;
  readonly #log: Log;
  /** Creating a cell takes the processors. Many at once would all come close to the time limit of one. */
  readonly #opening = new Gate(availableParallelism());
  #ready: Readiness | undefined;
  /** The last log line about this host. */
  #said = '';

  constructor(network: CellNetwork, system: System, log: Log) {
    this.#network = network;
    this.#system = system;
    this.#log = log;
  }

  async prepare(signal: AbortSignal): Promise<Readiness> {
    if (this.#ready?.ok) return this.#ready;
    const prepared = await this.#prepareNow(signal);
    const ready: Readiness = prepared.ok ? good(this.#network.words()) : prepared;
    const words = ready.ok ? `Tests run in cells, ${ready.value}` : `This host allows no cells: ${ready.why}`;
    if (words !== this.#said) this.#log[ready.ok ? 'info' : 'warning'](words);
    this.#said = words;
    this.#ready = ready;
    return ready;
  }

  async #prepareNow(signal: AbortSignal): Promise<Step> {
    const programs = [...CELL_PROGRAMS, ...this.#network.programs].sort();
    const missing = programs.filter(([name]) => this.#system.findCommand(name) === undefined);
    if (missing.length > 0) {
      const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
      return {
        ...failed(`cells need ${missing.map(([name]) => name).join(', ')}`),
        remedy: `Debian, Ubuntu: apt-get install ${packages}`,
      };
    }
    const prepared = await this.#network.prepare();
    if (!prepared.ok) return prepared;
    const tried = await this.open([], signal);
    if (!tried.ok) return { ...tried, remedy: this.#network.remedy() };
    let left: Step = DONE;
    let closed: Result = DONE;
    try {
      left = await this.#network.tryWayOut(tried.value.place, signal);
    } finally {
      closed = await tried.value.close();
    }
    return closed.ok ? left : { ...closed, remedy: this.#network.remedy() };
  }

  async open(visible: readonly string[], signal: AbortSignal): Promise<Result<Cell>> {
    const leave = await this.#opening.enter(signal);
    try {
      return await this.#openNow(visible, signal);
    } finally {
      leave();
    }
  }

  async #openNow(visible: readonly string[], signal: AbortSignal): Promise<Result<Cell>> {
    const system = this.#system;
    const connection = await this.#network.connection();
    if (!connection.ok) return connection;
    const { connect, close: disconnect } = connection.value;
    const opening = startDeadline(system, CELL_OPEN_MS, signal);
    let namespaces: Result<Namespaces> | undefined;
    try {
      const furniture = { ...connection.value, homes: homesOf(system), visible };
      namespaces = await openNamespaces(system, furniture, connect, opening.signal);
    } catch (error) {
      if (!opening.expired()) throw error;
      namespaces = failed(`a cell could not be created within ${CELL_OPEN_MS / 1000} s`);
    } finally {
      opening.end();
      if (namespaces?.ok !== true) await disconnect();
    }
    if (!namespaces.ok) return namespaces;
    const { init, close } = namespaces.value;
    return good({
      ...enter(system, init),
      close: async () => {
        const closed = await close();
        const disconnected = await disconnect();
        return closed.ok ? disconnected : closed;
      },
    });
  }

  async close(): Promise<void> {
    this.#ready = undefined;
    await this.#network.close();
  }
}

/** The home folder in /etc/passwd, where clients keep their lock, and that of the environment. */
function homesOf(system: System): readonly string[] {
  const homes = [homeOf(system, system.uid), system.env['HOME']];
  return [...new Set(homes)].filter((home) => home !== undefined && /^\/./.test(home)) as string[];
}
