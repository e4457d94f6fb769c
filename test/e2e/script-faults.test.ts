import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { clients, momentNamed, reach } from '../support/moments.ts';
import { until } from '../support/until.ts';
import { stop } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

worldTest("the script's fault: SIGTERM leaves java and the tunnel running", async ({ world }) => {
  const daemon = await reach(momentNamed('it pings inside'), world);
  expect(clients(world).map(({ name }) => name)).toContain('java');
  await stop(daemon);
  expect(clients(world)).toEqual([]);
  expect(world.typed().at(-1)).toBe('line=quit');
});

worldTest(
  "the script's fault: a hung client becomes a zombie that costs every later site 11 s",
  async ({ world }) => {
    world.config(
      { hung: 'ignores-term', second: 'works', third: 'works' },
      'login: { step_timeout: 1 }\ncleanup: { settle_seconds: 10 }',
    );
    const daemon = world.monitor();
    await until('three rows', () => world.csv().length === 4);
    expect(world.processes().filter(({ parent, state }) => parent === daemon.pid() && state === 'Z')).toEqual(
      [],
    );
    await stop(daemon);
    expect(world.csv()[1]).toMatch(/,hung,FAILURE,/);
    expect(world.csv()[3]).toMatch(/,third,SUCCESS,/);
    // Only a leftover costs the wait for the gateway.
    expect(world.log()).not.toContain('was found to be running');
  },
);

worldTest(
  "the script's fault: a missing key kills the daemon when it reaches that site",
  async ({ world }) => {
    world.config({ first: 'works', second: { vpn_gw: 'works', internal_ip: undefined } });
    const refused = world.monitor();
    expect(await refused.ended).toBe(2);
    expect(refused.stderr()).toBe('config.yml:3: sites.second.internal_ip: missing (or inside)\n');
    expect(world.typed()).toEqual([]);
    expect(existsSync(world.at('results'))).toBe(false);
  },
);

worldTest("the script's fault: numeric passwords end as ERROR rows", async ({ world }) => {
  world.config({ first: 'works', second: { vpn_gw: 'works', password: 90210 } });
  const refused = world.monitor();
  expect(await refused.ended).toBe(2);
  expect(refused.stderr()).toBe(
    'config.yml:3: sites.second.password: expected a string, got a number: put it in quotes\n',
  );
  expect(world.typed()).toEqual([]);
});
