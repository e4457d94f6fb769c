import { afterEach, beforeEach, expect, test } from 'vitest';
import { charonCmd } from '../../../src/clients/charon-cmd.ts';
import { vpnc } from '../../../src/clients/vpnc.ts';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { ownClients } from '../../support/own-clients.ts';
import { until } from '../../support/until.ts';
import { deviceTowards, hostProcesses, hostState } from '../lab/client.ts';
import { portSilent, serverKilled } from '../lab/faults.ts';
import { createLab, type Gateway, type Lab } from '../lab/lab.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { CLIENT_CONF } from '../lab/strongswan.ts';
import { labUnavailable } from '../lab/unavailable.ts';
import { callWitness, type Witness } from '../lab/witness.ts';

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

// Time for two packets of IKE that are lost: they are sent again after 4 s and 7.2 s.
const COMMON = `login: { step_timeout: 20, quit_timeout: 20 }
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
    detail: string | null;
  }[];
  return {
    // Without the number of the thread that strongSwan begins its lines with.
    details: new Map(sites.map(({ name, detail }) => [name, detail?.replace(/^\d+\[/, '[')])),
    came: sites.map(({ name, summary, cause }) =>
      [name, summary, ...(cause === null ? [] : [cause])].join(' '),
    ),
    whole: command.stdout() + command.stderr() + world.log(),
  };
}

/** Tests the site `works`; `meanwhile` happens before its inside is pinged, the tunnel being up. Returns its row in words. */
async function interrupted(
  world: MonitoredWorld,
  witness: Witness,
  { internal }: Gateway,
  meanwhile: () => Promise<unknown>,
) {
  witness.hold(internal);
  const command = world.monitor(['once', '--json', 'works']);
  await until('the inside is about to be pinged', () => witness.holds(internal));
  await meanwhile();
  witness.release(internal);
  await command.ended;
  const [{ summary, cause, detail, stages }] = JSON.parse(command.stdout()).sites;
  return [summary, ...stages.map(({ outcome }: { outcome: string }) => outcome), cause, detail];
}

test('charon-cmd at strongSwan: success and each failure by its cause, and the host is as before, also after a KILL', async () => {
  const { world, gateway } = await bringUp();
  const before = hostState(world);
  const own = { client: 'own-charon-cmd' };
  world.config(
    {
      works: siteSettings(gateway),
      wrong_password: siteSettings(gateway, { password: 'another' }),
      no_authority: siteSettings(gateway, { ca: undefined }),
      unresolved: siteSettings(gateway, { vpn_gw: 'gateway.invalid' }),
      own: siteSettings(gateway, own),
      own_wrong_password: siteSettings(gateway, { ...own, password: 'another' }),
      works_again: siteSettings(gateway),
    },
    COMMON + ownClients(charonCmd),
  );
  const { came, details, whole } = await once(world);
  expect(came, whole).toEqual([
    'works SUCCESS',
    'wrong_password FAILURE credentials-rejected',
    'no_authority FAILURE tls',
    'unresolved FAILURE name-not-resolved',
    'own SUCCESS',
    'own_wrong_password FAILURE credentials-rejected',
    'works_again SUCCESS',
  ]);
  expect(details.get('own_wrong_password')).toBe(details.get('wrong_password'));
  expect(whole).not.toContain(gateway.password);
  expect(hostState(world)).toEqual(before);

  const mend = portSilent(gateway);
  const silent = await once(world, ['works']);
  expect(silent.came, silent.whole).toEqual(['works FAILURE unreachable']);
  await mend();

  const killed = await interrupted(world, callWitness(world), gateway, async () => {
    expect(deviceTowards(world, gateway.internal)).toBe('ipsec0');
    const client = hostProcesses(world).find(({ name }) => name === 'charon-cmd');
    world.run(`kill -KILL ${client?.pid}`);
  });
  expect(killed.slice(0, 5)).toEqual(['FAILURE', 'ok', 'ok', 'timeout', 'client-exited']);
  expect(world.log()).toContain('The rule "-4 220 from all lookup 220" was left by the client: removing it');
  expect(hostState(world)).toEqual(before);
});

test('vpnc at strongSwan: success and each failure by its cause, and the host is as before', async () => {
  const { world, gateway } = await bringUp();
  const before = hostState(world);
  const keys = { client: 'vpnc', ca: undefined, remote_ts: undefined, profile: `${gateway.folder}/profile` };
  const own = { ...keys, client: 'own-vpnc' };
  world.config(
    {
      works: siteSettings(gateway, keys),
      wrong_password: siteSettings(gateway, { ...keys, password: 'another' }),
      own: siteSettings(gateway, own),
      own_wrong_password: siteSettings(gateway, { ...own, password: 'another' }),
      unresolved: siteSettings(gateway, { ...keys, vpn_gw: 'gateway.invalid' }),
      refused: siteSettings(gateway, { ...keys, vpn_gw: '10.77.1.1' }),
      works_again: siteSettings(gateway, keys),
      // The gateway sends its answer again for some time, which disturbs the next log-in of vpnc.
      wrong_group: siteSettings(gateway, { ...keys, profile: `${gateway.folder}/wrong-profile` }),
    },
    COMMON + ownClients(vpnc),
  );
  const { came, details, whole } = await once(world);
  expect(came, whole).toEqual([
    'works SUCCESS',
    'wrong_password FAILURE credentials-rejected',
    'own SUCCESS',
    'own_wrong_password FAILURE credentials-rejected',
    'unresolved FAILURE name-not-resolved',
    'refused FAILURE unreachable',
    'works_again SUCCESS',
    'wrong_group FAILURE credentials-rejected',
  ]);
  expect(details.get('own_wrong_password')).toBe(details.get('wrong_password'));
  expect(hostState(world)).toEqual(before);
});

test.each([
  {
    client: 'charon-cmd',
    keys: {},
    kicked: ['client-exited', 'received DELETE for IKE_SA'],
    dead: ['inside-unreachable', 'no reply to 1 echo request'],
  },
  {
    client: 'vpnc',
    keys: { client: 'vpnc', ca: undefined, remote_ts: undefined },
    kicked: ['inside-unreachable', 'no reply to 1 echo request'],
    dead: ['client-exited', 'the client said: vpnc: recvfrom: Connection refused'],
  },
])(
  'a session of $client that an administrator ends, and one whose gateway dies: the cause, and the host is as before',
  async ({ keys, kicked, dead }) => {
    const { world, gateway } = await bringUp();
    const before = hostState(world);
    const profile = 'client' in keys ? { profile: `${gateway.folder}/profile` } : {};
    // Neither waits for long for an answer of the gateway to its log-out.
    const common = COMMON.replace('quit_timeout: 20', 'quit_timeout: 3');
    world.config({ works: siteSettings(gateway, { ...keys, ...profile }) }, common);
    const witness = callWitness(world);
    const row = ([cause, words]: readonly string[]) => [
      'FAILURE',
      'ok',
      'ok',
      'timeout',
      cause,
      expect.stringContaining(words ?? ''),
    ];
    expect(await interrupted(world, witness, gateway, () => gateway.kick())).toEqual(row(kicked));
    expect(hostState(world)).toEqual(before);
    const die = async () => void serverKilled(gateway);
    expect(await interrupted(world, witness, gateway, die)).toEqual(row(dead));
    expect(hostState(world)).toEqual(before);
  },
);
