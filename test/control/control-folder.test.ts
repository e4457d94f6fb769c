import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { ControlFolder } from '../../src/control/control-folder.ts';
import {
  ackOf,
  formatOrder,
  type GivenOrder,
  isOver,
  newAck,
  newSilence,
  type Order,
  parseOrder,
  silenceOf,
} from '../../src/control/order.ts';
import { orderInWords } from '../../src/control/order-words.ts';
import { DONE, type Result } from '../../src/model/result.ts';
import { realSystem } from '../../src/system/real-system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const system = realSystem({});
const FROM = Date.parse('2026-11-30T05:20:00Z');
const HOUR = 3_600_000;

let dir: string;
let folder: ControlFolder;
const at = (...names: string[]) => path.join(dir, 'control', ...names);
beforeEach(() => {
  dir = temporaryFolder();
  folder = new ControlFolder(dir, system);
});

function made<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.why);
  return result.value;
}

const silence = (sites: string[] | null, until = FROM + HOUR, reason: string | null = null) =>
  made(newSilence({ sites, from: FROM, until, reason }));
const ack = (site: string, from = FROM, note: string | null = null) => made(newAck({ site, from, note }));

describe('the folder of orders', () => {
  test('is for its group, and gives back what was written, with the author', () => {
    expect(folder.read()).toEqual({ orders: [], problems: [] });
    expect(folder.prepare(null)).toEqual(DONE);
    expect(fs.statSync(at()).mode & 0o7777).toBe(0o2770);
    const written = [silence(['oslo'], FROM + HOUR, 'the line'), ack('rome')];
    for (const order of written) expect(folder.write(order)).toEqual(DONE);
    const { orders, problems } = folder.read();
    expect(problems).toEqual([]);
    const author = process.getuid?.() === 0 ? 'root' : expect.any(String);
    expect(orders).toEqual([
      { ...written[1], id: expect.stringMatching(/^ack-/), author },
      { ...written[0], id: expect.stringMatching(/^silence-/), author },
    ]);
    for (const { id } of orders) {
      expect(fs.statSync(at(id)).mode & 0o777).toBe(0o640);
      expect(folder.remove(id)).toEqual(DONE);
      expect(folder.remove(id)).toEqual(DONE);
    }
    expect(fs.readdirSync(at())).toEqual([]);
  });

  test('gives itself and each file to the group', ({ skip }) => {
    skip(process.getuid?.() !== 0, 'needs root, to give files to any group');
    expect(folder.prepare(12_345)).toEqual(DONE);
    expect(fs.statSync(at()).gid).toBe(12_345);
    folder.write(ack('rome'));
    const [name = ''] = fs.readdirSync(at());
    expect(fs.statSync(at(name)).gid).toBe(12_345);
    expect(folder.prepare(null)).toEqual(DONE);
    expect(fs.statSync(at()).gid).toBe(process.getegid?.());
  });

  test('that may not have the set-group-id bit is for its group all the same', () => {
    const fchmodSync: typeof fs.fchmodSync = (fd, mode) => {
      if (Number(mode) > 0o777) throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
      fs.fchmodSync(fd, mode);
    };
    const strict = new ControlFolder(dir, { ...system, files: { ...fs, fchmodSync } });
    expect(strict.prepare(null)).toEqual(DONE);
    expect(fs.statSync(at()).mode & 0o7777).toBe(0o770);
  });

  test('that is missing says who makes it', () => {
    expect(folder.write(ack('rome'))).toMatchObject({
      why: `${at()} is missing: the monitor makes it when it starts, and after each test`,
    });
  });

  test('that is moved away is made again by the monitor that has made it, and by nobody else', () => {
    folder.prepare(null);
    fs.renameSync(at(), `${at()}-away`);
    expect(new ControlFolder(dir, system).read()).toEqual({ orders: [], problems: [] });
    expect(fs.existsSync(at())).toBe(false);
    expect(folder.read()).toEqual({ orders: [], problems: [] });
    expect(folder.write(ack('rome'))).toEqual(DONE);
    expect(folder.read().orders).toHaveLength(1);
    fs.renameSync(dir, `${dir}-away`);
    expect(folder.read()).toEqual({ orders: [], problems: [expect.stringContaining(at())] });
    fs.renameSync(`${dir}-away`, dir);
  });

  test('that is a link, or of another user, is not read', () => {
    const elsewhere = temporaryFolder();
    fs.writeFileSync(path.join(elsewhere, 'ack-1.json'), formatOrder(ack('rome')));
    fs.symlinkSync(elsewhere, at());
    expect(folder.read()).toEqual({
      orders: [],
      problems: [`${at()} is a symbolic link, which is not followed: move it away`],
    });
    expect(folder.prepare(null).ok).toBe(false);
  });

  test.each<[string, (file: string) => void]>([
    ['no JSON', (file) => fs.writeFileSync(file, 'nonsense')],
    ['of a newer version', (file) => fs.writeFileSync(file, '{"version":2,"kind":"ack"}')],
    ['large', (file) => fs.writeFileSync(file, `${' '.repeat(70_000)}${formatOrder(ack('rome'))}`)],
    ['a folder', (file) => fs.mkdirSync(file)],
    [
      'a link',
      (file) => {
        fs.writeFileSync(at('other'), formatOrder(ack('rome')));
        fs.symlinkSync(at('other'), file);
      },
    ],
    [
      'a second name of a file',
      (file) => {
        fs.writeFileSync(at('other'), formatOrder(ack('rome')));
        fs.linkSync(at('other'), file);
      },
    ],
    [
      'with a control character',
      (file) =>
        fs.writeFileSync(
          file,
          formatOrder(ack('rome')).replace('"note":null', String.raw`"note":"a\u001b[2J"`),
        ),
    ],
    [
      'for ever',
      (file) => fs.writeFileSync(file, formatOrder(silence(null)).replace(/"until":"2026/, '"until":"2036')),
    ],
  ])('reads no order that is %s, and says which file it is', (_name, write) => {
    folder.prepare(null);
    write(at('ack-bad.json'));
    folder.write(ack('rome'));
    const { orders, problems } = folder.read();
    expect(orders).toMatchObject([{ site: 'rome' }]);
    expect(problems).toEqual([expect.stringContaining(at('ack-bad.json'))]);
  });
});

describe('an order', () => {
  test('has texts of one line, and a silence an end', () => {
    const bad = [
      newAck({ site: 'a', from: 0, note: 'a\nb' }),
      newAck({ site: 'a', from: 0, note: 'x'.repeat(501) }),
    ];
    for (const result of bad) expect(result).toMatchObject({ why: expect.stringContaining('--note') });
    expect(newSilence({ sites: null, from: 0, until: 31 * 24 * HOUR, reason: null })).toMatchObject({
      why: 'a silence lasts at most 30 days',
    });
  });

  test('is the same when read again', () => {
    const orders: Order[] = [silence(null), silence(['a', 'b'], FROM + 1, 'ä'), ack('a', FROM, 'b')];
    for (const order of orders) expect(parseOrder(formatOrder(order))).toEqual(order);
  });

  test('of several, the one that ends last counts, and the newest acknowledgement', () => {
    const given = [
      silence(null, FROM + HOUR),
      silence(['a'], FROM + 3 * HOUR),
      ack('a', FROM),
      ack('a', FROM + HOUR),
    ].map((order, index): GivenOrder => ({ ...order, id: String(index), author: 'alice' }));
    const ids = (site: string, time: number) => silenceOf(given, site, time)?.id ?? null;
    expect([ids('a', FROM), ids('b', FROM)]).toEqual(['1', '0']);
    expect([ids('a', FROM + HOUR), ids('b', FROM + HOUR)]).toEqual(['1', null]);
    expect([ids('a', FROM - 1), ids('a', FROM + 3 * HOUR)]).toEqual([null, null]);
    expect([ackOf(given, 'a')?.id, ackOf(given, 'b')]).toEqual(['3', null]);
    expect(given.map((order) => isOver(order, FROM + 2 * HOUR))).toEqual([true, false, false, false]);
  });

  test('is a sentence for the log', () => {
    const given = { id: '', author: 'alice' };
    expect(orderInWords({ ...silence(['a', 'b'], FROM, 'new line'), ...given })).toMatch(
      /^a, b are silenced by alice until 2026-11-30 .*: new line$/,
    );
    expect(orderInWords({ ...silence(null), ...given })).toMatch(/^All sites are silenced by alice until /);
    expect(orderInWords({ ...ack('a', FROM, ''), ...given })).toMatch(
      /^a is acknowledged by alice at [^:]*:\d\d:\d\d \(.*\)$/,
    );
  });
});
