import { acquireLock } from '../lock/lock.ts';
import type { Log } from '../log/log.ts';
import type { System } from '../system/system.ts';
import { removeLink, removeTable, tables } from './cell-link.ts';
import { blockIn, blockLock } from './cell-names.ts';

/**
 * Removes the devices and tables that a monitor of the same results folder left when it was killed: those with its mark whose block nobody
 * owns any more. Call it before this process owns a block.
 */
export async function sweep(system: System, mark: string, log: Log): Promise<void> {
  const links = system
    .listFolder('/sys/class/net')
    .map((name) => ({ name, what: 'device', remove: removeLink }));
  const left = (await tables(system)).map((name) => ({ name, what: 'table', remove: removeTable }));
  for (const { name, what, remove } of [...links, ...left]) {
    const block = blockIn(name, mark);
    if (block === undefined) continue;
    const holder = { pid: system.pid, what: 'a clean-up', since: system.now().toISOString() };
    const lock = await acquireLock(blockLock(block), holder, system);
    if (!lock.ok) continue;
    const removed = await remove(system, name);
    if (removed.ok) log.warning(`The ${what} ${name} was left by a monitor that was killed: removed`);
    else log.warning(`The ${what} ${name} was left by a monitor that was killed: ${removed.why}`);
    lock.value.release();
  }
}
