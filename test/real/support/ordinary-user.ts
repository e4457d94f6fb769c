import path from 'node:path';
import type { MonitoredWorld } from '../../support/monitored-world.ts';
import type { WorldProcess } from '../../support/world.ts';

/** An ordinary user of a world. */
export const USER = 'vpnmon';
/** The user's number, and its group's. */
export const UID = 12_345;

/**
 * Starts the program as {@link USER}, with these capabilities, as AmbientCapabilities= of a service gives them. The world's folder
 * `program` holds the tree: the user may not be allowed to enter this one.
 */
export function asUser(
  { start, at }: MonitoredWorld,
  args: readonly string[],
  capabilities: readonly string[],
): WorldProcess {
  const sets = capabilities.map((name) => `+${name}`).join(',');
  const rights = sets === '' ? [] : [`--inh-caps=${sets}`, `--ambient-caps=${sets}`];
  const user = ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups', ...rights];
  const env = { SIM_TYPED: at('typed'), SIM_RESOLV: '' };
  return start([...user, process.execPath, path.join(at('program'), 'dist/main.js'), ...args], env);
}
