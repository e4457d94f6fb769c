import { type Acquired, acquireLock, type Lock } from '../lock/lock.ts';
import type { Log } from '../log/log.ts';
import { DONE, failed, good, type Result } from '../model/result.ts';
import { poll } from '../system/deadline.ts';
import type { Place } from '../system/place.ts';
import type { System } from '../system/system.ts';
import { dropsForwarded, remedyForFirewall } from './cell-firewall.ts';
import {
  addLink,
  addTable,
  hasPassed,
  removeLink,
  removeTable,
  ruleset,
  startForwarding,
  TRIAL,
  waysOut,
} from './cell-link.ts';
import {
  addressesOf,
  BLOCKS,
  blockLock,
  CELLS_IN_BLOCK,
  linkName,
  subnetOf,
  tableName,
} from './cell-names.ts';
import type { CellNetwork, Connection, Step } from './cell-network.ts';
import { cellResolvConf } from './cell-resolv-conf.ts';
import { sweep } from './sweep.ts';

/** How long the kernel may need to remove a cell's device after its end, in ms. Usually some ms. */
const LINK_GONE_MS = 1000;
const LOOK_EVERY_MS = 5;
/** How long a packet may need from a cell through the firewall, in ms. Usually less than one. */
const PASSES_MS = 1000;
/** How long bash may need to send it, in ms. */
const SENDS_MS = 5000;

/** Addresses for {@link CELLS_IN_BLOCK} cells, which no other process of this host uses. */
interface Block {
  readonly number: number;
  readonly lock: Lock;
  readonly used: Set<number>;
  /** The cell to use next: addresses and device of the last ones may not be gone yet. */
  next: number;
}

/** For root: a pair of virtual devices for each cell, and rules that masquerade their addresses. */
export class VethNetwork implements CellNetwork {
  readonly programs = new Map([['nft', 'nftables']]);
  readonly #mark: string;
  readonly #system: System;
  readonly #log: Log;
  readonly #blocks: Block[] = [];

  /** @param mark of the results folder: see markOf. */
  constructor(mark: string, system: System, log: Log) {
    this.#mark = mark;
    this.#system = system;
    this.#log = log;
  }

  async prepare(): Promise<Step> {
    const forwarding = startForwarding(this.#system);
    if (!forwarding.ok) return { ...forwarding, remedy: 'sysctl -w net.ipv4.ip_forward=1' };
    if (forwarding.value) this.#log.info('net.ipv4.ip_forward is now 1, for cells; it stays on');
    if (this.#blocks.length > 0) return DONE;
    await sweep(this.#system, this.#mark, this.#log);
    const block = await this.#takeBlock();
    return block.ok ? DONE : { ...block, remedy: 'modprobe nft_masq nft_chain_nat' };
  }

  async tryWayOut(cell: Place, signal: AbortSignal): Promise<Step> {
    const system = this.#system;
    const { ipv4, ipv6 } = await waysOut(system);
    if (!ipv4 && ipv6) {
      return {
        ...failed('a cell reaches IPv4 addresses only, and this host has a default route for IPv6 only'),
        remedy: 'isolation: none, or add an IPv4 default route',
      };
    }
    // Without a route the packet would not get to the firewall: only its rules can tell.
    const passes = ipv4 ? await this.#passes(cell, signal) : !dropsForwarded(await ruleset(system));
    if (passes) return DONE;
    return {
      ...failed('the firewall of this host drops what is forwarded'),
      remedy: remedyForFirewall(await ruleset(system), system),
    };
  }

  /** Sends a packet from a cell, and sees whether it gets through the firewall. It never leaves this host. */
  async #passes(cell: Place, signal: AbortSignal): Promise<boolean> {
    const bash = cell.findCommand('bash') ?? 'bash';
    const table = tableName(this.#mark, this.#blocks[0]?.number ?? 0);
    await cell.run(bash, ['-c', `echo >/dev/udp/${TRIAL.address}/${TRIAL.port}`], {
      env: cell.env,
      timeoutMs: SENDS_MS,
      signal,
    });
    const until = { ms: PASSES_MS, everyMs: LOOK_EVERY_MS };
    const passed = await poll(this.#system, until, signal, async () =>
      (await hasPassed(this.#system, table)) ? true : undefined,
    );
    return passed === true;
  }

  words(): string {
    return `with addresses of ${subnetOf(this.#blocks[0]?.number ?? 0)}; net.ipv4.ip_forward is 1 and stays 1`;
  }

  remedy(): string {
    return 'a container or the sandbox of a service may forbid namespaces: RestrictNamespaces=no';
  }

  async connection(): Promise<Result<Connection>> {
    const address = await this.#takeAddress();
    if (!address.ok) return address;
    const { block, cell } = address.value;
    const link = linkName(this.#mark, block.number, cell);
    const { host, inside } = addressesOf(block.number, cell);
    return good({
      resolvConf: cellResolvConf(this.#system),
      inside: [`addr add ${inside}/30 dev eth0`, 'link set eth0 up', `route add default via ${host}`],
      connect: (init) => addLink(this.#system, link, host, init),
      close: async () => {
        const gone = await this.#linkGone(link);
        if (gone.ok) block.used.delete(cell);
        return gone;
      },
    });
  }

  async close(): Promise<void> {
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
