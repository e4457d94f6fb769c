import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MonitoredWorld } from '../support/monitored-world.ts';
import { type Ask, untilAsked } from '../support/relay.ts';
import { worldUnavailable } from '../support/world.ts';

/** The files for Prometheus that come with the monitor. */
export const CONTRIB = fileURLToPath(new URL('../../contrib/prometheus', import.meta.url));
/** Where Prometheus listens, and the two monitors that it scrapes. */
export const PROMETHEUS = 9090;
export const BERLIN = 9469;
export const MADRID = 9470;

/** Why there is no Prometheus here, with the command to type where one helps; `undefined` if there is one. */
export function prometheusUnavailable(): string | undefined {
  const missing = ['prometheus', 'promtool'].filter(
    (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
  );
  if (missing.length > 0) {
    return `needs ${missing.join(' and ')}: type \`node scripts/test-packages.mjs\` as root, which installs it and starts no service`;
  }
  return worldUnavailable();
}

/** The answer of promtool, which has to be good; with what it printed on both outputs. */
export function promtool(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`promtool ${args.join(' ')}: status ${status}\n${stdout}${stderr}`);
  return stdout + stderr;
}

/** What a query of Prometheus gives: labels and values. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** A running Prometheus. */
export interface Prometheus {
  /** The answer to a query; throws what Prometheus says is wrong with it. */
  query(expression: string): Promise<readonly Sample[]>;
  /** The alerts that fire, as `NAME SITE PLACE` sorted. */
  firing(): Promise<readonly string[]>;
}

/** Starts a Prometheus by the files that come with the monitor, but every second and with no wait before an alert. */
export async function startPrometheus(world: MonitoredWorld, ask: Ask): Promise<Prometheus> {
  const contrib = (name: string) => readFileSync(`${CONTRIB}/${name}`, 'utf8');
  const config = contrib('prometheus.example.yml')
    .replace('scrape_interval: 30s', 'scrape_interval: 1s')
    .replace('vpn-monitor.berlin.example.com:9469', `127.0.0.1:${BERLIN}`)
    .replace('vpn-monitor.madrid.example.com:9469', `127.0.0.1:${MADRID}`);
  writeFileSync(world.at('prometheus.yml'), `global: { evaluation_interval: 1s }\n${config}`);
  const rules = contrib('vpn-monitor.rules.yml').replaceAll(/\bfor: \d+[mh]/g, 'for: 1s');
  writeFileSync(world.at('vpn-monitor.rules.yml'), rules);
  world.start([
    'prometheus',
    `--config.file=${world.at('prometheus.yml')}`,
    `--storage.tsdb.path=${world.at('tsdb')}`,
    `--web.listen-address=127.0.0.1:${PROMETHEUS}`,
  ]);
  await untilAsked('Prometheus is ready', async () => (await ask(PROMETHEUS, '/-/ready'))?.status === 200);
  const api = async (path: string) => {
    const answer = JSON.parse((await ask(PROMETHEUS, `/api/v1/${path}`))?.text ?? '{}');
    if (answer.status !== 'success') throw new Error(`Prometheus, asked for ${path}: ${answer.error}`);
    return answer.data;
  };
  return {
    query: async (expression) => (await api(`query?query=${encodeURIComponent(expression)}`)).result,
    firing: async () => {
      const { alerts } = await api('alerts');
      return alerts
        .filter(({ state }: { state: string }) => state === 'firing')
        .map(({ labels }: { labels: Record<string, string> }) =>
          [labels.alertname, labels.site, labels.place].filter((label) => label !== undefined).join(' '),
        )
        .sort();
    },
  };
}
