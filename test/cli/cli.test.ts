import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { main } from '../../src/cli/cli.ts';
import { catchStderr, createHome, createShell, type Home } from '../commands/support.ts';
import { until } from '../support/until.ts';

/** Plays a command line; `err` without the line end. */
async function play(argv: readonly string[], home?: Home) {
  const shell = createShell(home);
  const status = await main(argv, shell);
  return { status, out: shell.screen.stdout(), err: shell.screen.stderr().trimEnd() };
}

const COMMANDS = ['run', 'once', 'status', 'report', 'check', 'test-notify', 'demo'];

test('the help names every command, and what happens without one', async () => {
  const { status, out, err } = await play(['--help']);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${command}[ |].*\\S`, 'm'));
  expect(out).toContain('Without a command: run.');
  expect(await play(['-h'])).toEqual({ status, out, err });
  expect(await play(['help'])).toEqual({ status, out, err });
});

test.each(COMMANDS)('the help of %s shows its options and an example', async (command) => {
  const { status, out, err } = await play([command, '--help']);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(new RegExp(`^Usage: vpn-monitor ${command}(?:\\|test-mail)? \\[options\\]`));
  expect(out).toMatch(/^ {2}-c, --config <file> /m);
  expect(out).toMatch(/^ {2}--log-level <level> /m);
  expect(out).toMatch(new RegExp(`Example:\\n {2}vpn-monitor ${command}\\b`));
  expect(await play(['help', command])).toEqual({ status, out, err });
});

test.each([[['--version']], [['-V']], [['once', '--version']]])('%j prints the version', async (argv) => {
  expect(await play(argv)).toEqual({ status: 0, out: '1.2.3\n', err: '' });
});

test.each([
  [['onec'], "error: unknown command 'onec', did you mean once? (vpn-monitor --help lists all)"],
  [['ONCE'], "error: unknown command 'ONCE', did you mean once? (vpn-monitor --help lists all)"],
  [['test'], "error: unknown command 'test', did you mean test-notify? (vpn-monitor --help lists all)"],
  [['nonsense'], "error: unknown command 'nonsense' (vpn-monitor --help lists all)"],
  [[''], "error: unknown command '' (vpn-monitor --help lists all)"],
  // Not its option, which is right.
  [['onec', '--json'], "error: unknown command 'onec', did you mean once? (vpn-monitor --help lists all)"],
  [
    ['--confg', 'x.yml'],
    "error: unknown option '--confg', did you mean --config? (vpn-monitor --help lists all)",
  ],
  [
    ['--verison'],
    "error: unknown option '--verison', did you mean --version? (vpn-monitor --help lists all)",
  ],
  [['-x'], "error: unknown option '-x' (vpn-monitor --help lists all)"],
  [['once', '--jsn'], "error: unknown option '--jsn'\n(Did you mean --json?)"],
  [['run', '--cofnig', 'x.yml'], "error: unknown option '--cofnig'\n(Did you mean --config?)"],
  [['run', '--dir', 'x'], "error: unknown option '--dir'"],
  [['help', 'onec'], "error: unknown command 'onec', did you mean once? (vpn-monitor --help lists all)"],
  [['--config'], "error: option '-c, --config <file>' argument missing"],
  [['once', '--log-level'], "error: option '--log-level <level>' argument missing"],
  [
    ['run', '--log-level', 'debgu'],
    "error: option '--log-level <level>' argument 'debgu' is invalid. Expected one of debug, info, warning, error, critical. Did you mean debug?",
  ],
  [
    ['--log-level', 'loud'],
    "error: option '--log-level <level>' argument 'loud' is invalid. Expected one of debug, info, warning, error, critical.",
  ],
  [['run', 'x'], "error: too many arguments for 'run'. Expected 0 arguments but got 1."],
  [['check', 'x', 'y'], "error: too many arguments for 'check'. Expected 0 arguments but got 2."],
  [['test-notify', 'x', 'y'], "error: too many arguments for 'test-notify'. Expected 1 argument but got 2."],
  [['completion'], "error: missing required argument 'SHELL'"],
  [
    ['completion', 'fish'],
    "error: command-argument value 'fish' is invalid for argument 'SHELL'. Allowed choices are bash, zsh.",
  ],
  // What is not for people is not proposed to them.
  [['complete-site'], "error: unknown command 'complete-site' (vpn-monitor --help lists all)"],
  [['demo', 'x'], "error: too many arguments for 'demo'. Expected 0 arguments but got 1."],
])('%j is wrong usage', async (argv, err) => {
  expect(await play(argv)).toEqual({ status: 2, out: '', err });
});

test.each([
  ['before the command', ['--config', 'CONFIG', '--log-level', 'error', 'once', 'bad']],
  ['after it', ['once', '-c', 'CONFIG', 'bad', '--log-level', 'error']],
  ['after its arguments', ['once', 'bad', '--log-level=ERROR', '--config=CONFIG']],
])('options %s', async (_, argv) => {
  const home = createHome({ good: 'works', bad: 'refused' });
  catchStderr();
  const named = argv.map((word) => word.replace('CONFIG', home.config));
  const { status, out } = await play(named, home);
  expect(status).toBe(1);
  expect(out).toMatch(/^bad +FAILURE/m);
  expect(out).not.toMatch(/^good/m);
  // Level error: what failed is in the log, what was begun is not.
  expect(home.log()).toContain('Something went bad when connecting');
  expect(home.log()).not.toContain('Running vpn gw delay test');
});

test('without a command and a config it says what to do first', async () => {
  const shell = createShell();
  const nowhere = { ...shell.system.files, existsSync: () => false } as typeof shell.system.files;
  const status = await main([], { ...shell, system: { ...shell.system, files: nowhere } });
  expect(status).toBe(2);
  expect(shell.screen.stderr()).toMatch(/^There is no config.yml in this folder/);
  for (const command of ['demo', 'init'])
    expect(shell.screen.stderr()).toContain(`\n  vpn-monitor ${command} `);
});

test('the help begins with what to do first, and has the exit statuses', async () => {
  const { out } = await play(['--help']);
  const listed = [...out.matchAll(/^ {2}([a-z-]+) .*/gm)].map(([, name]) => name);
  expect(listed.filter((name) => name === 'init' || COMMANDS.includes(name ?? '')).slice(0, 3)).toEqual([
    'init',
    'demo',
    'run',
  ]);
  expect(out).toMatch(/Exit status:\n {2}0 /);
});

test('once writes a transcript where it is to', async () => {
  catchStderr();
  const home = createHome();
  const file = home.at('transcript');
  expect(await play(['once', '--transcript', file, 'site1', '-c', home.config], home)).toMatchObject({
    status: 0,
  });
  expect(readFileSync(file, 'utf8')).toContain('"what":"password"');
});

test('once --json gives an object', async () => {
  const home = createHome();
  catchStderr();
  const { status, out } = await play(['once', '--json', '-c', home.config], home);
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ version: '1.2.3', sites: [{ name: 'site1', summary: 'SUCCESS' }] });
});

test.each([
  ['vpn-monitor alone', ['-c', 'CONFIG']],
  ['vpn-monitor run', ['run', '-c', 'CONFIG']],
])('%s tests until it is stopped', async (_, argv) => {
  const home = createHome();
  catchStderr();
  const shell = createShell(home);
  const ended = main(
    argv.map((word) => word.replace('CONFIG', home.config)),
    shell,
  );
  await until('a row', () => home.rows().length > 0);
  shell.send('SIGTERM');
  expect(await ended).toBe(0);
});

test('check and test-notify, also by its old name, find their config', async () => {
  const home = createHome();
  const checked = await play(['check', '-c', home.config], home);
  expect(checked).toMatchObject({ status: 0, out: expect.stringContaining('Ready to run.') });
  for (const name of ['test-notify', 'test-mail']) {
    const mailed = await play(['-c', home.config, name], home);
    expect(mailed).toMatchObject({ status: 1, err: expect.stringContaining('logging.email') });
  }
  expect(await play(['help', 'test-mail'])).toEqual(await play(['help', 'test-notify']));
});

test.each(['bash', 'zsh'])('completion for %s is a script that knows every command', async (name) => {
  const { status, out, err } = await play(['completion', name]);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^ *'?${command}'?\\)`, 'm'));
  expect(out).not.toMatch(/\beval\b/);
});

test('completion prints the names of the sites, one per line', async () => {
  const home = createHome({ 'main office': 'works', site2: 'works' });
  // Whoever may read the config, if not the passwords that lie elsewhere.
  const text = readFileSync(home.config, 'utf8');
  writeFileSync(home.config, text.replace('password: s3cr3t-pass', 'password_file: not-ours'));
  expect(await play(['complete-sites', '-c', home.config], home)).toEqual({
    status: 0,
    out: 'main office\nsite2\n',
    err: '',
  });
  expect(await play(['complete-sites', '-c', '/nowhere'])).toEqual({ status: 2, out: '', err: '' });
});

test('completion prints the names of the channels, that of logging.email first', async () => {
  const email =
    '{ server: localhost, from: a@example.com, to: b@example.com, username: x, password_file: no }';
  const home = createHome(undefined, {
    logging: `{ dir: results, file: result, email: ${email} }`,
    channels:
      '[{ name: chat, webhook: { url_file: not-ours } }, { name: pager, command: { run: [/bin/true] } }]',
  });
  const printed = await play(['complete-channels', '-c', home.config], home);
  expect(printed).toEqual({ status: 0, out: 'mail\nchat\npager\n', err: '' });
});

test('demo accepts a folder', async () => {
  const home = createHome();
  const { status, err } = await play(['demo', '--dir', home.folder]);
  expect({ status, err }).toEqual({ status: 2, err: `error: ${home.folder}: the folder is not empty` });
});

test.each(COMMANDS.filter((command) => command !== 'demo'))(
  '%s with a bad config says all that is wrong with it',
  async (command) => {
    const home = createHome({ site1: 'works, extra: 1' }, { frequency: 'often', ping: '{ count: 0 }' });
    const { status, out, err } = await play([command, '-c', home.config], home);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err.split('\n')).toEqual([
      expect.stringMatching(/config\.yml:\d+: sites\.site1\.extra: unknown key/),
      expect.stringMatching(/config\.yml:\d+: frequency: expected a number of seconds/),
      expect.stringMatching(/config\.yml:\d+: ping\.count: expected a whole number/),
    ]);
  },
);

test('without a config there is a hint how to start', async () => {
  const { status, err } = await play(['-c', '/nowhere/config.yml']);
  expect(status).toBe(2);
  expect(err).toMatch(/^\/nowhere\/config\.yml: no such file: make one with vpn-monitor init/);
});

test('a secret that can not be read yet is status 3: a later start may work', async () => {
  const home = createHome();
  const text = readFileSync(home.config, 'utf8');
  writeFileSync(home.config, text.replace('password: s3cr3t-pass', 'password_file: not-yet'));
  const { status, err } = await play(['-c', home.config], home);
  expect(status).toBe(3);
  expect(err).toContain('password_file');
});

test('a bug is thrown, not reported as wrong usage', async () => {
  const home = createHome();
  const shell = createShell(home);
  const bug = new TypeError('a bug');
  const screen = {
    ...shell.screen,
    print: () => {
      throw bug;
    },
  };
  await expect(main(['check', '-c', home.config], { ...shell, screen })).rejects.toBe(bug);
});
