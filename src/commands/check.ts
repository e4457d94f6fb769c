import path from 'node:path';
import { checkMailServer } from '../alerts/test-mail.ts';
import { type Config, secretsOf } from '../config/config.ts';
import { enabledClients } from '../config/used-clients.ts';
import { startDeadline } from '../deadline.ts';
import { reason } from '../files/errno.ts';
import { listPids } from '../host/list-pids.ts';
import { acquireResults } from '../host/lock.ts';
import { createRedactor, printable } from '../log/redact.ts';
import { pingHost } from '../probe/ping.ts';
import { listenForStop, signalStatus } from '../stop.ts';
import type { System } from '../system.ts';
import { checkDnsRight } from './check-dns.ts';
import { checkExposed } from './check-exposed.ts';
import { checkLeftovers } from './check-leftovers.ts';
import { checkMetrics } from './check-metrics.ts';
import { checkTunnels } from './check-tunnel.ts';
import { startWithConfig } from './config.ts';
import { type Finding, inWords, missing, ok } from './finding.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/** A results folder with less room than this is said, in bytes: a day's rows and a full set of logs. */
const LITTLE_ROOM = 64 * 1024 * 1024;
/** A ps that has not answered by then hangs, in ms. */
const PS_TIMEOUT_MS = 8000;

/**
 * Says whether config and host are fit, each finding with its remedy. 0: fit (also with warnings); 1: something is
 * missing; 2: the config is wrong.
 */
export async function check(options: CommonOptions, shell: Shell): Promise<number> {
  const { screen } = shell;
  const started = startWithConfig(options.config, shell);
  if ('status' in started) return started.status;
  const { config, system } = started;
  const stop = listenForStop(shell.signals, system, { onHangup: undefined, limitMs: () => 0 });
  let fit = true;
  const say = (finding: Finding) => {
    fit &&= finding.verdict !== 'missing';
    screen.print(inWords(finding, screen));
  };
  try {
    const enabled = config.sites.filter((site) => site.enabled).length;
    say(ok(`config: ${config.file}, ${enabled} of ${config.sites.length} sites enabled`));
    for (const warning of config.warnings) say({ verdict: 'warning', words: `config: ${warning}` });
    for (const finding of checkClients(config, system)) say(finding);
    for (const finding of checkTunnels(config, system)) say(finding);
    say(await checkPing(system, stop.signal));
    say(await checkPs(system, stop.signal));
    say(checkResults(config, system));
    for (const finding of checkExposed(config, system)) say(finding);
    const running = await runningMonitor(config, system);
    say(
      ok(`monitor: ${running === null ? 'none is running on this results folder' : `running, ${running}`}`),
    );
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

function checkClients(config: Config, system: System): readonly Finding[] {
  return enabledClients(config).map(({ name, command }) => checkClient(name, command, system));
}

/** Whether a client's command, a name or a path, is there. */
export function checkClient(name: string, command: string, system: System): Finding {
  const file = system.findCommand(command);
  if (file !== undefined) return ok(`client ${name}: ${file}`);
  return missing(
    `client ${name}: ${command} is not there or may not be run`,
    `install it, or say where it is: clients: { ${name}: { command: /path/to/${path.basename(command)} } }`,
  );
}

async function checkPing(system: System, signal: AbortSignal): Promise<Finding> {
  const machine = { system, redact: printable, hurry: signal };
  const result = await pingHost('127.0.0.1', { count: 1, timeout: 3 }, machine, signal);
  if (result.outcome === 'ok') return ok('ping: works (127.0.0.1 answers)');
  if (result.cause === 'ping-missing') {
    return missing(`ping: ${result.detail}`, 'Debian, Ubuntu: apt-get install iputils-ping');
  }
  if (result.cause === 'ping-not-started') {
    return missing(`ping: ${result.detail}`, 'look at TasksMax=, LimitNOFILE=, ulimit -a and kernel.pty.max');
  }
  return missing(
    `ping: ${result.detail}`,
    'may this user ping? As a service: AmbientCapabilities=CAP_NET_RAW, or sysctl net.ipv4.ping_group_range',
  );
}

async function checkPs(system: System, signal: AbortSignal): Promise<Finding> {
  const deadline = startDeadline(system, PS_TIMEOUT_MS, signal);
  try {
    const pids = await listPids(system, deadline, PS_TIMEOUT_MS);
    if (typeof pids !== 'string') return ok(`ps: works (${pids.length} processes)`);
    const remedy = deadline.struck()
      ? 'a process of this host is stuck (state D) or the host is overloaded: does ps hang in a shell too?'
      : 'Debian, Ubuntu: apt-get install procps';
    return missing(`ps: ${pids}`, remedy);
  } finally {
    deadline.end();
  }
}

function checkResults({ logging }: Config, { files, pid }: System): Finding {
  try {
    const folder = existingPart(logging.dir, files);
    const trial = path.join(folder, `.vpn-monitor-check-${pid}`);
    files.writeFileSync(trial, 'check\n', { flag: 'wx' });
    files.rmSync(trial);
    const made = folder === logging.dir ? '' : ', it will be made';
    const { bavail, bsize } = files.statfsSync(folder);
    const room = bavail * bsize;
    if (room >= LITTLE_ROOM) return ok(`results: ${logging.dir} can be written${made}`);
    const megabytes = (room / 1024 / 1024).toFixed(0);
    return { verdict: 'warning', words: `results: only ${megabytes} MB are free in ${logging.dir}` };
  } catch (error) {
    return missing(
      `results: ${logging.dir} can't be written: ${reason(error)}`,
      'give this user the folder (chown), or name another one: logging.dir',
    );
  }
}

/** The folder itself, or the nearest above it that is there: a check makes none, it might belong to the wrong user. */
export function existingPart(folder: string, files: System['files']): string {
  return files.existsSync(folder) || folder === '/' ? folder : existingPart(path.dirname(folder), files);
}

/** Who runs on the results folder, in words; `null`: nobody. */
async function runningMonitor({ logging }: Config, system: System): Promise<string | null> {
  try {
    const holder = { pid: system.pid, what: 'vpn-monitor check', since: system.now().toISOString() };
    const acquired = await acquireResults(logging.dir, holder, system);
    if (!acquired.ok) return acquired.why;
    acquired.lock.release();
  } catch {
    // That the folder can't be used was said before.
  }
  return null;
}

/** Whether the mail server takes a visit as the config wants it; nothing without mail. */
export async function checkMail(
  config: Config,
  system: System,
  version: string,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { email } = config.logging;
  // That there is none is one of the config's warnings.
  if (email === undefined) return [];
  const parts = { system, redact: createRedactor(secretsOf(config)), version };
  const server = `mail server ${email.host}:${email.port}`;
  const found = await checkMailServer(config, parts, signal);
  if (!found.fit) {
    const { words, setting } = found.failure;
    return [missing(`${server}: ${words}`, setting === null ? 'try again later' : `look at ${setting}`)];
  }
  return [
    ok(`${server}: ready (${found.protection})`),
    ...found.warnings.map((words) => ({ verdict: 'warning', words: `${server}: ${words}` }) as const),
  ];
}
