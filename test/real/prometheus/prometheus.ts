import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { missingPrograms } from '../../support/missing-programs.ts';
import type { MonitoredWorld } from '../../support/monitored-world.ts';
import { ROOT } from '../../support/paths.ts';
import type { Ask } from '../../support/relay.ts';
import { until } from '../../support/until.ts';
import { worldUnavailable } from '../../support/world.ts';

/** The files for Prometheus that come with the monitor. */
export const CONTRIB = path.join(ROOT, 'contrib/prometheus');
/** Where Prometheus listens, and the two monitors that it scrapes. */
export const PROMETHEUS = 9090;
export const BERLIN = 9469;
export const MADRID = 9470;

const PROGRAMS = ['prometheus', 'promtool', 'prometheus-alertmanager', 'amtool'];
const ALERTMANAGER = 9093;
/** Where the mail server of Alertmanager listens; the monitors have another one. */
const ALERT_MAILS = 2526;

/** Why there is no Prometheus here, with the command to type where one helps; `undefined` if there is one. */
export function prometheusUnavailable(): string | undefined {
  return missingPrograms(PROGRAMS) ?? worldUnavailable();
}

/** What one of their tools prints, on both outputs. Throws if it finds fault. */
export function tool(name: 'promtool' | 'amtool', args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync(name, args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: status ${status}\n${stdout}${stderr}`);
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

/**
 * Starts a Prometheus and an Alertmanager by the files that come with the monitor, but every second and with no wait before
 * an alert. Alertmanager's mails are those of the world.
 */
export async function startPrometheus(world: MonitoredWorld, ask: Ask): Promise<Prometheus> {
  const adapt = (name: string, changes: readonly (readonly [RegExp, string])[]) => {
    const text = readFileSync(`${CONTRIB}/${name}`, 'utf8');
    const adapted = changes.reduce((all, [from, to]) => {
      if (!from.test(all)) throw new Error(`${name} has no ${from}`);
      return all.replaceAll(from, to);
    }, text);
    writeFileSync(world.at(name), adapted);
    return world.at(name);
  };
  const config = adapt('prometheus.example.yml', [
    [/^scrape_configs:/gm, 'global: { evaluation_interval: 1s }\n\nscrape_configs:'],
    [/scrape_interval: 30s/g, 'scrape_interval: 1s'],
    [/vpn-monitor\.berlin\.example\.com:9469/g, `127.0.0.1:${BERLIN}`],
    [/vpn-monitor\.madrid\.example\.com:9469/g, `127.0.0.1:${MADRID}`],
    [/alertmanager\.example\.com:9093/g, `127.0.0.1:${ALERTMANAGER}`],
  ]);
  adapt('vpn-monitor.rules.yml', [[/\bfor: \d+[mh]/g, 'for: 1s']]);
  const alerts = adapt('alertmanager.example.yml', [
    [/smtp\.example\.com:587/g, `127.0.0.1:${ALERT_MAILS}\n  smtp_require_tls: false`],
    [/group_wait: 30s/g, 'group_wait: 1s'],
  ]);
  await world.mailServer(ALERT_MAILS);
  world.start([
    'prometheus-alertmanager',
    `--config.file=${alerts}`,
    `--storage.path=${world.at('alertmanager')}`,
    `--web.listen-address=127.0.0.1:${ALERTMANAGER}`,
    '--cluster.listen-address=',
  ]);
  world.start([
    'prometheus',
    `--config.file=${config}`,
    `--storage.tsdb.path=${world.at('tsdb')}`,
    `--web.listen-address=127.0.0.1:${PROMETHEUS}`,
  ]);
  await until('Prometheus is ready', async () => (await ask(PROMETHEUS, '/-/ready'))?.status === 200);
  const api = async (target: string) => {
    const answer = JSON.parse((await ask(PROMETHEUS, `/api/v1/${target}`))?.text ?? '{}');
    if (answer.status !== 'success') throw new Error(`Prometheus, asked for ${target}: ${answer.error}`);
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
