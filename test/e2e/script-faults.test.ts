import { existsSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { clients, momentNamed, reach } from '../support/moments.ts';
import { createMonitoredWorld, type MonitoredWorld } from '../support/monitored-world.ts';
import { until } from '../support/until.ts';
import { worldUnavailable } from '../support/world.ts';

const reason = worldUnavailable();
let world: MonitoredWorld;
afterEach(() => world?.end());

test("the script's fault: SIGTERM leaves java and the tunnel running", async ({ skip }) => {
  skip(reason !== undefined, reason);
  world = createMonitoredWorld();
  const daemon = await reach(momentNamed('it pings inside'), world);
  expect(clients(world).map(({ name }) => name)).toContain('java');
  daemon.signal('SIGTERM');
  expect(await daemon.ended, daemon.stderr()).toBe(0);
  expect(clients(world)).toEqual([]);
  expect(world.typed().at(-1)).toBe('line=quit');
});

test("the script's fault: a hung client becomes a zombie that costs every later site 11 s", async ({
  skip,
}) => {
  skip(reason !== undefined, reason);
  world = createMonitoredWorld();
  world.config(
    { hung: 'ignores-term', second: 'works', third: 'works' },
    'login: { step_timeout: 1 }\ncleanup: { settle_seconds: 10 }',
  );
  const daemon = world.monitor();
  await until('three rows', () => world.csv().length === 4);
  expect(world.processes().filter(({ parent, state }) => parent === daemon.pid() && state === 'Z')).toEqual(
    [],
  );
  daemon.signal('SIGTERM');
  expect(await daemon.ended, daemon.stderr()).toBe(0);
  expect(world.csv()[1]).toMatch(/,hung,FAILURE,/);
  expect(world.csv()[3]).toMatch(/,third,SUCCESS,/);
  // Only a left-over costs the wait for the gateway.
  expect(world.log()).not.toContain('was found to be running');
});

test("the script's fault: a missing key kills the daemon when it reaches that site", async ({ skip }) => {
  skip(reason !== undefined, reason);
  world = createMonitoredWorld();
  world.config({ first: 'works', second: { vpn_gw: 'works', internal_ip: undefined } });
  const refused = world.monitor();
  expect(await refused.ended).toBe(2);
  expect(refused.stderr()).toBe('config.yml:3: sites.second.internal_ip: missing\n');
  expect(world.typed()).toEqual([]);
  expect(existsSync(world.at('results'))).toBe(false);
});

test("the script's fault: numeric passwords end as ERROR rows", async ({ skip }) => {
  skip(reason !== undefined, reason);
  world = createMonitoredWorld();
  world.config({ first: 'works', second: { vpn_gw: 'works', password: 90210 } });
  const refused = world.monitor();
  expect(await refused.ended).toBe(2);
  expect(refused.stderr()).toBe(
    'config.yml:3: sites.second.password: expected a string, got a number: put it in quotes\n',
  );
  expect(world.typed()).toEqual([]);
});
