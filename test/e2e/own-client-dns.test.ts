import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../support/monitored-world.ts';
import { worldUnavailable } from '../support/world.ts';

const reason = worldUnavailable();
const GOOD = 'nameserver 192.0.2.53\n';
let world: MonitoredWorld;
beforeEach(({ skip }) => {
  skip(reason !== undefined, reason);
  world = createMonitoredWorld();
  const site = { vpn_gw: 'leaves-dns', client: 'own', realm: undefined, timeout: undefined };
  const client = {
    command: world.at('bin', 'startct'),
    args: ['-s', '{vpn_gw}'],
    dialogue: [
      { expect: 'Username:', send: '{username}' },
      { expect: 'Password:', send: '{password}' },
      { expect: 'Enter your choice', send: '1' },
    ],
    success: { expect: 'CONNECTED' },
    failures: [{ expect: 'Login failed', cause: 'credentials-rejected' }],
    logout: { line: 'quit' },
    dns: { mark: 'SonicWall' },
  };
  world.config({ site1: site }, `clients: { own: ${JSON.stringify(client)} }`);
});
afterEach(() => world?.end());

test('a client known by its mark alone leaves its word in resolv.conf: the word goes', async () => {
  const once = world.monitor(['once']);
  expect(await once.ended, once.stderr()).toBe(0);
  expect(world.log()).toContain('Invalid DNS settings. Forcing refresh');
  expect(world.read('resolv.conf')).toBe(GOOD);
});

test('its word was there before the test, from a session of somebody else: it stays', async () => {
  const theirs = '# written by SonicWall Connect Tunnel, by hand\n';
  writeFileSync(world.at('resolv.conf'), theirs);
  world.run("sed -i 's/leaves-dns/rejects/' config.yml");
  const once = world.monitor(['once']);
  expect(await once.ended, once.stderr()).toBe(1);
  expect(world.read('resolv.conf')).toBe(theirs);
});
