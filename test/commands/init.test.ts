import fs from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { main } from '../../src/cli/cli.ts';
import { PROFILES } from '../../src/clients/built-in.ts';
import { loadConfig } from '../../src/config/load.ts';
import { configOf } from '../config/write-config.ts';
import { startRealServer } from '../support/real-smtp-server.ts';
import { recordingOutput } from '../support/recording-screen.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { createShell, type ShellOptions } from './support.ts';

const EXAMPLE = fs.readFileSync(path.resolve(import.meta.dirname, '../../config.example.yml'), 'utf8');
let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

/** Plays `init` in the folder, the lines typed on a terminal; without lines there is no terminal. */
async function play(argv: readonly string[], lines?: readonly string[], options: ShellOptions = {}) {
  const input = Object.assign(new PassThrough(), { isTTY: lines !== undefined });
  const output = recordingOutput(lines === undefined ? undefined : 200);
  const shell = createShell(undefined, { keyboard: { input, output }, ...options });
  input.write((lines ?? []).map((line) => `${line}\r`).join(''));
  const status = await main(['init', ...argv], shell);
  return {
    status,
    out: shell.screen.stdout(),
    err: shell.screen.stderr(),
    asked: stripVTControlCharacters(output.written.join('')).replaceAll('\r', '').split('\n').slice(0, -1),
  };
}

const written = () => fs.readFileSync(path.join(folder, 'config.yml'), 'utf8');
const config = () =>
  configOf(loadConfig(path.join(folder, 'config.yml'), { files: fs, env: {}, clients: PROFILES }));
/** The host's programs and names, without the host. */
const machine = (
  commands: readonly string[],
  names: Readonly<Record<string, string>> = {},
): ShellOptions => ({
  system: {
    hostname: 'host',
    findCommand: (command) => (commands.includes(command) ? `/usr/bin/${command}` : undefined),
    resolve: async (host) => (names[host] === undefined ? [] : [names[host]]),
  },
});
/** Enter: what is in the brackets. */
const ENTER = '';

test('each answer is checked, the config is valid, and the next commands are printed', async () => {
  const server = await startRealServer();
  onTestFinished(() => server.close());
  const { status, out, err, asked } = await play(
    [folder],
    [
      'main office',
      'startct',
      'vpn.example.org',
      ENTER,
      'Corp Users',
      'probe',
      's3cret',
      '10.1.2.3',
      `127.0.0.1:${server.port}`,
      'vpn@example.org',
      'a@example.org, b@example.org',
    ],
    machine(['startct'], { 'vpn.example.org': '192.0.2.1' }),
  );
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(asked).toEqual([
    'Name [site1]: main office',
    'VPN client: startct, openconnect or openvpn [startct]: startct',
    'Gateway to log in to [site1.example.com]: vpn.example.org',
    'Host or address to ping from outside [vpn.example.org]: ',
    'Realm [corp]: Corp Users',
    'Username [monitor]: probe',
    'Password (not shown): ',
    'Host or address to ping through the tunnel [10.0.0.1]: 10.1.2.3',
    `Mail server (host or host:port; none: no mail) [localhost]: 127.0.0.1:${server.port}`,
    'From [VPN monitor <vpn-monitor@host>]: vpn@example.org',
    'To (one or more addresses, separated by commas) [root]: a@example.org, b@example.org',
  ]);
  const file = path.join(folder, 'config.yml');
  expect(out.split('\n')).toEqual([
    `This creates ${file}. Press Enter to accept the value in [brackets], ^C to stop without writing.`,
    '',
    'The first site',
    'ok       client startct: /usr/bin/startct',
    '',
    'Mail',
    expect.stringMatching(/^ok {7}mail server 127\.0\.0\.1:\d+: ready/),
    '',
    `Wrote ${file}, which only you may read. Comments in it explain all other settings. Next:`,
    `  vpn-monitor check -c ${file}                # checks the config and this host`,
    `  vpn-monitor test-notify -c ${file}          # sends one mail`,
    `  vpn-monitor once 'main office' -c ${file}   # tests the site once`,
    '',
  ]);
  expect(config().sites).toMatchObject([
    {
      name: 'main office',
      client: { name: 'startct' },
      vpnGw: 'vpn.example.org',
      externalIp: 'vpn.example.org',
      username: 'probe',
      internalIp: '10.1.2.3',
    },
  ]);
  // Its certificate is checked from the first log-in on.
  expect(Object.fromEntries(config().sites[0]?.clientKeys ?? [])).toEqual({
    realm: 'Corp Users',
    server_cert: 'verify',
  });
  expect(config().sites[0]?.password?.reveal()).toBe('s3cret');
  expect(config().logging.email).toMatchObject({
    from: { name: '', address: 'vpn@example.org' },
    to: [
      { name: '', address: 'a@example.org' },
      { name: '', address: 'b@example.org' },
    ],
  });
  expect(config().warnings).toEqual([]);
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(fs.readdirSync(folder)).toEqual(['config.yml']);
});

test('what is missing is a warning, not an error; without mail, run is among the next commands', async () => {
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder);
  onTestFinished(() => cwd.mockRestore());
  const gateway = 'https://site1.example.com/vpn';
  const lines = [ENTER, ENTER, gateway, '192.0.2.7', ENTER, ENTER, 's3cret', ENTER, 'none'];
  const { status, out, asked } = await play([], lines, {
    ...machine([]),
    env: { npm_command: 'exec' },
  });
  expect(status).toBe(0);
  expect(out).toContain('missing  client startct: startct is not there or may not be run\n');
  expect(out).toContain("warning  site1.example.com can't be resolved\n");
  expect(out).not.toContain("192.0.2.7 can't be resolved");
  expect(asked.join('\n')).toContain('Host or address to ping from outside [site1.example.com]: ');
  expect(out).toMatch(
    /\n {2}npx vpn-monitor check {8}# .*\n {2}npx vpn-monitor run {10}# .*\n {2}npx vpn-monitor once site1 {3}# /,
  );
  expect(config().logging.email).toBeUndefined();
});

test('a wrong answer gets the message of the config loader, and the question is repeated', async () => {
  const { status, out, asked } = await play(
    [folder],
    [
      '=cmd()',
      'x-site',
      'site9',
      'ssh',
      'openconnect',
      '-x',
      'vpn.example.org:8443',
      'a b',
      ENTER,
      ENTER,
      ENTER,
      ENTER,
      'pass word',
      'http://10.0.0.1',
      ENTER,
      'smtp.example.org:x',
      'smtp.example.org:587',
      'nobody@',
      ENTER,
      'a@b, c d',
      ENTER,
    ],
    machine(['openconnect']),
  );
  expect(status).toBe(0);
  expect(out.split('\n').filter((line) => /^ {2}(?!vpn-monitor)\S/.test(line))).toEqual([
    '  expected a name that does not begin with = + - or @ (spreadsheets run those)',
    '  expected a name that does not begin with x-: the config loader ignores such names',
    '  expected startct, openconnect or openvpn; describe other clients in the file',
    '  expected a gateway, without spaces or a leading -',
    '  expected a host name or an address, without spaces or a leading -',
    '  expected a password that is not empty',
    '  expected a host name or an address, without spaces or a leading -',
    '  expected host, host:port or [v6 address]:port',
    '  expected one mail address',
    expect.stringMatching(/^ {2}expected mail addresses such as /),
  ]);
  expect(asked).toContain('VPN client: startct, openconnect or openvpn [openconnect]: openconnect');
  expect(asked).toContain('Host or address to ping from outside [vpn.example.org]: ');
  expect(asked).toContain('From [VPN monitor <vpn-monitor@example.org>]: ');
  expect(asked).toContain('To (one or more addresses, separated by commas) [noc@example.org]: ');
  expect(config().sites[0]).toMatchObject({
    name: 'site9',
    client: { name: 'openconnect' },
    clientKeys: new Map(),
  });
  expect(config().sites[0]?.password?.reveal()).toBe('pass word');
});

test('OpenVPN: the default profile has the name of the site; a missing one is a warning', async () => {
  const { status, out, asked } = await play(
    [folder],
    ['hh', 'openvpn', ENTER, ENTER, '~/hh.ovpn', ENTER, ENTER, 's3cret', ENTER, 'None'],
    machine(['openvpn']),
  );
  expect(status).toBe(0);
  expect(asked).toContain('Gateway (the profile says where to log in) [site1.example.com]: ');
  expect(asked).toContain('Profile (.ovpn) [hh.ovpn]: ');
  expect(out).toContain('  expected a whole path (~ is not expanded)\n');
  expect(out).toContain(`warning  ${path.join(folder, 'hh.ovpn')} can't be read yet: no such file\n`);
  fs.writeFileSync(path.join(folder, 'hh.ovpn'), 'client\n');
  expect(config().sites[0]?.clientKeys).toEqual(new Map([['profile', path.join(folder, 'hh.ovpn')]]));
});

test('OpenVPN: no warning for an existing profile', async () => {
  fs.writeFileSync(path.join(folder, 'hh.ovpn'), 'client\n');
  const { status, out } = await play(
    [folder],
    ['hh', 'openvpn', ENTER, '127.0.0.1', ENTER, ENTER, 's3cret', ENTER, 'none'],
    machine(['openvpn']),
  );
  expect(status).toBe(0);
  expect(out).not.toContain('hh.ovpn');
});

test.each(['none', 'NONE', 'No'])('%s: no mail', async (typed) => {
  const lines = [ENTER, ENTER, '127.0.0.1', ENTER, ENTER, ENTER, 's3cret', ENTER, typed];
  expect(await play([folder], lines, machine(['startct']))).toMatchObject({ status: 0 });
  expect(config().logging.email).toBeUndefined();
});

test('--yes writes the example as it is, into a new folder too', async () => {
  const dir = path.join(folder, 'new', 'folder');
  const { status, out, err } = await play(['--yes', dir]);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(fs.readFileSync(path.join(dir, 'config.yml'), 'utf8')).toBe(EXAMPLE);
  expect(fs.statSync(path.join(dir, 'config.yml')).mode & 0o777).toBe(0o600);
  expect(out).toContain('Edit it; comments explain every key. Next:');
});

test.each([
  ['behind the command', (file: string) => ['init', '--yes', '-c', file]],
  ['before it', (file: string) => ['-c', file, 'init', '--yes']],
])('--config names the file, %s', async (_where, argv) => {
  const file = path.join(folder, 'new folder', 'vpn.yml');
  const shell = createShell();
  expect(await main(argv(file), shell)).toBe(0);
  expect(fs.readFileSync(file, 'utf8')).toBe(EXAMPLE);
  expect(shell.screen.stdout()).toContain(`vpn-monitor check -c '${file}' `);
  expect(fs.readdirSync(folder)).toEqual(['new folder']);
});

test.each(['my.yml', 'below/my.YAML'])('a file where its folder should be is refused: %s', async (name) => {
  const dir = path.join(folder, name);
  expect(await play(['--yes', dir])).toMatchObject({
    status: 2,
    out: '',
    err: `error: DIR must be a folder, but ${dir} looks like a file: use --config ${dir}\n`,
  });
  expect(fs.readdirSync(folder)).toEqual([]);
});

test('a folder with the name of a file is accepted', async () => {
  const dir = path.join(folder, 'conf.yml');
  fs.mkdirSync(dir);
  expect(await play(['--yes', dir])).toMatchObject({ status: 0 });
  expect(fs.readdirSync(dir)).toEqual(['config.yml']);
});

test('a folder together with a file is refused', async () => {
  expect(await play(['--yes', folder, '-c', path.join(folder, 'my.yml')])).toMatchObject({
    status: 2,
    out: '',
    err: 'error: DIR and --config both name the place of the config: use only one of them\n',
  });
  expect(fs.readdirSync(folder)).toEqual([]);
});

test.each([
  ['--yes', ['--yes'], undefined],
  ['on a terminal', [], [] as string[]],
])('never overwrites: %s', async (_, options, lines) => {
  const file = path.join(folder, 'config.yml');
  fs.writeFileSync(file, 'mine');
  expect(await play([...options, folder], lines)).toMatchObject({
    status: 2,
    out: '',
    err: `error: ${file} already exists; it was not changed\n`,
  });
  expect(written()).toBe('mine');
});

test('without a terminal the error says what to do', async () => {
  expect(await play([folder])).toMatchObject({
    status: 2,
    out: '',
    err: 'error: init needs a terminal to ask its questions; --yes writes the example config for you to edit\n',
  });
  expect(fs.readdirSync(folder)).toEqual([]);
});

test('a folder that can not be written to is said', async () => {
  fs.writeFileSync(path.join(folder, 'file'), '');
  const { status, err } = await play(['--yes', path.join(folder, 'file', 'below')]);
  expect(status).toBe(2);
  expect(err).toMatch(/^error: .*\/file\/below\/config\.yml can't be written: /);
});

test.each([
  ['^C', '\x03', 130],
  ['^D', '\x04', 130],
  ['SIGTERM', undefined, 143],
])('%s leaves nothing behind', async (_, key, status) => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const shell = createShell(undefined, { keyboard: { input, output: recordingOutput(80) } });
  const ended = main(['init', path.join(folder, 'new')], shell);
  input.write('site9\r');
  await vi.waitFor(() => expect(shell.screen.stdout()).toContain('The first site'), 30_000);
  if (key === undefined) shell.send('SIGTERM');
  else input.write(key);
  expect(await ended).toBe(status);
  expect(shell.screen.stderr()).toBe('nothing was written\n');
  expect(fs.readdirSync(folder)).toEqual([]);
});

test('a stop ends the wait for a name server', async () => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const asked = vi.fn();
  const shell = createShell(undefined, {
    keyboard: { input, output: recordingOutput(80) },
    system: {
      resolve: () => {
        asked();
        return new Promise(() => undefined);
      },
    },
  });
  const ended = main(['init', folder], shell);
  input.write('\r\r\r');
  await vi.waitFor(() => expect(asked).toHaveBeenCalled(), 30_000);
  input.write('\x03');
  expect(await ended).toBe(130);
});
