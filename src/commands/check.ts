import { BySite } from '../check/by-site.ts';
import { checkCells } from '../check/check-cells.ts';
import { checkChannels } from '../check/check-channels.ts';
import { checkClients } from '../check/check-clients.ts';
import { checkCodes } from '../check/check-codes.ts';
import { checkControl } from '../check/check-control.ts';
import { checkDnsRight } from '../check/check-dns.ts';
import { checkExposed } from '../check/check-exposed.ts';
import { checkGateways } from '../check/check-gateways.ts';
import { checkHomes } from '../check/check-homes.ts';
import { checkLeftovers, checkRunning } from '../check/check-leftovers.ts';
import { checkListen } from '../check/check-listen.ts';
import { checkMail } from '../check/check-mail.ts';
import { checkMetrics } from '../check/check-metrics.ts';
import { checkNode } from '../check/check-node.ts';
import { checkProfiles } from '../check/check-profiles.ts';
import { checkResults } from '../check/check-results.ts';
import { checkSites } from '../check/check-sites.ts';
import { checkPing, checkPs } from '../check/check-tools.ts';
import { checkTunnels } from '../check/check-tunnels.ts';
import { checkUplink } from '../check/check-uplink.ts';
import { type Finding, inWords, ok, warning } from '../check/finding.ts';
import { askResults, heldBy } from '../lock/lock.ts';
import { listenForStop, signalStatus } from '../process/stop.ts';
import { counted } from '../words/numbers.ts';
import { startWithConfig } from './load-config.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/**
 * Checks the config and this host, and prints each finding with its remedy, those about a site together at the end. Exit status: 0: ready (also with warnings);
 * 1: something is missing; 2: a bad config; 3: a secret can't be read yet; 130 or 143: interrupted by a signal.
 */
export async function check(options: CommonOptions, shell: Shell): Promise<number> {
  const { screen } = shell;
  const started = startWithConfig(options.config, shell);
  if (!started.ok) return started.status;
  const { config, system } = started.value;
  const stop = listenForStop(shell.signals, system);
  const counts = { ok: 0, warning: 0, missing: 0 };
  const bySite = new BySite();
  const show = (finding: Finding) => screen.print(inWords(finding, screen));
  const print = (finding: Finding) => {
    counts[finding.verdict] += 1;
    if (finding.site === undefined) show(finding);
    else bySite.add(finding.site, finding);
  };
  try {
    const enabled = config.sites.filter((site) => site.enabled).length;
    print(ok(`config: ${config.file}, ${enabled} of ${config.sites.length} sites enabled`));
    print(checkNode(process.versions.node, system.now()));
    for (const words of config.warnings) print(warning(`config: ${words}`));
    for (const finding of checkClients(config, system)) print(finding);
    for (const finding of checkGateways(config, system.files)) print(finding);
    for (const finding of checkProfiles(config, system.files)) print(finding);
    for (const finding of checkHomes(config, system)) print(finding);
    const cells = await checkCells(config, system, stop.signal);
    for (const finding of checkTunnels(config, cells.onHost, system)) print(finding);
    const ping = await checkPing(system, stop.signal);
    print(ping);
    if (ping.verdict === 'ok') {
      for (const finding of await checkSites(config, system, stop.signal)) print(finding);
    }
    for (const finding of await checkUplink(config, system, stop.signal)) print(finding);
    for (const finding of await checkCodes(config, system, stop.signal)) print(finding);
    print(await checkPs(system, stop.signal));
    for (const finding of cells.findings) print(finding);
    for (const finding of checkResults(config, system)) print(finding);
    for (const finding of checkControl(config, system)) print(finding);
    for (const finding of checkExposed(config, system)) print(finding);
    const running = await askResults(config.logging.dir, system);
    const monitor =
      running === null ? 'none is running on this results folder' : `running, ${heldBy(running.holder)}`;
    print(ok(`monitor: ${monitor}`));
    for (const finding of checkLeftovers(cells.onHost, system)) print(finding);
    if (running === null) for (const finding of checkRunning(cells.onHost, system)) print(finding);
    print(await checkDnsRight(cells.onHost, system, stop.signal));
    const onLongWait = (words: string) => screen.diagnose(`mail server ${words} (Ctrl-C ends this)`);
    const mail = await checkMail(config, system, shell.version, stop.signal, onLongWait);
    for (const finding of mail) print(finding);
    for (const finding of checkChannels(config, system)) print(finding);
    if (config.web !== undefined) {
      print(await checkListen(config.web.listen, { what: 'page', key: 'web.listen' }, running !== null));
    }
    if (config.metrics !== undefined) {
      for (const finding of await checkMetrics(config.metrics, system, running !== null)) print(finding);
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    screen.diagnose('interrupted');
    return signalStatus(stop.signal);
  } finally {
    stop.end();
  }
  for (const finding of bySite.inOrder(config.sites.map(({ name }) => name))) show(finding);
  const complete = counts.missing === 0;
  const summary = bySite.summary();
  if (summary !== undefined) screen.print(summary);
  screen.print(`${counts.ok} ok, ${counted(counts.warning, 'warning')}, ${counts.missing} missing`);
  screen.print(complete ? 'Ready to run.' : 'Not ready to run: fix what is missing above.');
  return complete ? EXIT.good : EXIT.failed;
}
