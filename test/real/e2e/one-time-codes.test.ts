import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openvpn } from '../../../src/clients/openvpn.ts';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { ownClients } from '../../support/own-clients.ts';
import { hostState } from '../lab/client.ts';
import { createLab, type Gateway, type GatewayOptions, type Lab } from '../lab/lab.ts';
import { CODE_SECRET } from '../lab/server.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { labUnavailable } from '../lab/unavailable.ts';

const reason = labUnavailable();
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

/** resolv.conf is the world's own. */
const COMMON = `login: { step_timeout: 20, quit_timeout: 20 }
dns: { restore: ['true'] }
ping: { count: 1, timeout: 60 }
`;

async function bringUp(...wanted: GatewayOptions[]): Promise<Lab<MonitoredWorld>> {
  lab = await createLab(wanted, createMonitoredWorld());
  return lab;
}

const WRONG = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
/** No test waits for a code of one that was not used before. */
const ALSO_WRONG = 'KRUGS4ZANFZSAYJAON2HE2LOM4QG63TF';

/** Tests the sites once, and returns the name, the summary and the cause of each. */
async function once(world: MonitoredWorld, names: readonly string[]) {
  const command = world.monitor(['once', '--json', ...names]);
  await command.ended;
  const { sites } = JSON.parse(command.stdout()) as {
    sites: {
      name: string;
      summary: string;
      cause: string | null;
      detail: string | null;
      stages: unknown[];
    }[];
  };
  return {
    came: sites.map(({ name, summary, cause }) => `${name} ${summary}${cause === null ? '' : ` ${cause}`}`),
    details: new Map(sites.map(({ name, detail }) => [name, detail])),
    whole: command.stdout() + command.stderr() + world.log(),
  };
}

/** No secret of codes is anywhere: not in what was printed and logged, nor in the store. */
function expectNoSecret(text: string): void {
  for (const secret of [CODE_SECRET.base32, CODE_SECRET.hex, WRONG, ALSO_WRONG])
    expect(text).not.toContain(secret);
  const store = `${lab?.world.view}/dev/shm/vpn-monitor-codes-0`;
  for (const name of readdirSync(store)) {
    expect(name).toMatch(/^(?:since|[0-9a-f]{32}\.\d+)$/);
    expect(readFileSync(`${store}/${name}`, 'utf8')).toMatch(/^\d*\n?$/);
  }
}

function site(gateway: Gateway, secret: string, more = {}) {
  return siteSettings(gateway, { totp_secret: secret, ...more });
}

test('ocserv with password and code: two sites with one secret in a row both succeed, a wrong code and a wrong password fail', async () => {
  const { gateways, world } = await bringUp({ kind: 'ocserv', code: 'second-form' });
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('no gateway');
  const before = hostState(world);
  world.config(
    {
      one: site(gateway, CODE_SECRET.base32),
      two: site(gateway, `otpauth://totp/two?secret=${CODE_SECRET.base32}&period=30`),
      wrong_code: site(gateway, WRONG),
      wrong_password: site(gateway, CODE_SECRET.base32, { password: 'another' }),
      no_secret: siteSettings(gateway),
    },
    COMMON,
  );
  const { came, whole } = await once(world, []);
  expect(came, whole).toEqual([
    'one SUCCESS',
    'two SUCCESS',
    'wrong_code FAILURE second-factor',
    'wrong_password FAILURE credentials-rejected',
    'no_secret FAILURE second-factor',
  ]);
  expectNoSecret(whole);
  expect(hostState(world)).toEqual(before);
  expect(world.log()).toContain('for a one-time code that was not used before');
});

test.each(['static', 'dynamic'] as const)(
  'openvpn with a %s challenge, built in and as an own client: success, replay, wrong code',
  async (code) => {
    const { gateways, world } = await bringUp({ kind: 'openvpn', code });
    const [gateway] = gateways;
    if (gateway === undefined) throw new Error('no gateway');
    const before = hostState(world);
    const own = { client: 'own-openvpn' };
    world.config(
      {
        one: site(gateway, CODE_SECRET.base32),
        own_two: site(gateway, CODE_SECRET.base32, own),
        wrong_code: site(gateway, WRONG),
        own_wrong_code: site(gateway, ALSO_WRONG, own),
        no_secret: siteSettings(gateway),
        own_no_secret: siteSettings(gateway, own),
      },
      COMMON + ownClients(openvpn),
    );
    const { came, details, whole } = await once(world, []);
    expect(came, whole).toEqual([
      'one SUCCESS',
      'own_two SUCCESS',
      'wrong_code FAILURE second-factor',
      'own_wrong_code FAILURE second-factor',
      'no_secret FAILURE second-factor',
      'own_no_secret FAILURE second-factor',
    ]);
    for (const name of ['wrong_code', 'no_secret'])
      expect(details.get(`own_${name}`)).toBe(details.get(name));
    expectNoSecret(whole);
    expect(hostState(world)).toEqual(before);
  },
);

test('ocserv that asks for a code alone: a site without a password', async () => {
  const { gateways, world } = await bringUp({ kind: 'ocserv', code: 'alone' });
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('no gateway');
  world.config({ one: site(gateway, CODE_SECRET.base32, { password: undefined }) }, COMMON);
  const { came, whole } = await once(world, []);
  expect(came, whole).toEqual(['one SUCCESS']);
  expectNoSecret(whole);
});

test('ocserv that asks PAM for the password: success, wrong password', async () => {
  const { gateways, world } = await bringUp({ kind: 'ocserv', pam: true });
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('no gateway');
  world.config(
    { works: siteSettings(gateway), wrong_password: siteSettings(gateway, { password: 'another' }) },
    COMMON,
  );
  const { came, whole } = await once(world, []);
  expect(came, whole).toEqual(['works SUCCESS', 'wrong_password FAILURE credentials-rejected']);
});

test('ocserv that asks PAM for password and code: success, wrong code, wrong password, no secret', async () => {
  const { gateways, world } = await bringUp({ kind: 'ocserv', pam: true, code: 'second-form' });
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('no gateway');
  world.config(
    {
      works: site(gateway, CODE_SECRET.base32),
      wrong_code: site(gateway, WRONG),
      wrong_password: site(gateway, ALSO_WRONG, { password: 'another' }),
      no_secret: siteSettings(gateway),
    },
    COMMON,
  );
  const { came, whole } = await once(world, []);
  expect(came, whole).toEqual([
    'works SUCCESS',
    'wrong_code FAILURE second-factor',
    'wrong_password FAILURE credentials-rejected',
    'no_secret FAILURE second-factor',
  ]);
  expectNoSecret(whole);
});
