import { renameSync, symlinkSync } from 'node:fs';
import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { stop } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

const SITES = ['one', 'two', 'three'];
const NUMBER = /^\d+\.\d{3}$/;

interface Case {
  /** The command that is gone for a while. */
  readonly tool: string;
  /** What the mail says about it: that it is gone may show only when it is started. */
  readonly words: RegExp;
  /** Which of the three stages have no number without it. */
  readonly errors: readonly [boolean, boolean, boolean];
}

worldTest.for<Case>([
  {
    tool: 'ping',
    words: /the command ping is not in PATH|\/ping could not be executed: No such file/,
    errors: [true, false, true],
  },
  {
    tool: 'startct',
    words: /the client (?:startct is not in PATH|\S+\/startct could not be executed: No such file)/,
    errors: [false, true, false],
  },
  {
    tool: 'ps',
    words: /ps can't list the processes: the command ps is not in PATH/,
    errors: [true, true, true],
  },
])(
  'without $tool and with three sites: one mail, not three; one when it is back; no streak',
  async ({ tool, words, errors }, { world }) => {
    const { config, monitor, mailServer, mails, csv, at, run, read } = world;
    config(Object.fromEntries(SITES.map((site) => [site, 'works'])), 'frequency: 1');
    run('mkdir tools');
    const tools = ['ping', 'ps', 'bash', 'sleep'].map((name) => run(`command -v ${name}`).trim());
    for (const file of [...tools, at('bin', 'startct')])
      symlinkSync(file, at('tools', file.replace(/.*\//, '')));
    await mailServer();
    const daemon = monitor([], {}, ['env', `PATH=${at('tools')}`]);
    await until('a cycle without a fault', () => csv().length >= 4);
    renameSync(at('tools', tool), at('gone'));
    const mailed = await until('a mail about the host', () => mails()[0]);
    const rows = csv().length;
    await until('two cycles with the fault', () => csv().length >= rows + 6);
    const during = csv();
    renameSync(at('gone'), at('tools', tool));
    await until('a mail about the end', () => mails()[1]);
    const back = csv().length;
    await until('another cycle', () => csv().length >= back + 3);
    await stop(daemon);

    expect(mailed).toMatch(/^Subject: the monitor on \S+ cannot test: /m);
    expect(mailed).toMatch(words);
    expect(mails().slice(1)).toEqual([
      expect.stringMatching(/^Subject: the monitor on \S+ can test again /m),
    ]);
    for (const site of SITES) {
      const [, , summary, ...values] = (during.findLast((row) => row.includes(`,${site},`)) ?? '').split(',');
      expect([summary, ...values.map((value) => (NUMBER.test(value) ? 'a number' : value))]).toEqual([
        'FAILURE',
        ...errors.map((isError) => (isError ? 'ERROR' : 'a number')),
      ]);
      expect(csv().findLast((row) => row.includes(`,${site},`))).toContain('SUCCESS');
    }
    const { sites, host } = JSON.parse(read('results', '.state', 'state.json'));
    expect(
      sites.map(({ consecutiveFailures }: { consecutiveFailures: number }) => consecutiveFailures),
    ).toEqual([0, 0, 0]);
    expect(host).toBeNull();
  },
);

worldTest(
  'without a route to any gateway: no log-in, no streak; one mail about this host, when there is one again',
  async ({ world }) => {
    const { config, monitor, mailServer, mails, csv, read, log } = world;
    const at = (net: string) =>
      Object.fromEntries(
        SITES.map((site, index) => [
          site,
          { vpn_gw: 'works', external_ip: `${net}.${index + 1}`, internal_ip: `${net}.${index + 1}` },
        ]),
      );
    config(at('192.0.2'), 'frequency: 1');
    await mailServer();
    const daemon = monitor();
    await until('two cycles', () => csv().length >= 7);
    const during = csv();
    config(at('127.0.0'), 'frequency: 1');
    daemon.signal('SIGHUP');
    await until('a mail about the end', () => mails()[0]);
    await stop(daemon);

    expect(during.slice(1, 7).map((row) => row.replace(/^[^,]*,/, ''))).toEqual(
      [...SITES, ...SITES].map((site) => `${site},FAILURE,ERROR,ERROR,ERROR`),
    );
    expect(mails()).toEqual([
      expect.stringMatching(
        /^Subject: the monitor on \S+ had no uplink from [\s\S]*\n {2}uplink: it has no route to the gateways$/m,
      ),
    ]);
    expect(log().split('Config read again')[0]).not.toContain('Running vpn gw delay test');
    const { sites } = JSON.parse(read('results', '.state', 'state.json'));
    expect(sites).toHaveLength(3);
    for (const { consecutiveFailures } of sites) expect(consecutiveFailures).toBe(0);
  },
);

worldTest(
  'a fault of the host between two failures of a site neither counts nor resets',
  async ({ world }) => {
    const { config, gateway, monitor, mailServer, mails, csv, run, at } = world;
    config({ bad: 'switched' }, 'frequency: 1\nalerts: { after: 4 }');
    gateway('rejects');
    await mailServer();
    const daemon = monitor();
    await until('a failure of the site', () => csv().length >= 2);
    const client = at('bin', 'startct');
    renameSync(client, at('gone'));
    await until('the fault is mailed', () => mails().length === 1);
    const rows = csv().length;
    await until('as many faults as would be an alert', () => csv().length >= rows + 4);
    expect(mails()).toHaveLength(1);
    run(`mv gone ${client}`);
    await until('the alert', () =>
      mails().find((mail) => /^Subject: VPN bad DOWN: credentials rejected$/m.test(mail)),
    );
    await stop(daemon);
    const real = world.typed().filter((line) => line.startsWith('args='));
    expect(real.length).toBeGreaterThanOrEqual(4);
  },
);
