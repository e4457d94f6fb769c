import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { stop } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

worldTest(
  'run tests two sites in turn, again and again, mails once, and stops cleanly',
  async ({ world }) => {
    const { monitor, mailServer, config, csv, mails } = world;
    config({ good: 'works', bad: 'rejects' }, 'frequency: 1');
    await mailServer();
    const daemon = monitor();
    await until('eight lines', () => csv().length >= 8);
    await stop(daemon);
    const rows = csv();
    expect(rows[0]).toBe('Time,CPE Name,Summary,Stage 1 in ms,Stage 2 in ms,Stage 3 in ms');
    expect(rows[1]).toMatch(
      /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4},good,SUCCESS,\d+\.\d{3},\d+\.\d{3},\d+\.\d{3}$/,
    );
    expect(rows[2]).toMatch(/,bad,FAILURE,\d+\.\d{3},ERROR,\d+\.\d{3}$/);
    expect(rows.filter((row) => row.startsWith('Time'))).toHaveLength(1);
    expect(mails()).toHaveLength(1);
    expect(mails()[0]).toContain('Subject: VPN bad DOWN: credentials rejected');
    expect(world.processes().filter(({ name }) => name === 'startct')).toEqual([]);
  },
);
