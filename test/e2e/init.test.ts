import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { machine } from '../support/machine.ts';
import { MAIN, PATH } from '../support/paths.ts';
import { startRealServer } from '../support/real-smtp-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openTypedTerminal, type TypedTerminal } from '../support/typed-terminal.ts';

// The built program on a real terminal.

let folder: string;
let env: Record<string, string>;
beforeEach(() => {
  folder = temporaryFolder();
  fs.mkdirSync(path.join(folder, 'bin'));
  fs.writeFileSync(path.join(folder, 'bin', 'openvpn'), '#!/bin/sh\n', { mode: 0o755 });
  fs.writeFileSync(path.join(folder, 'site.ovpn'), 'client\n');
  env = { PATH: `${path.join(folder, 'bin')}:${PATH}`, TERM: 'xterm' };
});

/** `init` in a shell, which then says how it ended and whether the terminal is as it was. */
function start(): TypedTerminal {
  const script = `before=$(stty -g); "$@"; echo "status $?"; [ "$(stty -g)" = "$before" ] && echo "as before"; echo done`;
  return openTypedTerminal('/bin/sh', ['-c', script, 'sh', process.execPath, MAIN, 'init', 'new'], {
    cwd: folder,
    env,
  });
}

test('the answers become a config with which check says that all is well', async () => {
  fs.mkdirSync(path.join(folder, 'new'));
  fs.renameSync(path.join(folder, 'site.ovpn'), path.join(folder, 'new', 'site.ovpn'));
  const server = await startRealServer();
  onTestFinished(() => server.close());
  const terminal = start();
  for (const [prompt, answer] of [
    ['Name [site1]: ', 'Zürich'],
    [']: ', 'openvpn'],
    ['Gateway (the profile says where to log in) [site1.example.com]: ', '127.0.0.1'],
    ['Host or address to ping from outside [127.0.0.1]: ', ''],
    ['Profile (.ovpn) [Zürich.ovpn]: ', 'site.ovpn'],
    ['Username [monitor]: ', 'probe'],
    ['Password (not shown): ', 's3cr3t "pa\\ss"'],
    ['Host or address to ping through the tunnel [10.0.0.1]: ', '127.0.0.1'],
    ['no mail) [localhost]: ', `127.0.0.1:${server.port}`],
    ['>]: ', 'vpn@example.org'],
    ['To (one or more addresses, separated by commas) [root]: ', 'noc@example.org'],
  ] as const) {
    await terminal.shows(prompt);
    terminal.type(`${answer}\r`);
  }
  await terminal.shows('done');
  expect(terminal.output()).toContain('status 0\r\nas before');
  expect(terminal.output()).not.toContain('s3cr3t');
  expect(terminal.output()).toContain("vpn-monitor once 'Zürich' -c new/config.yml");
  const file = path.join(folder, 'new', 'config.yml');
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(fs.readFileSync(file, 'utf8')).toContain(String.raw`    password: "s3cr3t \"pa\\ss\""`);
  const checked = await machine.run(process.execPath, [MAIN, 'check', '-c', file], {
    env,
    timeoutMs: 60_000,
  });
  for (const what of ['config', 'client openvpn', 'mail server']) {
    expect(checked.output).toMatch(new RegExp(`^ok +${what}`, 'm'));
  }
  // An ordinary user may lack the rights that a tunnel needs, whatever the config.
  if (process.getuid?.() === 0) expect(checked).toMatchObject({ code: 0 });
});

test.each([
  ['^C', '\x03'],
  ['^D', '\x04'],
])('%s at the password leaves nothing behind but the terminal as it was', async (_, key) => {
  const terminal = start();
  for (const [prompt, answer] of [
    ['Name', ''],
    ['VPN client', 'openvpn'],
    ['Gateway', '127.0.0.1'],
    ['from outside', ''],
    ['Profile (.ovpn)', '../site.ovpn'],
  ] as const) {
    await terminal.shows(prompt);
    await terminal.shows(']: ');
    terminal.type(`${answer}\r`);
  }
  await terminal.shows('Username [monitor]: ');
  terminal.type('\r');
  await terminal.shows('Password (not shown): ');
  terminal.type(key === '\x04' ? key : `s3cr3t${key}`);
  await terminal.shows('done');
  expect(terminal.output()).toContain('nothing was written\r\nstatus 130\r\nas before');
  expect(terminal.output()).not.toContain('s3cr3t');
  expect(fs.readdirSync(folder).sort()).toEqual(['bin', 'site.ovpn']);
});
