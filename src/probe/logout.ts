import type { SideCommand } from '../clients/profile.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Terminal } from '../console/expect.ts';
import { terminate } from '../console/terminate.ts';
import { reason } from '../files/reason.ts';
import { oneLine } from '../words/printable.ts';
import type { LoginContext } from './context.ts';
import { isReturn } from './last-words.ts';
import { commandOf } from './template.ts';

/**
 * After a success, types, signals or runs the log-out and waits for the client to end by itself. Otherwise types nothing: a `quit`
 * at a password prompt would be a wrong password. A client that has returned is logged out in any case: its session may be there. Then
 * ends all remaining processes.
 */
export async function logOut(
  client: Terminal,
  site: SiteConfig,
  context: LoginContext,
  loggedIn: boolean,
): Promise<boolean> {
  const { place, log, config, force } = context;
  const { logout } = site.client;
  const until = place.monotonic() + config.login.quitTimeout * 1000;
  const hasReturned = client.exit !== undefined && isReturn(client.exit);
  if ('command' in logout && (loggedIn || hasReturned)) await runLogout(client, site, logout, context);
  if (loggedIn && client.exit === undefined && !force.aborted) {
    if ('line' in logout) client.sendLine(logout.line);
    else if ('signal' in logout) {
      client.observed({ kind: 'signal', signal: logout.signal });
      place.kill(client.pid, logout.signal);
    }
    try {
      if ((await client.ended(until - place.monotonic(), force)) === undefined) {
        const what = 'line' in logout ? logout.line : 'signal' in logout ? logout.signal : logout.command;
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

/** Runs the command that logs a client out, at most `login.quit_timeout`. Never rejects; the log says what failed. */
async function runLogout(
  client: Terminal,
  site: SiteConfig,
  logout: SideCommand,
  { place, log, redact, config, force }: LoginContext,
): Promise<void> {
  const command = commandOf(logout, site, place);
  if (!command.ok) {
    log.critical(`${site.name}: not logged out: ${command.why}`);
    return;
  }
  const { file, args } = command.value;
  const options = { env: place.env, timeoutMs: config.login.quitTimeout * 1000, signal: force };
  try {
    const result = await place.run(file, args, options);
    client.observed({ kind: 'ran', file, args, result });
    if (result.code === 0) return;
    const how = result.code === null ? 'did not end in time' : `ended with status ${result.code}`;
    log.warning(`${site.name}: the log-out (${logout.command}) ${how}: ${oneLine(redact(result.output))}`);
  } catch (error) {
    log.warning(`${site.name}: the log-out (${logout.command}) failed: ${redact(reason(error))}`);
  }
}
