import type { SiteConfig } from '../config/config.ts';
import type { Terminal } from '../console/expect.ts';
import { terminate } from '../console/terminate.ts';
import type { LoginContext } from './context.ts';

/**
 * After a success, types or signals the log-out and waits for the client to end by itself. Otherwise types nothing: a `quit`
 * at a password prompt would be a wrong password. Then ends all remaining processes.
 */
export async function logOut(
  client: Terminal,
  site: SiteConfig,
  { place, log, config, force }: LoginContext,
  loggedIn: boolean,
): Promise<boolean> {
  if (loggedIn && client.exit === undefined && !force.aborted) {
    const { logout } = site.client;
    if ('line' in logout) client.sendLine(logout.line);
    else {
      client.observed({ kind: 'signal', signal: logout.signal });
      place.kill(client.pid, logout.signal);
    }
    try {
      if ((await client.ended(config.login.quitTimeout * 1000, force)) === undefined) {
        const what = 'line' in logout ? logout.line : logout.signal;
        log.warning(
          `${site.name}: the client did not end within ${config.login.quitTimeout} s of ${what}, ending it`,
        );
      }
    } catch {
      log.warning(`${site.name}: the log-out was cut short, ending the client`);
    }
  }
  return terminate(client, force);
}
