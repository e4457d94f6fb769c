import fs from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/cli.ts';
import { ControlFolder } from '../../src/control/control-folder.ts';
import { csvFileName } from '../../src/results/file-name.ts';
import { realSystem } from '../../src/system/real-system.ts';
import { createHome, createShell, type Home } from './support.ts';

let home: Home;
let folder: ControlFolder;
beforeEach(() => {
  home = createHome({ a: 'works', b: 'works' });
  fs.mkdirSync(home.at('results'));
  folder = new ControlFolder(home.at('results'), realSystem({}));
  folder.prepare(null);
});

async function play(...argv: string[]) {
  const shell = createShell(home);
  const status = await main([...argv, '-c', home.config], shell);
  return { status, out: shell.screen.stdout().trimEnd(), err: shell.screen.stderr().trimEnd() };
}

/** The sites fail, as the rows of their last test say. */
function fail(...sites: string[]): void {
  const now = new Date();
  const row = (site: string) => `${now.toString().slice(0, 24)},${site},FAILURE,5,ERROR,12`;
  const time = now
    .toDateString()
    .replace(/ 0(\d) /, '  $1 ')
    .slice(0, 10);
  const line = (site: string) =>
    `${time} ${now.toTimeString().slice(0, 8)} ${now.getFullYear()}${row(site).slice(24)}`;
  const head = 'Time,CPE Name,Summary,Stage 1 in ms,Stage 2 in ms,Stage 3 in ms';
  fs.writeFileSync(
    home.at('results', csvFileName('result', now)),
    `${[head, ...sites.map(line)].join('\n')}\n`,
  );
}

describe('silence', () => {
  test('leaves an order, lists it, and ends it', async () => {
    const given = await play('silence', 'a', '--for', '2h', '--reason', 'new line');
    expect(given).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^a is silenced by \S+ until .*: new line$/),
      err: 'note: no monitor is running; it takes effect when one does',
    });
    const [order] = folder.read().orders;
    expect(order).toMatchObject({ kind: 'silence', sites: ['a'], reason: 'new line' });
    expect(await play('silence', '--list')).toMatchObject({ status: 0, out: given.out });
    expect(await play('silence', 'b', '--end')).toMatchObject({ status: 1 });
    expect(await play('silence', 'a', '--end')).toEqual({ status: 0, out: `ended: ${given.out}`, err: '' });
    expect(await play('silence', '--list')).toMatchObject({
      out: 'No site is silenced or acknowledged.',
    });
  });

  test('ends for one of several sites, and stays for the others', async () => {
    const { out } = await play('silence', 'a', 'b', '--for', '2h', '--reason', 'new line');
    const [before] = folder.read().orders;
    expect(await play('silence', 'a', '--end')).toEqual({ status: 0, out: `ended for a: ${out}`, err: '' });
    const { id: _, ...after } = folder.read().orders[0] ?? { id: '' };
    expect(after).toEqual({ ...before, id: undefined, sites: ['b'] });
    expect(folder.read().orders).toHaveLength(1);
    expect(await play('silence', 'a', '--end')).toMatchObject({ status: 1 });
  });

  test('of all sites ends for one, and stays for the others of the config', async () => {
    await play('silence', '--all', '--for', '30m');
    expect((await play('silence', 'b', '--end')).out).toMatch(/^ended for b: All sites are silenced by /);
    expect(folder.read().orders).toMatchObject([{ sites: ['a'], reason: null }]);
  });

  test.each([[['aa']], [['a', 'aa']]])('a name that nothing has ends nothing: %j', async (names) => {
    await play('silence', '--all', '--for', '30m');
    const before = folder.read();
    expect(await play('silence', ...names, '--end')).toMatchObject({
      status: 2,
      err: "error: unknown site 'aa'",
    });
    expect(folder.read()).toEqual(before);
  });

  test('that is over ends whole', async () => {
    const [from, until] = [Date.now() - 7200_000, Date.now() - 3600_000];
    folder.write({ version: 1, kind: 'silence', sites: ['a', 'b'], from, until, reason: null });
    expect(await play('silence', 'a', '--end')).toMatchObject({ status: 0 });
    expect(folder.read().orders).toEqual([]);
  });

  test('of all sites', async () => {
    await play('silence', '--all', '--for', '30m');
    expect(folder.read().orders).toMatchObject([{ sites: null, reason: null }]);
    expect((await play('silence', '--all', '--end')).status).toBe(0);
    expect(folder.read().orders).toEqual([]);
  });

  test.each<[string[], string]>([
    [['--for', '2h'], 'error: name the sites, or --all'],
    [['a', '--all', '--for', '2h'], 'error: name the sites, or --all'],
    [['a'], 'error: --for is missing: how long, such as 30m, 2h or 1d'],
    [['c', '--for', '2h'], "error: unknown site 'c'"],
    [['a', '--for', '31d'], 'error: a silence lasts at most 30 days'],
    [['a', '--for', '2h', '--reason', 'a\nb'], 'error: the text of --reason must be one line'],
    [
      ['a', '--for', '2 hours'],
      "error: option '--for <time>' argument '2 hours' is invalid. Expected a time such as",
    ],
  ])('%j is refused', async (argv, err) => {
    const { status, err: said } = await play('silence', ...argv);
    expect(status).toBe(2);
    expect(said).toContain(err);
    expect(folder.read().orders).toEqual([]);
  });

  test('without the folder, says who makes it', async () => {
    fs.rmSync(home.at('results', 'control'), { recursive: true });
    expect(await play('silence', 'a', '--for', '2h')).toMatchObject({
      status: 3,
      err: expect.stringContaining('the monitor makes it when it starts'),
    });
  });
});

describe('ack', () => {
  test('acknowledges a site that is down, and takes it back', async () => {
    fail('a');
    expect(await play('ack', 'a', '--note', 'provider informed')).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^a is acknowledged by \S+ at .*: provider informed$/),
    });
    expect(folder.read().orders).toMatchObject([{ kind: 'ack', site: 'a', note: 'provider informed' }]);
    const { out } = await play('status');
    expect(out).toMatch(/^ {2}acknowledged by \S+ at .*: provider informed$/m);
    const { sites } = JSON.parse((await play('status', '--json')).out);
    expect(sites).toMatchObject([{ ack: { note: 'provider informed' }, silence: null }, { ack: null }]);
    expect((await play('ack', 'a', '--end')).status).toBe(0);
    expect(folder.read().orders).toEqual([]);
  });

  test.each(['ack', 'silence'])('%s ends for a site that is out of the config', async (kind) => {
    const from = Date.now();
    if (kind === 'ack') folder.write({ version: 1, kind: 'ack', site: 'gone', from, note: null });
    else {
      const until = from + 3600_000;
      folder.write({ version: 1, kind: 'silence', sites: ['gone'], from, until, reason: null });
    }
    expect(await play(kind, 'gone', '--end')).toMatchObject({ status: 0 });
    expect(folder.read().orders).toEqual([]);
    expect(await play(kind, 'gone', '--end')).toMatchObject({ status: 2, err: "error: unknown site 'gone'" });
  });

  test('refuses a site that is not down', async () => {
    expect(await play('ack', 'a')).toMatchObject({
      status: 1,
      err: 'error: a is not down: there is nothing to acknowledge',
    });
  });
});
