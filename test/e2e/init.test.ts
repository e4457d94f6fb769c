import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { storeFolder } from '../../src/codes/used-steps.ts';
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
    ['Password (not shown): ', 's3cr3t-typo'],
    ['(not shown): ', '<'],
    ['Password (not shown) [as before]: ', 's3cr3t "pa\\ss"'],
    ['(not shown): ', 'JBSWY3DPEHPK3PXP'],
    ['Does the gateway ask for password and code in one line? [no]: ', ''],
    ['Host or address to ping through the tunnel [10.0.0.1]: ', '127.0.0.1'],
    ['Another site? [no]: ', ''],
    ['no mail) [localhost]: ', `127.0.0.1:${server.port}`],
    ['>]: ', 'vpn@example.org'],
    ['To (one or more addresses, separated by commas) [root]: ', 'noc@example.org'],
    ['a mail)? [no]: ', ''],
    ['a number changes that answer: ', '1'],
    ['Name [Zürich]: ', 'Zürich 2'],
    ['a number changes that answer: ', ''],
  ] as const) {
    await terminal.shows(prompt);
    terminal.type(`${answer}\r`);
  }
  await terminal.shows('done');
  expect(terminal.output()).toContain('status 0\r\nas before');
  expect(terminal.output()).not.toMatch(/s3cr3t|JBSWY3DP/);
  expect(terminal.output()).toContain("vpn-monitor once 'Zürich 2' -c new/config.yml");
  const file = path.join(folder, 'new', 'config.yml');
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(fs.readFileSync(file, 'utf8')).toContain(
    `    ${String.raw`password: "s3cr3t \"pa\\ss\""`}\n    totp_secret: "JBSWY3DPEHPK3PXP"\n`,
  );
  const store = storeFolder(machine);
  // check opens it, as a monitor would.
  if (!fs.existsSync(store)) onTestFinished(() => fs.rmSync(store, { recursive: true, force: true }));
  const checked = await machine.run(process.execPath, [MAIN, 'check', '-c', file], {
    env,
    timeoutMs: 60_000,
  });
  for (const what of ['config', 'client openvpn', 'mail server']) {
    expect(checked.output).toMatch(new RegExp(`^ok +${what}`, 'm'));
  }
  // This machine may lack what a tunnel needs, whatever the config.
  const missing = checked.output
    .split('\n')
    .filter((line) => /^missing (?! *tunnel of openvpn: )/.test(line));
  expect(missing).toEqual([]);
});

test.each([
  ['^C at the password', 'Password (not shown): ', 's3cr3t\x03'],
  ['^D at the password', 'Password (not shown): ', '\x04'],
  ['^C at the secret of one-time codes', '(not shown): ', 'JBSWY3DP\x03'],
  ['^C at the summary', 'a number changes that answer: ', '\x03'],
])('%s leaves nothing behind but the terminal as it was', async (_, prompt, keys) => {
  const terminal = start();
  for (const [asked, answer] of [
    ['Name [site1]: ', ''],
    [']: ', 'openvpn'],
    ['Gateway', '127.0.0.1'],
    ['from outside', ''],
    ['Profile (.ovpn)', '../site.ovpn'],
    ['Username [monitor]: ', ''],
    ['Password (not shown): ', 's3cr3t'],
    ['(not shown): ', ''],
    ['the tunnel [10.0.0.1]: ', ''],
    ['Another site? [no]: ', ''],
    ['[localhost]: ', 'none'],
    ['a mail)? [no]: ', ''],
    ['a number changes that answer: ', ''],
  ] as const) {
    await terminal.shows(asked);
    if (asked === prompt) break;
    terminal.type(`${answer}\r`);
  }
  terminal.type(keys);
  await terminal.shows('done');
  expect(terminal.output()).toContain('nothing was written\r\nstatus 130\r\nas before');
  expect(terminal.output()).not.toMatch(/s3cr3t|JBSWY3DP/);
  expect(fs.readdirSync(folder).sort()).toEqual(['bin', 'site.ovpn']);
});
