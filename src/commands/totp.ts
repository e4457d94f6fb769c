import { Codes } from '../codes/codes.ts';
import { listenForStop, signalStatus } from '../process/stop.ts';
import { nearest } from '../words/nearest.ts';
import { startWithConfig } from './load-config.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/** The options of `totp`. */
export interface TotpOptions extends CommonOptions {
  /** The name of the site. */
  readonly site: string;
}

/**
 * Prints a one-time code of a site and uses it up: no log-in of this user's monitors types it. Waits for the next one if the present
 * one was used or is about to expire. Exit status: 0: printed; 1: there was no unused code in time; 2: a bad config, an unknown site or
 * one without codes; 3: a secret can't be read yet; 130 or 143: interrupted by a signal.
 */
export async function totp(options: TotpOptions, shell: Shell): Promise<number> {
  const { screen } = shell;
  const started = startWithConfig(options.config, shell);
  if (!started.ok) return started.status;
  const { config, system } = started.value;
  const site = config.sites.find(({ name }) => name === options.site);
  if (site?.totp === undefined) {
    const guess = nearest(
      options.site,
      config.sites.map(({ name }) => name),
    );
    screen.diagnose(
      site === undefined
        ? `error: unknown site '${options.site}'${guess === undefined ? '' : `, did you mean ${guess}?`}`
        : `error: ${site.name} has no one-time codes: set totp_secret, totp_secret_file or totp_secret_env`,
    );
    return EXIT.usage;
  }
  const stop = listenForStop(shell.signals, system);
  try {
    const codes = new Codes(system, { warning: (words) => screen.diagnose(`warning: ${words}`) });
    const code = codes.fresh(site.totp, (ms) =>
      screen.diagnose(`waiting ${Math.ceil(ms / 1000)} s for a code that was not used before`),
    );
    const made = await code.take(stop.signal);
    if (!made.ok) screen.diagnose(`error: ${made.why}`);
    else screen.print(made.value.reveal());
    return made.ok ? EXIT.good : EXIT.failed;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    screen.diagnose('interrupted');
    return signalStatus(stop.signal);
  } finally {
    stop.end();
  }
}
