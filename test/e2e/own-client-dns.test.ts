import { writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { MonitoredWorld } from '../support/monitored-world.ts';
import { worldTest } from '../support/world-test.ts';

const GOOD = 'nameserver 192.0.2.53\n';

/** Writes a config with one site, whose client is the user's own and leaves its word in resolv.conf. */
function configure(world: MonitoredWorld) {
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
}

worldTest(
  'a client known by its mark alone leaves its word in resolv.conf: the word goes',
  async ({ world }) => {
    configure(world);
    const once = world.monitor(['once']);
    expect(await once.ended, once.stderr()).toBe(0);
    expect(world.log()).toContain('Invalid DNS settings. Forcing refresh');
    expect(world.read('resolv.conf')).toBe(GOOD);
  },
);

worldTest(
  'its word was there before the test, from a session of somebody else: it stays',
  async ({ world }) => {
    configure(world);
    const theirs = '# written by SonicWall Connect Tunnel, by hand\n';
    writeFileSync(world.at('resolv.conf'), theirs);
    world.run("sed -i 's/leaves-dns/rejects/' config.yml");
    const once = world.monitor(['once']);
    expect(await once.ended, once.stderr()).toBe(1);
    expect(world.read('resolv.conf')).toBe(theirs);
  },
);
