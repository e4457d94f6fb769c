import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { MAIN } from '../../support/paths.ts';
import { until } from '../../support/until.ts';
import { followFaultFiles, NAMED_FAULTS } from './faults-by-file.ts';
import { createLab, type Lab } from './lab.ts';
import { siteKeys } from './site-keys.ts';
import { labUnavailable } from './unavailable.ts';

/**
 * Three real gateways, a config, and the monitor running against them on this terminal, until a signal asks it to stop; nothing of
 * it is left then. Faults are made by files, see {@link followFaultFiles}.
 *
 * @returns the exit status: the monitor's, or 1 if a lab can't be had here (it then says why).
 */
export async function play(): Promise<number> {
  const reason = labUnavailable();
  if (reason !== undefined) {
    console.error(`The lab ${reason}`);
    return 1;
  }
  let asked = false;
  let stop = () => {};
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      asked = true;
      stop();
    });
  }
  const lab = await createLab(
    [{ kind: 'ocserv' }, { kind: 'ocserv' }, { kind: 'openvpn' }],
    createMonitoredWorld(),
  );
  try {
    await furnish(lab);
    console.log(explain(lab));
    const monitor = await startMonitor(lab);
    stop = monitor.stop;
    if (asked) stop();
    const endFaults = followFaultFiles(lab.world.at('faults'), lab.gateways, (words) =>
      console.log(`\r\x1b[Klab: ${words}`),
    );
    const status = await monitor.ended;
    endFaults();
    return status;
  } finally {
    await lab.end();
  }
}

async function furnish({ world, gateways }: Lab<MonitoredWorld>): Promise<void> {
  const sites = gateways.map((gateway) => `  ${gateway.name}: ${JSON.stringify(siteKeys(gateway))}`);
  writeFileSync(
    world.at('config.yml'),
    `frequency: 10
logging:
  dir: results
  file: result
  email: { server: "127.0.0.1:2525", security: none, from: monitor@example.com, to: noc@example.com }
sites:
${sites.join('\n')}
ping: { count: 2, timeout: 4 }
login: { step_timeout: 10, quit_timeout: 10 }
cleanup: { settle_seconds: 0 }
dns: { restore: ["true"] }
`,
    { mode: 0o600 },
  );
  mkdirSync(world.at('faults'));
  await world.mailServer();
}

function explain({ world, gateways, init }: Lab<MonitoredWorld>): string {
  const list = gateways.map(
    ({ name, kind, server, internal }) => `  ${name}  ${kind.padEnd(7)}  ${server}, inside ${internal}`,
  );
  return `Three real VPN gateways, each in a network namespace of its own, and the monitor. Ctrl-C removes all of it.

${list.join('\n')}

  what it writes   ${world.at('results')}
  its mails        ${world.at('mails')}
  its config       ${world.at('config.yml')}
  make a fault     touch ${world.at('faults', 'gw1.port-silent')}
  mend it          rm ${world.at('faults', 'gw1.port-silent')}
  the faults       ${[...NAMED_FAULTS.keys()].join(' ')}
  on its host      nsenter -t ${init} --pid --mount --net bash
`;
}

/** Starts the monitor on this terminal, but in a session of its own: a ctrl-C would end nsenter first, and leave it to itself. */
async function startMonitor({ world, enter }: Lab<MonitoredWorld>) {
  const [nsenter = '', ...into] = enter;
  const script = 'cd "$0" && echo $$ >monitor.new && mv monitor.new monitor.pid && exec "$@"';
  const child = spawn(nsenter, [...into, 'sh', '-c', script, world.folder, process.execPath, MAIN, 'run'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const ended = once(child, 'close').then(([code]) => Number(code ?? 1));
  const pidFile = world.at('monitor.pid');
  await until('the monitor has started', () => existsSync(pidFile) || child.exitCode !== null);
  return { ended, stop: () => void world.run(`kill -TERM ${readFileSync(pidFile, 'utf8').trim()} || true`) };
}
