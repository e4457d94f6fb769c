import { checkCertificates } from '../check/check-certificates.ts';
import { checkClients } from '../check/check-clients.ts';
import { checkDnsRight } from '../check/check-dns.ts';
import { checkExposed } from '../check/check-exposed.ts';
import { checkGateways } from '../check/check-gateways.ts';
import { checkLeftovers } from '../check/check-leftovers.ts';
import { checkMail } from '../check/check-mail.ts';
import { checkMetrics } from '../check/check-metrics.ts';
import { checkResults } from '../check/check-results.ts';
import { checkSites } from '../check/check-sites.ts';
import { checkPing, checkPs } from '../check/check-tools.ts';
import { checkTunnels } from '../check/check-tunnels.ts';
import { type Finding, inWords, ok, warning } from '../check/finding.ts';
import { askResults, heldBy } from '../lock/lock.ts';
import { listenForStop, signalStatus } from '../process/stop.ts';
import { startWithConfig } from './load-config.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/**
 * Says whether config and host are fit, each finding with its remedy. 0: fit (also with warnings); 1: something is
 * missing; 2: the config is wrong.
 */
export async function check(options: CommonOptions, shell: Shell): Promise<number> {
  const { screen } = shell;
  const started = startWithConfig(options.config, shell);
  if ('status' in started) return started.status;
  const { config, system } = started;
  const stop = listenForStop(shell.signals, system);
  let fit = true;
  const say = (finding: Finding) => {
    fit &&= finding.verdict !== 'missing';
    screen.print(inWords(finding, screen));
  };
  try {
    const enabled = config.sites.filter((site) => site.enabled).length;
    say(ok(`config: ${config.file}, ${enabled} of ${config.sites.length} sites enabled`));
    for (const words of config.warnings) say(warning(`config: ${words}`));
    for (const finding of checkClients(config, system)) say(finding);
    for (const finding of checkGateways(config, system.files)) say(finding);
    for (const finding of checkCertificates(config)) say(finding);
    for (const finding of checkTunnels(config, system)) say(finding);
    const ping = await checkPing(system, stop.signal);
    say(ping);
    if (ping.verdict === 'ok') {
      for (const finding of await checkSites(config, system, stop.signal)) say(finding);
    }
    say(await checkPs(system, stop.signal));
    say(checkResults(config, system));
    for (const finding of checkExposed(config, system)) say(finding);
    const running = await askResults(config.logging.dir, system);
    const monitor =
      running === null ? 'none is running on this results folder' : `running, ${heldBy(running.holder)}`;
    say(ok(`monitor: ${monitor}`));
    for (const finding of checkLeftovers(config, system)) say(finding);
    say(await checkDnsRight(config, system, stop.signal));
    for (const finding of await checkMail(config, system, shell.version, stop.signal)) say(finding);
    if (config.metrics !== undefined) {
      for (const finding of await checkMetrics(config.metrics, system, running !== null)) say(finding);
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    screen.diagnose('cut short');
    return signalStatus(stop.signal);
  } finally {
    stop.end();
  }
  screen.print(fit ? 'Fit to run.' : 'Not fit to run: see what is missing above.');
  return fit ? EXIT.good : EXIT.failed;
}
