import fs from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { createServer } from 'node:tls';
import { stripVTControlCharacters } from 'node:util';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { main } from '../../src/cli/cli.ts';
import { PROFILES } from '../../src/clients/built-in.ts';
import { loadConfig } from '../../src/config/load.ts';
import { realSystem } from '../../src/system/real-system.ts';
import { configOf } from '../config/write-config.ts';
import certificates from '../fixtures/certificates.json' with { type: 'json' };
import { PATH } from '../support/paths.ts';
import { startRealServer } from '../support/real-smtp-server.ts';
import { recordingOutput } from '../support/recording-screen.ts';
import { SILENCE, startScriptedServer } from '../support/scripted-smtp-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { catchStderr, createShell, type ShellOptions } from './support.ts';

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
/** No test when it is written, and yes to the summary. */
const WRITE = [ENTER, ENTER];

/** A gateway's TLS on loopback. Returns its port. */
async function listenTls(): Promise<number> {
  const server = createServer({ key: certificates.key, cert: certificates.cert });
  server.on('secureConnection', (socket) => void socket.on('error', () => undefined));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
/** Of test/fixtures/certificates.json, as openssl prints them. */
const SHA1 = '84:9E:A1:AB:AE:8E:0A:9C:23:49:B3:31:C8:53:E4:E7:D7:99:F2:E9';
const PIN = 'pin-sha256:gb36Fz8kGYzBS7DDw33NyuwOH8rYAZkg4a+Q/ODNbD0=';

test('each answer is checked, the config is valid, and the next commands are printed', async () => {
  const server = await startRealServer();
  onTestFinished(() => server.close());
  const gateway = await listenTls();
  const { status, out, err, asked } = await play(
    [folder],
    [
      'main office',
      'startct',
      `vpn.example.org:${gateway}`,
      ENTER,
      'Corp Users',
      ENTER,
      'probe',
      's3cret',
      ENTER,
      '10.1.2.3',
      ENTER,
      `127.0.0.1:${server.port}`,
      'vpn@example.org',
      'a@example.org, b@example.org',
      ...WRITE,
    ],
    machine(['startct'], { 'vpn.example.org': '127.0.0.1' }),
  );
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(asked).toEqual([
    'Name [site1]: main office',
    'VPN client: startct, openconnect or openvpn [startct]: startct',
    `Gateway to log in to [site1.example.com]: vpn.example.org:${gateway}`,
    'Host or address to ping from outside [vpn.example.org]: ',
    'Realm [corp]: Corp Users',
    'Certificate (yes: only this; verify: any trusted one; or a SHA1) [verify]: ',
    'Username [monitor]: probe',
    'Password (not shown): ',
    'Secret of one-time codes, if the gateway asks for them (not shown): ',
    'Host or address to ping through the tunnel [10.0.0.1]: 10.1.2.3',
    'Another site? [no]: ',
    `Mail server (host or host:port; none: no mail) [localhost]: 127.0.0.1:${server.port}`,
    'From [VPN monitor <vpn-monitor@host>]: vpn@example.org',
    'To (one or more addresses, separated by commas) [root]: a@example.org, b@example.org',
    'Test it when it is written (a log-in at each site, a mail)? [no]: ',
    'Enter writes the config; a number changes that answer: ',
  ]);
  const file = path.join(folder, 'config.yml');
  expect(out.split('\n')).toEqual([
    `This creates ${file}. Press Enter to accept the value in [brackets], < to go back, ^C to stop without writing.`,
    '',
    'The first site',
    'ok       client startct: /usr/bin/startct',
    `ok       certificate of vpn.example.org:${gateway}: ${SHA1}`,
    expect.stringMatching(/^ {9}for CN=test server, signed by CN=test CA, expires in [\d,]+ days$/),
    '',
    'Mail',
    expect.stringMatching(/^ok {7}mail server 127\.0\.0\.1:\d+: ready/),
    '',
    'Afterwards',
    '',
    'Your answers',
    '   1  Site               main office',
    '   2  VPN client         startct',
    `   3  Gateway            vpn.example.org:${gateway}`,
    '   4  Ping from outside  vpn.example.org',
    '   5  Realm              Corp Users',
    '   6  Certificate        verify',
    '   7  Username           probe',
    '   8  Password           (not shown)',
    '   9  One-time codes     none',
    '  10  Ping inside        10.1.2.3',
    '  11  Another site       no',
    `  12  Mail server        127.0.0.1:${server.port}`,
    '  13  From               vpn@example.org',
    '  14  To                 a@example.org, b@example.org',
    '  15  Test at the end    no',
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
      vpnGw: `vpn.example.org:${gateway}`,
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
  const addresses = [gateway, '192.0.2.7'];
  const account = [ENTER, ENTER, ENTER, 's3cret', ENTER, ENTER];
  const lines = [ENTER, ENTER, ...addresses, ...account, ENTER, 'none', ...WRITE];
  const { status, out, asked } = await play([], lines, {
    ...machine([]),
    env: { npm_command: 'exec' },
  });
  expect(status).toBe(0);
  expect(out).toContain('missing  client startct: startct is not there or may not be run\n');
  expect(out).toContain("warning  site1.example.com can't be resolved\n");
  expect(out).not.toContain("192.0.2.7 can't be resolved");
  expect(out).toContain("warning  certificate of site1.example.com:443 can't be read: ");
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
      'yes',
      ENTER,
      ENTER,
      ENTER,
      'pass word',
      'no base32!',
      'otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP',
      ENTER,
      'http://10.0.0.1',
      ENTER,
      'maybe',
      ENTER,
      'smtp.example.org:x',
      'smtp.example.org:587',
      'nobody@',
      ENTER,
      'a@b, c d',
      ENTER,
      ENTER,
      '99',
      ENTER,
    ],
    machine(['openconnect']),
  );
  expect(status).toBe(0);
  expect(out.split('\n').filter((line) => /^ {2}(?!vpn-monitor)[a-z]/.test(line))).toEqual([
    '  expected a name that does not begin with = + - or @ (spreadsheets run those)',
    '  expected a name that does not begin with x-: the config loader ignores such names',
    '  expected startct, openconnect or openvpn; describe other clients in the file',
    '  expected a gateway, without spaces or a leading -',
    '  expected a host name or an address, without spaces or a leading -',
    '  expected verify or a pin-sha256:...',
    '  expected a password that is not empty',
    '  expected base32 (A to Z and 2 to 7) or an otpauth:// URI',
    expect.stringMatching(/^ {2}expected a URI of time-based codes, /),
    '  expected a host name or an address, without spaces or a leading -',
    '  expected yes or no',
    '  expected host, host:port or [v6 address]:port',
    '  expected one mail address',
    expect.stringMatching(/^ {2}expected mail addresses such as /),
    '  expected Enter, a number from 1 to 15, or <',
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
    [
      'hh',
      'openvpn',
      ENTER,
      ENTER,
      '~/hh.ovpn',
      ENTER,
      ENTER,
      's3cret',
      ENTER,
      ENTER,
      ENTER,
      'None',
      ...WRITE,
    ],
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
    ['hh', 'openvpn', ENTER, '127.0.0.1', ENTER, ENTER, 's3cret', ENTER, ENTER, ENTER, 'none', ...WRITE],
    machine(['openvpn']),
  );
  expect(status).toBe(0);
  expect(out).not.toMatch(/hh\.ovpn can't/);
});

test.each(['none', 'NONE', 'No'])('%s: no mail', async (typed) => {
  const account = [ENTER, ENTER, ENTER, 's3cret', ENTER, ENTER];
  const lines = [ENTER, ENTER, '127.0.0.1', ENTER, ...account, ENTER, typed, ...WRITE];
  expect(await play([folder], lines, machine(['startct']))).toMatchObject({ status: 0 });
  expect(config().logging.email).toBeUndefined();
});

test('several sites, back, and a change at the end', async () => {
  const gateway = await listenTls();
  const { status, out, asked } = await play(
    [folder],
    [
      '<',
      'oslo',
      'openconnect',
      `localhost:${gateway}`,
      ENTER,
      'Staff',
      'yes',
      'probe',
      'wrong',
      // Back to the password, and on.
      '<',
      'right',
      ENTER,
      ENTER,
      'yes',
      'oslo',
      'rome',
      'startct',
      `localhost:${gateway}`,
      ENTER,
      ENTER,
      'yes',
      ENTER,
      'other',
      'jbsw y3dp ehpk 3pxp',
      'yes',
      ENTER,
      ENTER,
      'none',
      ENTER,
      // Another client of the first site: its profile is asked for.
      '2',
      'openvpn',
      'oslo.ovpn',
      ENTER,
      // From the summary to the last question and back again.
      '<',
      ENTER,
      ENTER,
    ],
    machine(['openconnect'], { localhost: '127.0.0.1' }),
  );
  expect(status).toBe(0);
  expect(out).toContain('  this is the first question\n');
  expect(out).toContain('  expected a name that no other site has\n');
  expect(out).toContain(`ok       certificate of localhost:${gateway}: ${PIN}\n`);
  expect(asked).toContain('Password (not shown) [as before]: ');
  expect(asked).toContain('Realm [Staff]: ');
  expect(asked).toContain('Profile (.ovpn) [oslo.ovpn]: oslo.ovpn');
  expect(out).toContain('\nSite 2\n');
  expect(out).toContain('   8  One-time codes        none\n');
  expect(out).toContain(`  16  Certificate           ${SHA1}\n`);
  expect(out + asked.join()).not.toMatch(/right|wrong|other$|jbsw/im);
  expect(out).toContain(
    `  vpn-monitor once -c ${path.join(folder, 'config.yml')}    # tests each site once\n`,
  );
  fs.writeFileSync(path.join(folder, 'oslo.ovpn'), 'client\n');
  const [oslo, rome] = config().sites;
  expect(oslo).toMatchObject({ name: 'oslo', client: { name: 'openvpn' }, username: 'probe' });
  expect(oslo?.password?.reveal()).toBe('right');
  expect(rome).toMatchObject({ name: 'rome', client: { name: 'startct' }, username: 'probe' });
  expect(rome?.clientKeys).toEqual(
    new Map([
      ['realm', 'Staff'],
      ['server_cert', SHA1],
    ]),
  );
  expect(rome?.totp).toMatchObject({ withPassword: true, digits: 6 });
  expect(fs.statSync(path.join(folder, 'config.yml')).mode & 0o777).toBe(0o600);
});

test('a mail server that does not greet is a warning after a short wait', async () => {
  const server = await startScriptedServer({ GREETING: SILENCE });
  onTestFinished(() => server.close());
  const account = [ENTER, ENTER, ENTER, 's3cret', ENTER, ENTER];
  const mail = [`127.0.0.1:${server.port}`, ENTER, ENTER];
  const { system, ...rest } = machine(['startct']);
  const { status, out } = await play(
    [folder],
    [ENTER, ENTER, '127.0.0.1', ENTER, ...account, ENTER, ...mail, ...WRITE],
    {
      ...rest,
      system: {
        ...system,
        // The deadline is over as soon as the server has the connection.
        sleep: async (ms, signal) => {
          if (ms !== 8000) return realSystem({}).sleep(ms, signal);
          await until('a connection', () => server.connections > 0);
        },
      },
    },
  );
  expect(status).toBe(0);
  expect(out).toContain(`warning  mail server 127.0.0.1:${server.port}: not ready within 8 s\n`);
  expect(config().logging.email?.port).toBe(server.port);
});

test('the tests at the end: a mail and a log-in at each site, as by the commands that are printed', async () => {
  const server = await startRealServer();
  onTestFinished(() => server.close());
  catchStderr();
  fs.mkdirSync(path.join(folder, 'bin'));
  fs.writeFileSync(
    path.join(folder, 'bin', 'openvpn'),
    '#!/bin/sh\necho "AUTH: Received control message: AUTH_FAILED"\n',
    { mode: 0o755 },
  );
  fs.writeFileSync(path.join(folder, 'site1.ovpn'), 'client\n');
  const account = ['127.0.0.1', ENTER, ENTER, ENTER, 's3cret', ENTER, '127.0.0.1', ENTER];
  const mail = [`127.0.0.1:${server.port}`, 'vpn@example.org', 'noc@example.org'];
  const { status, out } = await play([folder], [ENTER, 'openvpn', ...account, ...mail, 'yes', ENTER], {
    env: { PATH: `${path.join(folder, 'bin')}:${PATH}` },
  });
  // What the tests find is no failure of the command.
  expect(status).toBe(0);
  const file = path.join(folder, 'config.yml');
  expect(out).toMatch(
    new RegExp(
      `\nvpn-monitor test-notify -c ${file}\nsent .*\n\nvpn-monitor once -c ${file}\nSITE .*\nsite1 +FAILURE`,
    ),
  );
  expect(server.mails).toHaveLength(1);
  expect(fs.readdirSync(path.join(folder, 'results')).some((name) => name.endsWith('.csv'))).toBe(true);
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
