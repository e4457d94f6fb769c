import { fileURLToPath } from 'node:url';
import type { ClientProfile } from './profile.ts';
import { startct } from './startct.ts';

/**
 * The demo's client: the program demo/simulated-client.js, which plays Connect Tunnel's dialogue. It changes nothing on
 * the host, so it needs no clean-up and no lock.
 */
export const demoClient: ClientProfile = {
  name: 'demo',
  simulated: true,
  described: false,
  command: fileURLToPath(new URL('../demo/simulated-client.js', import.meta.url)),
  args: startct.args,
  keys: startct.keys,
  dialogue: startct.dialogue,
  success: startct.success,
  failures: startct.failures,
  logout: startct.logout,
  own: { by: 'name', processes: [] },
  tunnel: 'none',
};
