import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { runMetrics } from '../../src/metrics/run-metrics.ts';
import { DONE } from '../../src/model/result.ts';
import { Secret } from '../../src/model/secret.ts';
import { asctime } from '../../src/results/csv-row.ts';
import { csvFileName } from '../../src/results/file-name.ts';
import { freshState } from '../../src/state/store.ts';
import { realSystem } from '../../src/system/real-system.ts';
import { runPage } from '../../src/web/run-page.ts';
import { MAIN } from '../support/paths.ts';
import { probeConfig } from '../support/probe.ts';
import { recordingLog } from '../support/recording-log.ts';
import { ok, REJECTED, resultOf, SILENT } from '../support/results.ts';
import { freePort } from '../support/scripted-smtp-server.ts';
import { simulatedSite } from '../support/site.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/** A results folder with one good row of `oslo`, and a page for it. */
async function setUp(web: Partial<NonNullable<Config['web']>> = {}) {
  const dir = temporaryFolder();
  const port = await freePort();
  const add = (site: string, rest: string) => {
    const now = new Date();
    const file = path.join(dir, csvFileName('result', now));
    if (!existsSync(file)) {
      writeFileSync(file, 'Time,CPE Name,Summary,Stage 1 in ms,Stage 2 in ms,Stage 3 in ms\n');
    }
    appendFileSync(file, `${asctime(now)},${site},${rest}\n`);
  };
  add('oslo', 'SUCCESS,5.123,1500.000,12.300');
  const config = probeConfig({
    file: path.join(dir, 'config.yml'),
    logging: { ...probeConfig().logging, dir },
    sites: [simulatedSite('works', { name: 'oslo' }), simulatedSite('works', { name: 'rome/1' })],
    web: { listen: { host: '127.0.0.1', port }, hosts: undefined, password: undefined, ...web },
  });
  const log = recordingLog();
  const { PATH = '' } = process.env;
  const TMPDIR = temporaryFolder();
  const page = runPage({ system: realSystem({ PATH, TMPDIR }), log, version: '1.2.3' });
  onTestFinished(() => page.close());
  const get = (address: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}${address}`, { headers });
  const text = async (address: string) => (await get(address)).text();
  return { dir, TMPDIR, port, add, config, log, page, get, text };
}

const served = (log: { readonly lines: readonly string[] }) =>
  until('the page is served', () => log.lines.find((line) => line.includes('The page is served')));

test('it shows the results, what the monitor does, and a new result; then it ends', async () => {
  const { dir, TMPDIR, port, add, config, log, page, get, text } = await setUp();
  writeFileSync(
    config.file,
    `frequency: 60
logging: { dir: ., file: result }
sites:
  oslo: { external_ip: 192.0.2.1, vpn_gw: a, internal_ip: 192.0.2.2, realm: r, username: u, password: "p", timeout: 60 }
  rome/1: { external_ip: 192.0.2.1, vpn_gw: a, internal_ip: 192.0.2.2, realm: r, username: u, password: "p", timeout: 60 }
`,
    { mode: 0o600 },
  );
  await page.use(config);
  await served(log);
  expect(log.lines).toEqual([`INFO The page is served on http://127.0.0.1:${port}/`]);

  expect(await text('/')).toContain('1 up, 1 unknown');
  const printed = (() => {
    try {
      return execFileSync(process.execPath, [MAIN, 'status', '--json', '-c', config.file], {
        encoding: 'utf8',
      });
    } catch (error) {
      // 3: rome/1 has no result.
      return (error as { stdout: string }).stdout;
    }
  })();
  const { time: _, version: __, monitor: ___, ...known } = JSON.parse(printed);
  const { sites, ...others } = known;
  const served1 = JSON.parse(await text('/api/status'));
  expect(Object.keys(served1)).toEqual(Object.keys(JSON.parse(printed)));
  expect(served1).toMatchObject(others);
  const steady = (all: readonly { readonly availability: unknown; readonly trend: unknown }[]) =>
    all.map(({ availability: _, trend: __, ...site }) => site);
  expect(steady(served1.sites)).toEqual(steady(sites));

  const events = (await get('/api/events')).body?.getReader();
  const decoder = new TextDecoder();
  let heard = '';
  const hear = async (words: string) => {
    while (!heard.includes(words)) heard += decoder.decode((await events?.read())?.value);
  };
  await hear('"number":');
  page.progress({ kind: 'stage', site: 'rome/1', stage: 2 });
  await hear('"doing":"testing rome/1: log in","steps":{"1":"log in"}');
  add('rome/1', 'FAILURE,5.123,ERROR,TIMEOUT');
  page.progress({
    kind: 'finished',
    result: { ...resultOf('rome/1', [ok(5), REJECTED, SILENT]), transcript: 'Login failed. <b>' },
  });
  const shown = await until('the new result is shown', async () => {
    const page = await text('/');
    return page.includes('1 up, 1 DOWN') && /data-number="(\d+)"/.exec(page)?.[1];
  });
  await hear(`"number":${shown}`);

  const own = await get('/site/rome%2F1');
  expect(own.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await own.text()).toContain('Login failed. &lt;b&gt;');
  expect(await text('/site/rome%2F1/rows.csv')).toMatch(/,rome\/1,FAILURE,5\.123,ERROR,TIMEOUT\n$/);
  for (const missing of [
    '/site/rome',
    '/site/..%2f..%2fetc%2fpasswd',
    '/site',
    '/index.html',
    '/metrics',
    '//',
    '/api',
  ]) {
    expect({ missing, status: (await get(missing)).status }).toEqual({ missing, status: 404 });
  }

  // A report stands still while a client logs in, and is made afterwards; another one has to wait.
  page.progress({ kind: 'stage', site: 'oslo', stage: 2 });
  await hear('"steps":{"0":"log in"}');
  await events?.cancel();
  const both = [get('/report'), get('/report?from=&to=')];
  expect((await Promise.race(both)).status).toBe(503);
  page.progress({ kind: 'stage', site: 'oslo', stage: 3 });
  const [made, refused] = (await Promise.all(both)).toSorted((a, b) => a.status - b.status);
  expect([made?.status, refused?.status]).toEqual([200, 503]);
  expect(made?.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await made?.text()).toContain('<title>VPN gateways, ');
  expect(await text('/report?from=2001-01-01&to=2001-01-02')).toMatch(
    /^no report: error: no results from 2001-01-01/,
  );
  expect((await get('/report?from=--output')).status).toBe(400);

  // A reload starts the program anew. It knows what it was told before.
  await page.use({ ...config, frequency: 601 });
  await until('the page is back', () => text('/').catch(() => false));
  expect(await text('/site/rome%2F1')).toContain('Login failed. &lt;b&gt;');
  expect(await text('/')).toContain('testing oslo: ping inside');

  await page.close();
  await expect(text('/')).rejects.toThrow('fetch failed');
  expect(readdirSync(TMPDIR)).toEqual([]);
  expect(existsSync(path.join(dir, '.state'))).toBe(false);
});

test('a password is asked for, and never told; a reload moves the page and takes it away', async () => {
  const { config, log, page, get } = await setUp({ password: new Secret('s3cret') });
  await page.use(config);
  await served(log);
  expect(log.lines.at(-1)).toMatch(/, with a password$/);
  expect((await get('/')).status).toBe(401);
  const authorization = `Basic ${Buffer.from('me:s3cret').toString('base64')}`;
  expect((await get('/', { authorization })).status).toBe(200);
  await page.use({ ...config, web: undefined });
  await expect(get('/')).rejects.toThrow('fetch failed');
});

test('it shares the address of the metrics, which stay for whom they are', async () => {
  const { config, log, page, get, text, port } = await setUp({ password: new Secret('s3cret') });
  const authorization = `Basic ${Buffer.from('me:s3cret').toString('base64')}`;
  const listen = { host: '127.0.0.1', port };
  const shared = { ...config, metrics: { listen, textfile: undefined } };
  const { PATH = '' } = process.env;
  const metrics = runMetrics({
    state: freshState(),
    rows: { pending: 0 },
    health: () => DONE,
    system: realSystem({ PATH }),
    log,
    version: '1.2.3',
    page: page.handOver,
  });
  onTestFinished(() => metrics.close());
  await metrics.use(shared);
  expect((await get('/')).status).toBe(503);
  await page.use(shared);
  await until('the page is served', () => log.lines.find((line) => line.includes('The page is served on')));
  const foreign = (path: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { host: 'evil.example', authorization };
      http
        .get({ ...listen, path, headers, agent: false }, (response) => resolve(response.resume().statusCode))
        .on('error', reject);
    });
  for (const path of ['/metrics', '/healthz', '/readyz?x']) expect(await foreign(path)).toBe(200);
  expect(await text('/healthz')).toBe('alive\n');
  expect(await foreign('/')).toBe(421);
  expect((await get('/')).status).toBe(401);
  expect((await get('/metrics/')).status).toBe(401);
  expect(await (await get('/', { authorization })).text()).toContain('1 up, 1 unknown');
  const events = (await get('/api/events', { authorization })).body?.getReader();
  expect(new TextDecoder().decode((await events?.read())?.value)).toMatch(/^data: /);
  await events?.cancel();
  // Without the page they are the metrics alone.
  await metrics.use({ ...shared, web: undefined });
  expect(await text('/')).toBe('not found: there are /metrics, /healthz and /readyz\n');
});

test('an address that is in use is logged once', async () => {
  const first = await setUp();
  await first.page.use(first.config);
  await served(first.log);
  const second = await setUp({ listen: { host: '127.0.0.1', port: first.port } });
  await second.page.use(second.config);
  await until('it is logged', () => second.log.lines.length > 0);
  expect(second.log.lines).toEqual([
    `ERROR The page is not served: can't listen on 127.0.0.1:${first.port}: address already in use (EADDRINUSE)`,
  ]);
});

test('a folder that can not be read is an answer', async () => {
  const { config, log, page, get, dir } = await setUp();
  mkdirSync(path.join(dir, 'x'));
  const logging = { ...config.logging, dir: path.join(dir, 'x', csvFileName('result', new Date())) };
  writeFileSync(logging.dir, '');
  await page.use({ ...config, logging });
  await served(log);
  expect((await get('/')).status).toBe(500);
});
