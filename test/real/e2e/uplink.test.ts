import { beforeEach, expect } from 'vitest';
import { missingPrograms } from '../../support/missing-programs.ts';
import type { MonitoredWorld } from '../../support/monitored-world.ts';
import { until } from '../../support/until.ts';
import { stop } from '../../support/world.ts';
import { worldTest } from '../../support/world-test.ts';
import { inNamespace, layNetwork, place } from '../lab/network.ts';

const missing = missingPrograms(['ip', 'nft']);
beforeEach(({ skip }) => skip(missing !== undefined, missing));

const [gateways, control] = [place(1), place(2)];

/** The router forwards nothing: this host still has its routes, and no answer comes. */
function line(world: MonitoredWorld, state: 'cut' | 'up'): void {
  const forward = state === 'up' ? 1 : 0;
  world.run(inNamespace('router', `sh -c "echo ${forward} >/proc/sys/net/ipv4/ip_forward"`));
}

const subjects = (world: MonitoredWorld) =>
  world.mails().map((mail) => /^Subject: (.*)$/m.exec(mail)?.[1] ?? '');
const rows = (world: MonitoredWorld, row: RegExp) => world.csv().filter((text) => row.test(text)).length;

worldTest(
  'an uplink that is cut: one message when it is back, no streak; a gateway that failed meanwhile is told then',
  async ({ world }) => {
    layNetwork(world, [gateways, control]);
    const site = { external_ip: gateways.external, vpn_gw: 'works' };
    world.config(
      { site1: site, site2: { ...site, vpn_gw: 'switched' }, site3: site },
      `frequency: 2
ping: { count: 1, timeout: 2 }
uplink: { targets: ['ping://${control.external}'] }`,
    );
    world.gateway('works');
    await world.mailServer();
    const daemon = world.monitor();
    await until('all work', () => rows(world, /,site3,SUCCESS,/) >= 1);

    line(world, 'cut');
    world.gateway('refused');
    await until('cycles without an uplink', () => rows(world, /,site3,FAILURE,ERROR,ERROR,ERROR$/) >= 2);
    const typed = world.typed().length;
    const seen = rows(world, /,FAILURE,/);
    await until('another cycle', () => rows(world, /,FAILURE,/) >= seen + 3);
    expect(world.typed()).toHaveLength(typed);
    expect(subjects(world)).toEqual([]);
    const status = world.monitor(['status', '--json']);
    await status.ended;
    const { sites, hostFaults } = JSON.parse(status.stdout());
    expect(
      sites.map(({ now, unknown, failures, cause }: Record<string, unknown>) => [
        now,
        unknown,
        failures,
        cause,
      ]),
    ).toEqual(Array(3).fill(['unknown', 'host', 0, 'no-uplink']));
    expect(hostFaults).toEqual([expect.stringMatching(/^no control target answers \(ping:/)]);

    line(world, 'up');
    await until('the mail about the failed gateway', () => subjects(world).length === 2);
    expect(subjects(world)).toEqual([
      expect.stringMatching(/^the monitor on \S+ had no uplink from \d\d:\d\d to \d\d:\d\d \(\d+ s\)$/),
      'VPN site2 DOWN: log-in refused',
    ]);
    expect(world.mails()[1]).toMatch(/^Failures: +2 in a row/m);
    await stop(daemon);
    expect(world.log()).not.toMatch(/Alert: .*site[13]/);
  },
  120_000,
);
