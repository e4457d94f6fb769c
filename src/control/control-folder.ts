import { randomUUID } from 'node:crypto';
import type fs from 'node:fs';
import path from 'node:path';
import { checkPrivateFolder } from '../files/private-folder.ts';
import { readAt, writeWhole } from '../files/read-write.ts';
import { reason } from '../files/reason.ts';
import { DONE, failed, good, type Result } from '../model/result.ts';
import { userName } from '../rights/user-name.ts';
import type { System } from '../system/system.ts';
import { formatOrder, type GivenOrder, type Order, parseOrder } from './order.ts';

/** The folder in the results folder in which people leave orders for the monitor: one file for each. */
export const CONTROL_FOLDER = 'control';
/** Larger than any order, in bytes. */
const ORDER_LIMIT = 64 * 1024;
/** More orders than this are not read. */
const MOST_ORDERS = 1000;
const ORDER_NAME = /^(?:silence|ack)-[\w-]{1,80}\.json$/;
/** Its group may add and remove orders. The set-group-id bit gives new files to the group. */
const MODE = 0o2770;

/** The orders of a folder, and what could not be read. */
export interface ReadOrders {
  readonly orders: readonly GivenOrder[];
  /** One line for each file that is no order, or why the folder can't be read. */
  readonly problems: readonly string[];
}

/**
 * The folder of orders of a results folder. `silence` and `ack` write a file, and the monitor reads the folder whenever it decides: so an order
 * takes effect at once, with or without a running monitor, and survives restarts. Who may write to the folder may give orders.
 */
export class ControlFolder {
  readonly #folder: string;
  readonly #system: System;
  /** What {@link prepare} was called with; `undefined`: the folder is another process's to make. */
  #prepared: number | null | undefined;

  /** @param dir the results folder */
  constructor(dir: string, system: System) {
    this.#folder = path.join(dir, CONTROL_FOLDER);
    this.#system = system;
  }

  /**
   * Makes the folder and gives it to a group. {@link read} then makes it again if it is gone, as after the results folder was moved
   * away. Never throws.
   *
   * @param gid `null`: the group of this process
   */
  prepare(gid: number | null): Result {
    this.#prepared = gid;
    const { files } = this.#system;
    try {
      if (!files.existsSync(this.#folder)) files.mkdirSync(this.#folder, { mode: 0o700 });
      const trusted = checkPrivateFolder(files, this.#folder);
      if (!trusted.ok) return trusted;
      const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = files.constants;
      const fd = files.openSync(this.#folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      try {
        this.#give(fd, gid);
      } finally {
        files.closeSync(fd);
      }
      return DONE;
    } catch (error) {
      return failed(`${this.#folder} can't be given to its group: ${reason(error)}`);
    }
  }

  #give(fd: number, gid: number | null): void {
    const { files } = this.#system;
    const found = files.fstatSync(fd);
    const group = gid ?? process.getegid?.() ?? found.gid;
    if (found.gid !== group) files.fchownSync(fd, found.uid, group);
    if ((found.mode & 0o7777) === MODE) return;
    try {
      files.fchmodSync(fd, MODE);
    } catch {
      // RestrictSUIDSGID= of the unit. `write` gives each file to the group anyway.
      files.fchmodSync(fd, MODE & 0o777);
    }
  }

  /** The orders. A folder that is missing has none. Never throws. */
  read(): ReadOrders {
    const { files } = this.#system;
    const trusted = checkPrivateFolder(files, this.#folder);
    if (!trusted.ok) return { orders: [], problems: [trusted.why] };
    let names: readonly string[];
    try {
      names = files.readdirSync(this.#folder).filter((name) => ORDER_NAME.test(name));
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!['ENOENT', 'ENOTDIR'].includes(code)) {
        return { orders: [], problems: [`${this.#folder} can't be read: ${reason(error)}`] };
      }
      const made = this.#prepared === undefined ? DONE : this.prepare(this.#prepared);
      return { orders: [], problems: made.ok ? [] : [made.why] };
    }
    const orders: GivenOrder[] = [];
    const problems: string[] = [];
    for (const id of names.toSorted().slice(0, MOST_ORDERS)) {
      const found = this.#readOrder(id);
      if (found.ok) orders.push(found.value);
      else if (found.why !== '') problems.push(found.why);
    }
    return { orders, problems };
  }

  /** Reads an order. Follows no link: it could lead to a file that its author may not read. `why` is empty: it is gone. */
  #readOrder(id: string): Result<GivenOrder> {
    const { files } = this.#system;
    const file = path.join(this.#folder, id);
    let fd: number | undefined;
    try {
      const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = files.constants;
      fd = files.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      const stat = files.fstatSync(fd);
      // A second name of a file of another user would make that user the author.
      if (!stat.isFile() || stat.nlink !== 1) return failed(`${file} is no order: it is not a plain file`);
      const bytes = readAt(files, fd, 0, ORDER_LIMIT + 1);
      const order = bytes.length > ORDER_LIMIT ? null : parseOrder(bytes.toString('utf8'));
      if (order === null) return failed(`${file} is no order that this version understands`);
      return good({ ...order, id, author: userName(this.#system, stat.uid) });
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      return failed(code === 'ENOENT' ? '' : `${file} can't be read: ${reason(error)}`);
    } finally {
      if (fd !== undefined) files.closeSync(fd);
    }
  }

  /** Adds an order: whole, or not at all. Never throws. */
  write(order: Order): Result {
    const { files } = this.#system;
    const text = Buffer.from(formatOrder(order));
    if (text.length > ORDER_LIMIT || parseOrder(text.toString('utf8')) === null)
      return failed('one order can not name so many sites');
    const name = `${order.kind}-${randomUUID()}.json`;
    const temporary = path.join(this.#folder, `.${name}`);
    try {
      const fd = files.openSync(temporary, 'wx', 0o640);
      try {
        giveToGroup(files, fd, files.statSync(this.#folder).gid);
        writeWhole(files, fd, text);
        files.fsyncSync(fd);
      } finally {
        files.closeSync(fd);
      }
      files.renameSync(temporary, path.join(this.#folder, name));
      return DONE;
    } catch (error) {
      files.rmSync(temporary, { force: true });
      return failed(this.#whyNotWritten(error));
    }
  }

  #whyNotWritten(error: unknown): string {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      return `${this.#folder} is missing: the monitor makes it when it starts, and after each test`;
    if (code !== 'EACCES') return `${this.#folder} can't be written: ${reason(error)}`;
    return `${this.#folder} can't be written by this user: only its group may (control.group)`;
  }

  /** Removes an order. One that is gone is no failure. Never throws. */
  remove(id: string): Result {
    try {
      this.#system.files.rmSync(path.join(this.#folder, path.basename(id)), { force: true });
      return DONE;
    } catch (error) {
      return failed(this.#whyNotWritten(error));
    }
  }
}

/** The folder's group must be able to read it: the monitor may be another user. */
function giveToGroup(files: typeof fs, fd: number, gid: number): void {
  files.fchmodSync(fd, 0o640);
  const { uid, gid: own } = files.fstatSync(fd);
  if (own !== gid) files.fchownSync(fd, uid, gid);
}
