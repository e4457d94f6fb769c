import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { hostState } from '../lab/client.ts';
import { createLab, type Gateway, type Lab } from '../lab/lab.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { labUnavailable } from '../lab/unavailable.ts';

const reason = labUnavailable();
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

/** What a test of a site with a changed profile comes to, and what the log of the monitor has about it. */
async function once(change: (profile: string, gateway: Gateway) => string) {
  lab = await createLab([{ kind: 'openvpn', protocol: 'tcp' }], createMonitoredWorld());
  const { world } = lab;
  const [gateway] = lab.gateways;
  if (gateway?.profile === undefined) throw new Error('no profile');
  writeFileSync(gateway.profile, change(readFileSync(gateway.profile, 'utf8'), gateway));
  world.config(
    { gw: siteSettings(gateway) },
    "ping: { count: 1, timeout: 60 }\nlogin: { step_timeout: 30, quit_timeout: 20 }\ndns: { restore: ['true'] }",
  );
  const before = hostState(world);
  const tested = world.monitor(['once', '--json', 'gw']);
  await tested.ended;
  const { sites } = JSON.parse(tested.stdout());
  expect(hostState(world)).toEqual(before);
  const [{ summary, cause, detail }] = sites;
  return { comesTo: [summary, cause, detail], log: world.log(), inside: gateway.echoes().inside, gateway };
}

const withRemotes = (profile: string, ...remotes: readonly string[]) =>
  profile.replace(/^remote .*$/m, (line) =>
    remotes.map((remote) => (remote === '' ? line : `remote ${remote}`)).join('\n'),
  );

test('the first remote refuses, the second lets the client in', async () => {
  const { comesTo, inside } = await once((profile, { external }) =>
    withRemotes(profile, `${external} 1199`, ''),
  );
  expect(comesTo).toEqual(['SUCCESS', null, null]);
  expect(inside).toBe(1);
});

test('the name of the first remote is gone, and the profile does not cache the password', async () => {
  const { comesTo, inside } = await once(
    (profile) => `${withRemotes(profile, 'gone.invalid 1194', '')}\nauth-nocache\n`,
  );
  expect(comesTo).toEqual(['SUCCESS', null, null]);
  expect(inside).toBe(1);
});

test('all remotes refuse: the last one is told', async () => {
  const { comesTo, gateway } = await once((profile, { external }) =>
    withRemotes(profile, `${external} 1198`, `${external} 1199`),
  );
  expect(comesTo).toEqual([
    'FAILURE',
    'unreachable',
    `TCP: connect to [AF_INET]${gateway.external}:1199 failed: Connection refused`,
  ]);
});

test.each(['verb 0', 'log client.log', 'log-append client.log', 'syslog vpn'])(
  'a profile with "%s" is watched nevertheless',
  async (line) => {
    const { comesTo, inside } = await once((profile) => `${profile}\n${line}\n`);
    expect(comesTo).toEqual(['SUCCESS', null, null]);
    expect(inside).toBe(1);
  },
);
