import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { type OnceOptions, once } from '../../src/commands/once.ts';
import { notingPids } from '../host/programs.ts';
import { until } from '../support/until.ts';
import { catchStderr, common, createHome, createShell, type Home } from './support.ts';

// Without a terminal the log goes there.
let stderr: () => string;
beforeEach(() => {
  stderr = catchStderr();
});

function options(home: Home, more: Partial<OnceOptions> = {}): OnceOptions {
  return { ...common(home), sites: [], json: false, transcript: undefined, ...more };
}

test('every enabled site once: a table, the rows, the log; neither state nor mail', async () => {
  const home = createHome({ good: 'works', bad: 'rejects' });
  const shell = createShell(home);
  expect(await once(options(home), shell)).toBe(1);
  const lines = shell.screen.stdout().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/^SITE {2}SUMMARY +PING OUTSIDE +LOG IN +PING INSIDE$/),
    expect.stringMatching(/^good {2}SUCCESS +\d+\.\d{3} ms +\d+\.\d{3} ms +\d+\.\d{3} ms$/),
    expect.stringMatching(/^bad {3}FAILURE +\d+\.\d{3} ms +ERROR +\d+\.\d{3} ms$/),
    '  log in: Login failed.',
    '  ping inside: outside the tunnel',
    '',
  ]);
  expect(home.rows()).toEqual(['good,SUCCESS,N,N,N', 'bad,FAILURE,N,ERROR,N']);
  expect(home.log()).toContain('Running vpn gw delay test for bad');
  expect(home.log()).not.toContain('s3cr3t-pass');
  expect(existsSync(home.at('results', '.state', 'state.json'))).toBe(false);
});

test('the log may be elsewhere: its folder is made, the results folder has none, an old log is renamed', async () => {
  const home = createHome(
    { good: 'works' },
    { logging: '{ dir: results, file: result, log: logs/of vpn/monitoring.log }' },
  );
  mkdirSync(home.at('logs/of vpn'), { recursive: true });
  writeFileSync(home.at('logs/of vpn/monitoring.log'), 'of the script\n');
  expect(await once(options(home), createShell(home))).toBe(0);
  expect(home.rows()).toEqual(['good,SUCCESS,N,N,N']);
  expect(readFileSync(home.at('logs/of vpn/monitoring.log'), 'utf8')).toContain('delay test for good');
  expect(readFileSync(home.at('logs/of vpn/monitoring-script.log'), 'utf8')).toBe('of the script\n');
  expect(readdirSync(home.at('results')).filter((name) => name.includes('log'))).toEqual([]);
});

test.each(['nonsense', '{"version":99}'])(
  'a state file that it can not use stays where it is: %s',
  async (text) => {
    const home = createHome();
    mkdirSync(home.at('results', '.state'), { recursive: true });
    writeFileSync(home.at('results', '.state', 'state.json'), text);
    const shell = createShell(home);
    expect(await once(options(home), shell)).toBe(0);
    expect(readFileSync(home.at('results', '.state', 'state.json'), 'utf8')).toBe(text);
    expect(home.log()).not.toContain('state file');
  },
);

test('all good is status 0; a lower log level leaves the log short', async () => {
  const home = createHome();
  const shell = createShell(home);
  expect(await once(options(home, { logLevel: 'error' }), shell)).toBe(0);
  expect(home.log()).toBe('');
});

test('as JSON there is nothing else on stdout', async () => {
  const home = createHome({ good: 'works', bad: 'refused' });
  const shell = createShell(home);
  expect(await once(options(home, { json: true }), shell)).toBe(1);
  expect(JSON.parse(shell.screen.stdout())).toMatchObject({
    version: '1.2.3',
    sites: [
      { name: 'good', summary: 'SUCCESS', cause: null },
      { name: 'bad', summary: 'FAILURE', cause: 'refused', detail: 'CONNECTION REFUSED' },
    ],
  });
});

test('named sites, in the order of the config, a disabled one too', async () => {
  const home = createHome({ one: 'works', two: 'works', three: 'works, enabled: false' });
  const shell = createShell(home);
  expect(await once(options(home, { sites: ['three', 'one', 'three'] }), shell), home.log()).toBe(0);
  expect(home.rows()).toEqual(['one,SUCCESS,N,N,N', 'three,SUCCESS,N,N,N']);
});

test.each([
  [['site1', 'siet2'], "error: unknown site 'siet2', did you mean site2?\n"],
  [['elsewhere'], "error: unknown site 'elsewhere'\n"],
])('an unknown site is wrong usage: %j', async (sites, words) => {
  const home = createHome({ site1: 'works', site2: 'works' });
  const shell = createShell(home);
  expect(await once(options(home, { sites }), shell)).toBe(2);
  expect(shell.screen.stderr()).toContain(words);
  expect(home.rows()).toEqual([]);
});

test('if all sites are disabled, one must be named', async () => {
  const home = createHome({ site1: 'works, enabled: false' });
  const shell = createShell(home);
  expect(await once(options(home), shell)).toBe(2);
  expect(shell.screen.stderr()).toContain('error: all sites are disabled: name a site to test it anyway\n');
});

test('a wrong config is status 2, with all its problems', async () => {
  const home = createHome({ site1: 'works' }, { frequency: 'often', ping: '{ count: 0 }' });
  const shell = createShell(home);
  expect(await once(options(home), shell)).toBe(2);
  expect(shell.screen.stderr().trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^.*config\.yml:\d+: frequency: expected a number of seconds/),
    expect.stringMatching(/^.*config\.yml:\d+: ping\.count: expected a whole number/),
  ]);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('interrupted by %s: finished tests count, the client has ended', async (signal, status) => {
  const home = createHome({ done: 'works', cut: 'hangs-after-password', never: 'works' });
  const shell = createShell(home);
  const { system, pids } = notingPids(shell.system);
  const ended = once(options(home), { ...shell, system });
  await until(
    'the client hangs',
    () => home.typed().filter((line) => line.startsWith('password=')).length === 2,
  );
  shell.send(signal);
  expect(await ended).toBe(status);
  expect(shell.screen.stdout()).toContain('done  SUCCESS');
  expect(shell.screen.stderr()).toContain('interrupted: 1 of 3 sites tested\n');
  expect(home.rows()).toEqual(['done,SUCCESS,N,N,N']);
  for (const pid of pids) expect(system.kill(-pid, 0)).toBe('gone');
  expect(shell.signals.eventNames()).toEqual([]);
});

test('rows that can not be written are an error; the results are still printed', async () => {
  const home = createHome({ site1: 'works' }, { logging: '{ dir: occupied, file: result }' });
  writeFileSync(home.at('occupied'), 'a file, not a folder');
  const shell = createShell(home);
  expect(await once(options(home), shell)).toBe(1);
  expect(shell.screen.stdout()).toContain('site1  SUCCESS');
  expect(shell.screen.stderr()).toMatch(
    /^error: rows can't be written to .*occupied.*; the rows of this command are not saved$/m,
  );
  expect(stderr()).toContain('Row lost');
});

test('a terminal shows the running site and stage, and removes them at the end', async () => {
  const home = createHome();
  const shell = createShell(home, { columns: 80 });
  expect(await once(options(home), shell)).toBe(0);
  for (const stage of ['1/3 ping outside', '2/3 log in', '3/3 ping inside', 'logging out']) {
    expect(shell.screen.stderr()).toContain(`site1: ${stage}, `);
  }
  expect(shell.screen.stderr()).toMatch(/\r\x1b\[2K$/);
});

test('a terminal shows the log, without the lines that repeat the table', async () => {
  const home = createHome({ site1: 'ignores-quit', bad: 'rejects' }, { login: '{ quit_timeout: 1 }' });
  const shell = createShell(home, { columns: 80 });
  expect(await once(options(home), shell)).toBe(1);
  const shown = shell.screen.stderr();
  expect(shown).toContain('warning: site1: the client did not end within 1 s of quit, ending it');
  for (const word of ['Something went bad', 'Cause: ']) {
    expect(shown).not.toContain(word);
    expect(home.log()).toContain(word);
  }
});

test('a bug is thrown, and no signal listener remains', async () => {
  const home = createHome();
  const bug = new TypeError('a bug');
  const shell = createShell(home, {
    system: {
      spawnPty: () => {
        throw bug;
      },
    },
  });
  await expect(once(options(home), shell)).rejects.toBe(bug);
  expect(shell.signals.eventNames()).toEqual([]);
});

test('without a terminal, as under cron, stderr has neither debug lines nor dumps; the log file has', async () => {
  const home = createHome({ bad: 'rejects' });
  expect(await once(options(home), createShell(home))).toBe(1);
  expect(stderr()).toContain('Something went bad when connecting');
  expect(stderr()).not.toContain(' - DEBUG - ');
  expect(
    stderr()
      .trimEnd()
      .split('\n')
      .every((line) => line.startsWith('=')),
  ).toBe(true);
  expect(home.log()).toContain(' - DEBUG - Running vpn gw delay test');
  expect(
    home
      .log()
      .split('\n')
      .some((line) => !line.startsWith('=')),
  ).toBe(true);
});
