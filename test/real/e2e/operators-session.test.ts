import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { until } from '../../support/until.ts';
import { deviceTowards, hostState } from '../lab/client.ts';
import { createLab, type Lab } from '../lab/lab.ts';
import { logIn } from '../lab/log-in.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { labUnavailable } from '../lab/unavailable.ts';

const reason = labUnavailable();
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

test.for(['before', 'during'] as const)(
  "the monitor's openconnect is killed; an operator who logged in %s its test stays logged in",
  async (when) => {
    lab = await createLab([{ kind: 'ocserv' }, { kind: 'ocserv' }], createMonitoredWorld());
    const { world, gateways } = lab;
    const [tested, operators] = gateways;
    if (tested === undefined || operators === undefined) throw new Error('no gateways');
    world.config(
      { gw: siteSettings(tested) },
      'ping: { count: 10, timeout: 60 }\nlogin: { step_timeout: 60, quit_timeout: 20 }\ndns: { restore: [sudo, -n, resolvconf, -u] }',
    );
    const clean = hostState(world);
    const logInAsOperator = async () => {
      const client = logIn(world, operators);
      await client.connected();
      await until('the operator reaches the inside', () =>
        deviceTowards(world, operators.internal)?.startsWith('tun'),
      );
      return client;
    };
    let client = when === 'before' ? await logInAsOperator() : undefined;
    const before = hostState(world);

    const once = world.monitor(['once', '--json', 'gw']);
    await until('the tunnel of the test carries traffic', () => tested.echoes().inside > 0);
    client ??= await logInAsOperator();
    const ours = world
      .processes()
      .filter(({ name, args }) => name === 'openconnect' && args.includes(tested.server))
      .map(({ pid }) => pid);
    expect(ours).toHaveLength(1);
    world.run(`kill -KILL ${ours.join(' ')}`);
    await once.ended;

    const [{ summary, cause }] = JSON.parse(once.stdout()).sites;
    expect([summary, cause]).toEqual(['FAILURE', 'client-exited']);
    const after = hostState(world);
    if (when === 'before') expect(after).toEqual(before);
    else expect(after.resolvConf).toBe(clean.resolvConf);
    expect(deviceTowards(world, operators.internal)).toMatch(/^tun/);
    world.run(`ping -c 1 -W 20 ${operators.internal}`);
    expect(await client.logOut()).toBe(0);
    expect(hostState(world)).toEqual(clean);
  },
);
