import { cpSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { clients, MOMENTS, reach, reachMail } from '../support/moments.ts';
import { CSV_HEADER, createMonitoredWorld, type MonitoredWorld, NOON } from '../support/monitored-world.ts';
import { until } from '../support/until.ts';
import { stop, worldUnavailable } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

const reason = worldUnavailable();
/** Its results folder holds what a monitor has left after the first failure of the site `bad`. */
let begun: MonitoredWorld | undefined;

beforeAll(async () => {
  if (reason !== undefined) return;
  begun = createMonitoredWorld();
  await failOnce(begun);
});
afterAll(() => begun?.end());

const WHOLE_ROW =
  /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4},\w+,(?:SUCCESS|FAILURE)(?:,(?:\d+\.\d{3}|ERROR)){3}$/;

async function failOnce({ config, monitor, csv, read }: MonitoredWorld) {
  config({ bad: 'rejects' });
  const daemon = monitor([], { TZ: NOON });
  await until('a failure', () => csv().length > 1 && read('results', '.state', 'state.json') !== '');
  daemon.signal('SIGTERM');
  await daemon.ended;
}

function rowsOf(world: MonitoredWorld, site: string): string[] {
  return world.csv().filter((row) => row.includes(`,${site},`));
}

for (const moment of MOMENTS) {
  worldTest(
    `kill -9 while ${moment.name}, and a new start: all is as if it had not been, but for that test`,
    async ({ world }) => {
      if (begun) cpSync(begun.at('results'), world.at('results'), { recursive: true });
      await world.mailServer();
      const killed = await reach(moment, world, { bad: 'rejects' });
      // Not before it knows that the mail has arrived: in between, it would rightly send it again.
      if (moment.tested) await until('the mail', () => world.log().includes('Mail sent: '));
      killed.signal('SIGKILL');
      await killed.ended;
      for (const { pid, args } of world.processes()) {
        if (args.includes('holds-lock')) world.run(`kill -KILL ${pid}`);
      }
      const old = clients(world).map(({ pid }) => pid);
      const tested = rowsOf(world, 'site1').length;
      const failed = rowsOf(world, 'bad').length;

      world.config({ site1: 'works', bad: 'rejects' });
      const next = world.monitor([], { TZ: NOON });
      await until('the next failure', () => rowsOf(world, 'bad').length > failed);
      await until('the mail', () => world.mails().length > 0);
      await stop(next);

      expect(world.csv()[0]).toBe(CSV_HEADER);
      for (const row of world.csv().slice(1)) expect(row).toMatch(WHOLE_ROW);
      expect(rowsOf(world, 'site1')).toHaveLength(tested + 1);
      expect(rowsOf(world, 'site1').at(-1)).toContain(',SUCCESS,');
      expect(world.mails()).toHaveLength(1);
      expect(world.mails()[0]).toContain('Subject: VPN bad DOWN: credentials rejected');
      expect(world.processes().filter(({ pid, state }) => old.includes(pid) && state !== 'Z')).toEqual([]);
      expect(clients(world)).toEqual([]);
      expect(world.read('resolv.conf')).toBe('nameserver 192.0.2.53\n');
    },
  );
}

worldTest(
  'kill -9 while a mail server keeps it waiting, and a new start: the mail arrives, once',
  async ({ world }) => {
    world.config({ bad: 'rejects' }, 'alerts: { after: 1 }');
    const { daemon, silent } = await reachMail(world);
    for (const process of [daemon, silent]) {
      process.signal('SIGKILL');
      await process.ended;
    }
    await world.mailServer();
    const next = world.monitor([], { TZ: NOON });
    await until('the second failure', () => rowsOf(world, 'bad').length === 2);
    await until('the mail', () => world.mails().length > 0);
    await stop(next);
    expect(world.mails()).toHaveLength(1);
    expect(world.mails()[0]).toContain('Failures:      1 in a row, since ');
    expect(world.csv().filter((row) => row === CSV_HEADER)).toHaveLength(1);
  },
);
