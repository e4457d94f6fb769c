import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { until } from '../../support/until.ts';
import { deviceTowards, hostProcesses, hostState } from '../lab/client.ts';
import { portSilent } from '../lab/faults.ts';
import { createLab, type Gateway, type Lab } from '../lab/lab.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { CLIENT_CONF } from '../lab/strongswan.ts';
import { labUnavailable } from '../lab/unavailable.ts';

const reason = labUnavailable(['charon-cmd', 'swanctl', 'vpnc']);
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

async function bringUp(): Promise<{ readonly world: MonitoredWorld; readonly gateway: Gateway }> {
  lab = await createLab([{ kind: 'strongswan' }], createMonitoredWorld());
  const [gateway] = lab.gateways;
  if (gateway === undefined) throw new Error('no gateway');
  const { world } = lab;
  world.run(`cat >/etc/strongswan.conf <<'END'\n${CLIENT_CONF}END`);
  return { world, gateway };
}

const COMMON = `login: { step_timeout: 8, quit_timeout: 20 }
dns: { restore: ['true'] }
cleanup: { settle_seconds: 0 }
ping: { count: 1, timeout: 60 }
`;

async function once(world: MonitoredWorld, names: readonly string[] = []) {
  const command = world.monitor(['once', '--json', ...names]);
  expect(await command.ended, command.stderr()).toBeLessThan(2);
  const sites = JSON.parse(command.stdout()).sites as {
    name: string;
    summary: string;
    cause: string | null;
  }[];
  return {
    came: sites.map(({ name, summary, cause }) =>
      [name, summary, ...(cause === null ? [] : [cause])].join(' '),
    ),
    whole: command.stdout() + command.stderr() + world.log(),
  };
}

test('charon-cmd at strongSwan: success and each failure by its cause, and the host is as before, also after a KILL', async () => {
  const { world, gateway } = await bringUp();
  const before = hostState(world);
  world.config(
    {
      works: siteSettings(gateway),
      wrong_password: siteSettings(gateway, { password: 'another' }),
      no_authority: siteSettings(gateway, { ca: undefined }),
      unresolved: siteSettings(gateway, { vpn_gw: 'gateway.invalid' }),
      works_again: siteSettings(gateway),
    },
    COMMON,
  );
  const { came, whole } = await once(world);
  expect(came, whole).toEqual([
    'works SUCCESS',
    'wrong_password FAILURE credentials-rejected',
    'no_authority FAILURE tls',
    'unresolved FAILURE name-not-resolved',
    'works_again SUCCESS',
  ]);
  expect(whole).not.toContain(gateway.password);
  expect(hostState(world)).toEqual(before);

  const mend = portSilent(gateway);
  const silent = await once(world, ['works']);
  expect(silent.came, silent.whole).toEqual(['works FAILURE unreachable']);
  await mend();

  gateway.run('ip link set inside down');
  const command = world.monitor(['once', 'works']);
  await until('the session is up', () => deviceTowards(world, gateway.internal) === 'ipsec0');
  const client = hostProcesses(world).find(({ name }) => name === 'charon-cmd');
  world.run(`kill -KILL ${client?.pid}`);
  expect(await command.ended).toBe(1);
  gateway.run('ip link set inside up');
  expect(world.log()).toContain('The rule "-4 220 from all lookup 220" was left by the client: removing it');
  expect(hostState(world)).toEqual(before);
});

test('vpnc at strongSwan: success and each failure by its cause, and the host is as before', async () => {
  const { world, gateway } = await bringUp();
  const before = hostState(world);
  const keys = { client: 'vpnc', ca: undefined, remote_ts: undefined, profile: `${gateway.folder}/profile` };
  world.config(
    {
      works: siteSettings(gateway, keys),
      wrong_password: siteSettings(gateway, { ...keys, password: 'another' }),
      wrong_group: siteSettings(gateway, { ...keys, profile: `${gateway.folder}/wrong-profile` }),
      unresolved: siteSettings(gateway, { ...keys, vpn_gw: 'gateway.invalid' }),
      refused: siteSettings(gateway, { ...keys, vpn_gw: '10.77.1.1' }),
      works_again: siteSettings(gateway, keys),
    },
    COMMON,
  );
  const { came, whole } = await once(world);
  expect(came, whole).toEqual([
    'works SUCCESS',
    'wrong_password FAILURE credentials-rejected',
    'wrong_group FAILURE credentials-rejected',
    'unresolved FAILURE name-not-resolved',
    'refused FAILURE unreachable',
    'works_again SUCCESS',
  ]);
  expect(hostState(world)).toEqual(before);
});
