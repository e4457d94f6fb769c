import { expect } from 'vitest';
import { missingPrograms } from '../../support/missing-programs.ts';
import { CSV_HEADER, type MonitoredWorld } from '../../support/monitored-world.ts';
import { until } from '../../support/until.ts';
import { stop } from '../../support/world.ts';
import { worldTest } from '../../support/world-test.ts';
import { ofCells } from './at-once.ts';

/** What the gateways do (test/fixtures/startct), and the row that each test of them writes. None of it waits for a time limit. */
const SITES = {
  works: 'SUCCESS,N,N,N',
  'slow-quit': 'SUCCESS,N,N,N',
  'split-prompts': 'SUCCESS,N,N,N',
  noise: 'SUCCESS,N,N,N',
  rejects: 'FAILURE,N,ERROR,N',
  refused: 'FAILURE,N,ERROR,N',
  exits: 'FAILURE,N,ERROR,N',
  killed: 'FAILURE,N,ERROR,N',
} as const;
const AT_ONCE = Object.keys(SITES).length;
/** The monitor is killed when so many further rows are there: in the middle of a cycle, in each at another place. */
const KILLED_AFTER = [3, 11];

/** A row without its time, and with N for each number. */
const values = (row: string) =>
  row
    .split(',')
    .slice(1)
    .join(',')
    .replace(/\d+\.\d{3}/g, 'N');

/** The processes of clients. */
const clients = (world: MonitoredWorld) =>
  world.processes().filter(({ args }) => args.includes('startct -s'));

worldTest(
  `${AT_ONCE} clients at once that fail in every way, and a monitor that is killed meanwhile: each row is whole and true`,
  async ({ skip, world }) => {
    const reason =
      process.getuid?.() === 0 ? missingPrograms(['ip', 'nft', 'nsenter']) : 'needs root, for cells on veth';
    skip(reason !== undefined, reason);
    world.config(
      Object.fromEntries(Object.keys(SITES).map((gateway) => [gateway, gateway])),
      `isolation: cell
concurrency: ${AT_ONCE}
frequency: 1
ping: { count: 1, timeout: 60 }
login: { step_timeout: 60, quit_timeout: 20 }
logging: { dir: results, file: result }`,
    );
    const start = () => world.monitor([], { SIM_RESOLV: '', SIM_TYPED: '' });
    for (const more of KILLED_AFTER) {
      const wanted = world.csv().length + more;
      const killed = start();
      await until('further rows', () => world.csv().length >= wanted);
      killed.signal('SIGKILL');
      await killed.ended;
      await until(
        'clients and links are gone',
        () => clients(world).length === 0 && ofCells(world).links.length === 0,
      );
    }
    const wanted = world.csv().length + AT_ONCE;
    const last = start();
    await until('a whole cycle', () => world.csv().length >= wanted);
    await stop(last);

    const [header, ...rows] = world.csv();
    expect(header).toBe(CSV_HEADER);
    const expected = new Set(Object.entries(SITES).map(([site, row]) => `${site},${row}`));
    expect(
      rows.map(values).filter((row) => !expected.has(row)),
      world.log(),
    ).toEqual([]);
    expect(new Set(rows.map(values))).toEqual(expected);
    expect(clients(world)).toEqual([]);
    expect(ofCells(world)).toEqual({ links: [], tables: [], clients: [] });
  },
  300_000,
);
