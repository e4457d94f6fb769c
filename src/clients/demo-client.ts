import { fileURLToPath } from 'node:url';
import type { ClientProfile } from './profile.ts';
import { startct } from './startct.ts';

/**
 * The demo's client: Connect Tunnel's dialogue, spoken by the program demo/simulated-client.js. It takes nothing of
 * the host, so it neither kills nor is killed by anything on it, and needs no lock.
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
