import { afterEach, beforeEach, expect, test } from 'vitest';
import { missingPrograms } from '../../support/missing-programs.ts';
import type { MonitoredWorld } from '../../support/monitored-world.ts';
import { ROOT } from '../../support/paths.ts';
import type { Lab } from '../lab/lab.ts';
import { labUnavailable } from '../lab/unavailable.ts';
import { asUser, UID, USER } from '../support/ordinary-user.ts';
import { AT_ONCE, bringUp, hostWithoutCells, ofCells, sitesOf } from './at-once.ts';

const reason = labUnavailable() ?? missingPrograms(['slirp4netns', 'setpriv', 'unshare']);
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

const AUTO = AT_ONCE.replace('isolation: cell', 'isolation: auto').replace('frequency: 1', 'frequency: 600');

/** Makes the user, who may use `ping` and nothing else that others may not, and the files that it needs. */
function makeUser(world: MonitoredWorld): void {
  world.run(`set -e
    echo '${USER}:x:${UID}:${UID}::${world.at('home')}:/bin/sh' >>/etc/passwd
    mkdir home results program && mount --bind '${ROOT}' program
    echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range
    chown ${UID}:${UID} home results`);
}

test('an ordinary user without sudo and capabilities tests gateways in cells: check says so, a wrong password is rejected, and the host is untouched', async () => {
  lab = await bringUp(['ocserv', 'ocserv']);
  const { gateways, world } = lab;
  makeUser(world);
  const configure = (more = {}) => {
    world.config(sitesOf(gateways, more), `${AUTO}logging: { dir: results, file: result }\n`);
    world.run(`chown ${UID} config.yml`);
  };
  configure();
  const before = hostWithoutCells(world);

  const check = asUser(world, ['check'], []);
  expect(await check.ended, check.stdout()).toBe(0);
  expect(check.stdout()).toContain('cells: work (one was opened and closed), connected by slirp4netns\n');

  const good = asUser(world, ['once'], []);
  expect(await good.ended, `${good.stderr()}${world.log()}`).toBe(0);
  expect(gateways.map((gateway) => gateway.echoes().inside)).toEqual([2, 2]);
  // Each was logged out.
  for (const gateway of gateways)
    expect(gateway.log()).toContain('user disconnected (reason: user disconnected');

  configure({ password: 'not-the-password' });
  const rejected = asUser(world, ['once', '--json'], []);
  expect(await rejected.ended, rejected.stderr()).toBe(1);
  const { sites } = JSON.parse(rejected.stdout());
  expect(sites.map(({ cause }: { cause: string }) => cause)).toEqual([
    'credentials-rejected',
    'credentials-rejected',
  ]);
  expect(hostWithoutCells(world)).toEqual(before);
  expect(ofCells(world)).toEqual({ links: [], tables: [], clients: [] });
}, 300_000);

test('where an ordinary user may create no namespaces, check names the setting, and auto tests on the host', async () => {
  lab = await bringUp(['ocserv']);
  const { gateways, world } = lab;
  makeUser(world);
  world.config(sitesOf(gateways), `${AUTO}logging: { dir: results, file: result }\n`);
  world.run(`chown ${UID} config.yml`);
  // What the kernel of Ubuntu 24.04 does to unshare, without its setting.
  const unshare = world.at('bin', 'unshare');
  world.run(
    `printf '#!/bin/sh\\necho "unshare: unshare failed: Operation not permitted" >&2\\nexit 1\\n' >'${unshare}' && chmod 755 '${unshare}'`,
  );
  const check = asUser(world, ['check'], []);
  expect(await check.ended, check.stdout()).toBe(1);
  expect(check.stdout()).toMatch(
    /warning {2}cells: namespaces can't be created: unshare: unshare failed: Operation not permitted; sites with isolation: auto are tested one after the other\n {9}a container or the sandbox/,
  );
  expect(check.stdout()).toContain(`${USER} may make no network device and no route`);
  expect(ofCells(world)).toEqual({ links: [], tables: [], clients: [] });
}, 300_000);
