import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MonitoredWorld } from '../../support/monitored-world.ts';
import { until } from '../../support/until.ts';
import { stop } from '../../support/world.ts';
import { hostProcesses } from '../lab/client.ts';
import type { GatewayOptions, Lab } from '../lab/lab.ts';
import { CLIENT_CONF } from '../lab/strongswan.ts';
import { labUnavailable } from '../lab/unavailable.ts';
import { AT_ONCE, bringUp, hostWithoutCells, ofCells, sitesOf } from './at-once.ts';

const reason = labUnavailable(['wg', 'wireguard-go', 'charon-cmd', 'swanctl']);
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

const SITES = 20;
/** `CYCLES=10` for the long run. */
const CYCLES = Number(process.env['CYCLES'] ?? 2);
const OF_FIVE: readonly GatewayOptions['kind'][] = ['ocserv', 'ocserv', 'wireguard', 'openvpn', 'strongswan'];
const KINDS = Array.from({ length: SITES / OF_FIVE.length }, () => OF_FIVE).flat();
/** What runs in the host's network: the monitor, its pings outside, and the programs that make a cell. */
const OF_THE_MONITOR = /^(?:MainThread|node|ping|ip|nft|setpriv|unshare|nsenter|ps|bash|sh|cat|ls)$/;

test(
  `${SITES} sites with the same inner subnet, all at once: each echo at its own gateway, and the host untouched`,
  async () => {
    lab = await bringUp(KINDS);
    const { gateways, world } = lab;
    world.run(`cat >/etc/strongswan.conf <<'END'\n${CLIENT_CONF}END`);
    expect(new Set(gateways.map(({ internal }) => internal)).size).toBe(1);
    // Somebody else's rules.
    world.run("nft 'table inet office { chain watch { type filter hook input priority 5; counter; }; }'");
    const look = () =>
      JSON.stringify(hostWithoutCells(world)).replace(/counter packets \d+ bytes \d+/g, 'counter');
    const before = look();
    const processes = () => hostProcesses(world).map(({ name }) => name);
    const ranBefore = processes();
    world.config(sitesOf(gateways), AT_ONCE);
    const daemon = world.monitor([], { SIM_RESOLV: '' });
    const during = new Set<string>();
    const ran = new Set<string>();
    let most = 0;
    await until(
      `${CYCLES} cycles`,
      () => {
        during.add(look());
        for (const name of processes()) ran.add(name);
        most = Math.max(most, ofCells(world).links.length);
        return world.csv().length > CYCLES * SITES;
      },
      { everyMs: 1000, progress: () => world.csv().length },
    );
    await stop(daemon);
    const rows = world
      .csv()
      .slice(1)
      .map((row) => row.split(','));
    expect(
      rows.filter(([, , summary]) => summary !== 'SUCCESS'),
      world
        .log()
        .split('\n')
        .filter((line) => /WARNING|CRITICAL|ERROR/.test(line))
        .join('\n'),
    ).toEqual([]);
    for (const gateway of gateways) {
      const tests = rows.filter(([, name]) => name === gateway.name).length;
      expect(tests).toBeGreaterThanOrEqual(CYCLES);
      const { inside } = gateway.echoes();
      expect(inside, gateway.name).toBeGreaterThanOrEqual(2 * tests);
      // WireGuard is woken by further ones, one each second. A test of the next cycle may have been cut short.
      if (gateway.kind !== 'wireguard') expect(inside, gateway.name).toBeLessThanOrEqual(2 * tests + 2);
    }
    expect(most).toBeGreaterThan(1);
    expect([...during]).toEqual([before]);
    expect([...ran].filter((name) => !OF_THE_MONITOR.test(name))).toEqual([]);
    expect(look()).toBe(before);
    expect(processes()).toEqual(ranBefore);
    expect(ofCells(world)).toEqual({ links: [], tables: [], clients: [] });
  },
  250_000 * CYCLES,
);
