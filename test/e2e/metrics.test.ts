import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { WORLD_PASSWORD } from '../support/monitored-world.ts';
import { type Ask, openRelay } from '../support/relay.ts';
import { until } from '../support/until.ts';
import { stop } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

const NOTE_IMPORTS = fileURLToPath(new URL('../fixtures/note-imports.mjs', import.meta.url));
const PORT = 9469;
const OTHER_PORT = 9470;

/** What a name with its labels says in the metrics that are served at a port; `undefined`: it is not there. */
async function sample(ask: Ask, name: string, port = PORT): Promise<number | undefined> {
  const answer = await ask(port, '/metrics');
  return valueIn(answer?.text ?? '', name);
}

function valueIn(text: string, name: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`vpn_monitor_${name} `));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

const served = (port: number) => `metrics: { listen: '127.0.0.1:${port}', textfile: vpn.prom }\nfrequency: 1`;

worldTest(
  'a monitor that works, and one whose mail server, client and config fail: each shows in its figures',
  async ({ world }) => {
    const ask = await openRelay(world, [PORT, OTHER_PORT]);
    const value = (name: string, port = PORT) => sample(ask, name, port);
    // A leftover client, and a resolv.conf that it has left behind.
    world.run(
      "printf '#!/bin/bash\\nwhile :; do sleep 1000 & wait; done\\n' >AvConnect && chmod 755 AvConnect",
    );
    world.start([world.at('AvConnect')]);
    world.run('echo "nameserver 10.0.0.53 # SonicWall" >resolv.conf');
    world.config(
      { 'site "1"': 'works', site2: 'rejects', off: { vpn_gw: 'works', enabled: false } },
      served(PORT),
    );
    const daemon = world.monitor();

    await until(
      'two failures of site2',
      async () => ((await value('site_consecutive_failures{site="site2"}')) ?? 0) >= 2,
    );
    await until('an attempt to send the mail', () => value('mails_failed_total'));
    const { text, headers } = (await ask(PORT, '/metrics')) ?? { text: '', headers: {} };
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const now = Date.now() / 1000;
    const figures = {
      'site_up{site="site \\"1\\""}': 1,
      'site_up{site="site2"}': 0,
      'site_loss_ratio{site="site2",stage="ping_outside"}': 0,
      'site_stage_duration_seconds_count{site="site2",stage="log_in"}': undefined,
      'site_last_success_timestamp_seconds{site="site2"}': undefined,
      mails_waiting: 1,
      mails_delivered_total: 0,
      mails_lost_total: 0,
      rows_waiting: 0,
      host_faults: 0,
      interval_seconds: 1,
      leftovers_killed_total: 1,
      dns_repairs_total: 1,
      config_last_reload_successful: 1,
    };
    for (const [name, expected] of Object.entries(figures))
      expect({ name, is: valueIn(text, name) }).toEqual({ name, is: expected });
    expect(
      valueIn(text, 'site_stage_failures_total{site="site2",stage="log_in",cause="credentials-rejected"}'),
    ).toBeGreaterThanOrEqual(2);
    expect(valueIn(text, 'site_stage_seconds{site="site \\"1\\"",stage="log_in"}')).toBeGreaterThan(0);
    for (const site of ['site \\"1\\"', 'site2']) {
      const at = valueIn(text, `site_last_result_timestamp_seconds{site="${site}"}`) ?? 0;
      expect(Math.abs(now - at)).toBeLessThan(60);
    }
    expect(text).not.toContain('"off"');
    // For any password with such a character the text could hold it only in another form.
    for (const secret of [WORLD_PASSWORD, 'Gl0b', 'Pa55']) expect(text).not.toContain(secret);

    expect(await ask(PORT, '/healthz')).toMatchObject({ status: 200, text: 'alive\n' });
    expect(await ask(PORT, '/readyz')).toMatchObject({ status: 200, text: 'ready\n' });
    expect(await ask(PORT, '/favicon.ico')).toMatchObject({ status: 404 });
    const openMetrics = await ask(PORT, '/metrics', {
      accept: 'application/openmetrics-text; version=1.0.0',
    });
    expect(openMetrics?.headers['content-type']).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    expect(openMetrics?.text).toMatch(/\nvpn_monitor_mails_failed_total \d+\n(?:.*\n)*# EOF\n$/);

    // The same for node_exporter, from the last test on.
    const file = path.join(world.view, world.at('vpn.prom'));
    const names = (all: string) => all.split('\n').filter((line) => line.startsWith('# '));
    expect(names(readFileSync(file, 'utf8'))).toEqual(names(text));
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(existsSync(`${file}.new`)).toBe(false);

    // A bad config: the old one stays, and that is seen.
    world.config({ site2: 'works' }, 'metrics: { lisen: x }');
    daemon.signal('SIGHUP');
    await until('the refusal', async () => (await value('config_last_reload_successful')) === 0);
    expect(world.log()).toContain('metrics.lisen: unknown key, did you mean listen?');
    // Another port; a site less; the mail server is there.
    await world.mailServer();
    world.config({ site2: 'works' }, served(OTHER_PORT));
    daemon.signal('SIGHUP');
    await until('the other port', () => value('config_last_reload_successful', OTHER_PORT));
    expect(await ask(PORT, '/metrics')).toBeUndefined();
    await until('site2 is up', () => value('site_up{site="site2"}', OTHER_PORT));
    expect((await ask(OTHER_PORT, '/metrics'))?.text).not.toContain('site \\"1\\"');
    await until(
      'nothing of it stays in the textfile',
      () => !readFileSync(file, 'utf8').includes('site \\"1\\"'),
    );
    await until('its mails', () => value('mails_delivered_total', OTHER_PORT));
    expect(world.log()).toContain(`INFO - The metrics are served on 127.0.0.1:${OTHER_PORT}\n`);

    await stop(daemon);
    expect(await ask(OTHER_PORT, '/metrics')).toBeUndefined();
  },
  120_000,
);

worldTest(
  'a port in use and a folder that is not there cost no test, and are tried again; a restart knows the sites',
  async ({ world }) => {
    const ask = await openRelay(world, [PORT]);
    const busy = await world.silentServer(PORT);
    const more = `metrics: { listen: '127.0.0.1:${PORT}', textfile: missing/vpn.prom }\nfrequency: 1`;
    world.config({ site1: 'rejects' }, more);
    let daemon = world.monitor();
    await until('three tests', () => world.csv().length > 3);
    expect(world.log().match(/ - ERROR - The metrics .*/g)).toEqual([
      ` - ERROR - The metrics are not served: can't listen on 127.0.0.1:${PORT}: address already in use (EADDRINUSE)`,
      ` - ERROR - The metrics can't be written to ${world.at('missing/vpn.prom')}: no such file or directory (ENOENT)`,
    ]);
    busy.signal('SIGTERM');
    world.run('mkdir missing');
    await until('the metrics', async () => (await ask(PORT, '/metrics'))?.status === 200);
    await until('the textfile', () =>
      world.read('missing', 'vpn.prom').includes('site_up{site="site1"} 0\n'),
    );
    await stop(daemon);
    expect(world.run('ls missing')).toBe('vpn.prom\n');

    // The test hangs: all that is known of the site is from before.
    world.config({ site1: { vpn_gw: 'silent' } }, more);
    daemon = world.monitor();
    const failures = await until('the metrics', () => sample(ask, 'site_consecutive_failures{site="site1"}'));
    expect(failures).toBeGreaterThanOrEqual(3);
    expect(await sample(ask, 'site_up{site="site1"}')).toBe(0);
    await stop(daemon);
  },
  120_000,
);

worldTest(
  'where no metrics are asked for, neither prom-client nor a server is even loaded',
  async ({ world }) => {
    const importsOf = async (name: string, more: string) => {
      world.config({ site1: 'works' }, more);
      const before = world.csv().length;
      const env = { NODE_OPTIONS: `--import ${NOTE_IMPORTS}`, IMPORTS: world.at(name) };
      const daemon = world.monitor(['run'], env);
      await until('a test', () => world.csv().length > before + (before === 0 ? 1 : 0));
      await stop(daemon);
      return world.read(name).split('\n');
    };
    const without = await importsOf('without', 'frequency: 600');
    expect(without).toContain('winston');
    expect(without).not.toContain('prom-client');
    expect(without).not.toContain('node:http');
    const beside = await importsOf('with', served(PORT));
    expect(beside).toContain('prom-client');
    expect(beside).toContain('node:http');
  },
  120_000,
);
