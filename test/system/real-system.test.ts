import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { MAX_SECONDS } from '../../src/config/schema/parts-schema.ts';
import type { Exit, Pty } from '../../src/system/place.ts';
import { executionFailure } from '../../src/system/pty.ts';
import { realSystem } from '../../src/system/real-system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { PATIENT } from '../support/until.ts';
import { withoutFiles } from '../support/without-files.ts';

const PATH = '/usr/local/bin:/usr/bin:/bin';
const system = realSystem({ PATH });
const folder = temporaryFolder(afterAll);

/** Runs a bash script to its end or deadline; `$1` is the folder. */
function bash(script: string, options: { timeoutMs?: number; signal?: AbortSignal } = {}) {
  const { timeoutMs = 50_000, ...rest } = options;
  return system.run('/bin/bash', ['-c', script, 'bash', folder], { env: { PATH }, timeoutMs, ...rest });
}

/** Resolves when the file exists, with its text. */
async function written(name: string): Promise<string> {
  const file = path.join(folder, name);
  await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8'), PATIENT).toBeTruthy();
  return readFileSync(file, 'utf8').trim();
}

function installed(name: string, text: string, mode = 0o755): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

test('a command: its status and both outputs', async () => {
  expect(await bash('echo out; echo err >&2; exit 3')).toEqual({ code: 3, output: 'out\nerr\n' });
  expect(await bash('kill -KILL $$')).toEqual({ code: null, output: '' });
});

test('a command sees the environment it is given and nothing else, no stdin, no shell', async () => {
  vi.stubEnv('VPN_MONITOR_TEST_SECRET', 'secret');
  onTestFinished(() => void vi.unstubAllEnvs());
  const options = { env: { PATH, GIVEN: '1' }, timeoutMs: 50_000 };
  const { output } = await system.run('/usr/bin/env', [], options);
  expect(output.split('\n').filter(Boolean).sort()).toEqual(['GIVEN=1', `PATH=${PATH}`]);
  expect(await system.run('/bin/cat', [], options)).toEqual({ code: 0, output: '' });
  expect(await system.run('/bin/echo', ['$(id)', '; ls', '*'], options)).toEqual({
    code: 0,
    output: '$(id) ; ls *\n',
  });
});

test('characters are whole, however the bytes came', async () => {
  const { output } = await bash(`printf 'gr\\303'; sleep 0.2; printf '\\266\\303\\237e'`);
  expect(output).toBe('größe');
});

test('at its deadline a command is ended', async () => {
  expect(await bash('sleep 1000', { timeoutMs: 100 })).toEqual({ code: null, output: '' });
});

test('an abort ends a command and its group, also one that ignores SIGTERM', async () => {
  const stop = new AbortController();
  const running = bash(`trap '' TERM; sleep 1000 & echo $! >"$1/of-group"; echo $$ >"$1/leader"; wait`, {
    signal: stop.signal,
  });
  const pids = [Number(await written('leader')), Number(await written('of-group'))];
  stop.abort();
  expect(await running).toEqual({ code: null, output: '' });
  for (const pid of pids) {
    await expect.poll(() => system.readProcess(pid)?.state ?? 'X', PATIENT).toMatch(/[XZ]/);
  }
});

test.each([
  ['its deadline', 'at-deadline', { timeoutMs: 200 }],
  ['an abort', 'at-abort', { signal: AbortSignal.abort() }],
])('a command that can not be killed is abandoned one second after %s', async (_, file, options) => {
  const { kill } = process;
  const denied = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
  onTestFinished(async () => {
    denied.mockRestore();
    kill(-Number(await written(file)), 'SIGKILL');
  });
  expect(await bash(`echo $$ >"$1/${file}"; sleep 1000`, options)).toEqual({ code: null, output: '' });
});

test('an abort before the start ends the command too', async () => {
  expect(await bash('sleep 1000', { signal: AbortSignal.abort() })).toEqual({ code: null, output: '' });
});

test('a daemon that keeps the pipes open causes no wait', async () => {
  const { code, output } = await bash('setsid sleep 1000 & echo $! >"$1/daemon"; echo done');
  const daemon = Number(await written('daemon'));
  onTestFinished(() => void system.kill(daemon, 'SIGKILL'));
  expect({ code, output }).toEqual({ code: 0, output: 'done\n' });
  expect(system.readProcess(daemon)?.state).toMatch(/[RSD]/);
});

test('all output of a command before its end is returned, up to a limit', async () => {
  expect((await bash('head -c 60000 /dev/zero | tr "\\0" x')).output).toHaveLength(60_000);
  expect((await bash('head -c 1000000 /dev/zero | tr "\\0" x')).output).toHaveLength(64 * 1024);
});

test('a command that can not be started rejects', async () => {
  const options = { env: {}, timeoutMs: 1000 };
  await expect(system.run('/nowhere/command', [], options)).rejects.toMatchObject({ code: 'ENOENT' });
});

/** A program on a terminal. */
function spawnOnPty(file: string, args: readonly string[]): Pty {
  const spawned = system.spawnPty(file, args, { env: { PATH } });
  if (!spawned.ok) throw new Error(spawned.why);
  return spawned.value;
}

test('if no file can be opened, nothing is started, and that is no bug', async ({ skip }) => {
  const started = await withoutFiles(() => {
    const ran = system.run('/bin/true', [], { env: {}, timeoutMs: 1000 });
    return { ran, spawned: system.spawnPty('/bin/true', [], { env: {} }) };
  });
  skip(started === undefined, 'this process may open too many files');
  expect(started?.spawned).toEqual({
    ok: false,
    why: 'forkpty(3) failed: this host or its limits leave no process, open file or terminal',
  });
  await expect(started?.ran).rejects.toMatchObject({ code: 'EMFILE' });
});

test.each([
  ['that is not there', '/nowhere/bash', 'No such file or directory (the interpreter in its first line?)'],
  ['that is a folder', '/tmp', 'Permission denied'],
])('a program with an interpreter %s was not executed', async (_, interpreter, words) => {
  const file = installed(`run-by-${path.basename(interpreter)}`, `#!${interpreter}\n`);
  const pty = spawnOnPty(file, []);
  let output = '';
  pty.onData((bytes) => {
    output += bytes;
  });
  const exit = await new Promise<Exit>((resolve) => pty.onExit(resolve));
  await expect.poll(() => executionFailure(output, exit), PATIENT).toBe(words);
});

test('a program that was executed, whatever it says of others', () => {
  const said = 'execvp(3) failed.: No such file or directory\r\n';
  expect(executionFailure(said, { code: 2, signal: 0 })).toBeUndefined();
  expect(executionFailure(said, { code: 1, signal: 9 })).toBeUndefined();
  expect(executionFailure(`hello\r\n${said}`, { code: 1, signal: 0 })).toBeUndefined();
});

/** Starts a bash script on a terminal; `output` is what it has printed. */
function onTerminal(script: string) {
  const pty = spawnOnPty('/bin/bash', ['-c', script, 'bash', folder]);
  onTestFinished(() => void system.kill(-pty.pid, 'SIGKILL'));
  let output = Buffer.alloc(0);
  pty.onData((bytes) => {
    output = Buffer.concat([output, bytes]);
  });
  const exit = new Promise<Exit>((resolve) => pty.onExit(resolve));
  const printed = (text: string) => expect.poll(() => output.toString('latin1'), PATIENT).toContain(text);
  return { pty, exit, printed, output: () => output };
}

test('a terminal: raw bytes as they are, what is typed, how it ended', async () => {
  const { pty, exit, printed, output } = onTerminal(
    `tty >/dev/null && printf '\\377ready\\n'; read -r line; echo "<$line> $(pwd) $TERM"; exit 5`,
  );
  await printed('ready');
  expect(output()[0]).toBe(0xff);
  pty.write('typed\n');
  await printed('<typed> / dumb');
  expect(await exit).toEqual({ code: 5, signal: 0 });
});

test('all output of a program before its end arrives, also if it was not read until then', async () => {
  const { pty, exit, output } = onTerminal("head -c 10000 /dev/zero | tr '\\0' x; echo end");
  // Nothing is read in here.
  const until = system.monotonic() + 1000;
  while (system.kill(pty.pid, 0) === 'sent' && system.monotonic() < until);
  await exit;
  expect(output().toString('latin1')).toBe(`${'x'.repeat(10_000)}end\r\n`);
});

test('a program on a terminal leads its own session and group', async () => {
  const { pty, printed } = onTerminal('echo ready; read -r _');
  await printed('ready');
  expect(system.readProcess(pty.pid)).toMatchObject({ pgrp: pty.pid, session: pty.pid });
});

test('a terminal is too wide to break what a client echoes', async () => {
  const { printed } = onTerminal('stty size');
  await printed('24 512');
});

test('a program that dies of a signal', async () => {
  expect(await onTerminal('kill -KILL $$').exit).toEqual({ code: 0, signal: 9 });
});

test('typing at an ended program does nothing and prints nothing on stderr', async () => {
  const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => complaints.mockRestore());
  const { pty, exit } = onTerminal('exit 0');
  await exit;
  pty.write('quit\n');
  pty.close();
  pty.write('quit\n');
  await system.sleep(100);
  expect(complaints).not.toHaveBeenCalled();
});

test('closing a terminal hangs up the program on it', async () => {
  const { pty, printed, exit } = onTerminal('trap \'touch "$1/hung-up"; exit\' HUP; echo ready; read -r _');
  await printed('ready');
  pty.close();
  await exit;
  expect(existsSync(path.join(folder, 'hung-up'))).toBe(true);
});

test('a secret of the environment is not seen on a terminal', async () => {
  vi.stubEnv('VPN_MONITOR_TEST_SECRET', 'secret');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { printed, output } = onTerminal('env; echo ready');
  await printed('ready');
  expect(output().toString()).not.toContain('VPN_MONITOR_TEST_SECRET');
});

test.each(['plain', 'with spaces in', 'a) S 1 (b', ') R'])(
  'a process named %s is read as it is',
  async (name) => {
    const file = path.join(folder, name);
    copyFileSync('/bin/bash', file);
    const child = spawn(file, ['-c', 'read -r _', '', 'x y']);
    onTestFinished(() => void child.kill('SIGKILL'));
    const pid = child.pid ?? 0;
    await expect.poll(() => system.readProcess(pid)?.name, PATIENT).toBe(name.slice(0, 15));
    expect(system.readProcess(pid)).toEqual({
      pid,
      name: name.slice(0, 15),
      args: [file, '-c', 'read -r _', '', 'x y'],
      state: expect.stringMatching(/[RSD]/),
      ppid: process.pid,
      pgrp: expect.any(Number),
      session: expect.any(Number),
      startTicks: expect.any(Number),
      uid: process.getuid?.(),
    });
    expect(system.readProcess(pid)?.startTicks).toBeGreaterThan(0);
  },
);

test('an ended process is not found, and a zombie has no arguments', async () => {
  expect(system.readProcess(2 ** 22 + 1)).toBeUndefined();
  // A parent that does not reap: the shell has become a sleep.
  const child = spawn('/bin/bash', ['-c', 'sleep 0.01 & exec sleep 1000']);
  onTestFinished(() => void child.kill('SIGKILL'));
  const zombie = async () => {
    const processes = (await system.listPids()).map((pid) => system.readProcess(pid));
    return processes.find((process) => process?.ppid === child.pid && process?.state === 'Z');
  };
  await expect.poll(zombie, PATIENT).toMatchObject({ state: 'Z', args: [] });
});

test('a signal: sent, no such process, or not permitted', async () => {
  const child = spawn('sleep', ['1000']);
  const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  const pid = child.pid ?? 0;
  expect(system.kill(pid, 0)).toBe('sent');
  expect(system.kill(pid, 'SIGTERM')).toBe('sent');
  expect(await ended).toBe('SIGTERM');
  expect(system.kill(pid, 0)).toBe('gone');
  const denied = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
  onTestFinished(() => denied.mockRestore());
  expect(system.kill(1, 0)).toBe('denied');
});

test('a sleep ends in time, by an abort with its reason, or before it begins', async () => {
  const before = system.monotonic();
  await system.sleep(30);
  expect(system.monotonic() - before).toBeGreaterThanOrEqual(29);
  await system.sleep(-1);
  const stop = new AbortController();
  const slept = system.sleep(1_000_000, stop.signal);
  stop.abort('stop');
  await expect(slept).rejects.toBe('stop');
  await expect(system.sleep(1_000_000, stop.signal)).rejects.toBe('stop');
});

test('the longest time that a config may name is not too long for a timer', async () => {
  // Node warns of a time that is too long for it within setTimeout(), and makes it 1 ms.
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  onTestFinished(() => warn.mockRestore());
  const stop = new AbortController();
  const longest = system.sleep(MAX_SECONDS * 1000, stop.signal);
  expect(warn.mock.calls).toEqual([]);
  const tooLong = system.sleep(2 ** 31, stop.signal);
  expect(warn.mock.calls).toEqual([[expect.any(String), 'TimeoutOverflowWarning']]);
  stop.abort('stop');
  await expect(longest).rejects.toBe('stop');
  await expect(tooLong).rejects.toBe('stop');
});

test('a sleep leaves no listener on its signal', async () => {
  const stop = new AbortController();
  const removed = vi.spyOn(stop.signal, 'removeEventListener');
  await system.sleep(1, stop.signal);
  expect(removed).toHaveBeenCalledWith('abort', expect.any(Function));
});

test('commands are found in PATH, the first that may be run', () => {
  installed('a/tool', '', 0o644);
  mkdirSync(path.join(folder, 'b/tool'), { recursive: true });
  const tool = installed('c/tool', '#!/bin/sh\n');
  const inPath = (value: string) => realSystem({ PATH: value });
  const all = ['a', 'b', 'c', 'nowhere'].map((name) => path.join(folder, name)).join(':');
  expect(inPath(all).findCommand('tool')).toBe(tool);
  expect(inPath(path.join(folder, 'a')).findCommand('tool')).toBeUndefined();
  expect(inPath('').findCommand('vitest.config.ts')).toBeUndefined();
  expect(realSystem({}).findCommand('sh')).toMatch(/^(?:\/usr)?\/bin\/sh$/);
});

test('a command found by a relative entry in PATH is named by its absolute path', () => {
  const tool = installed('c/tool', '#!/bin/sh\n');
  const relative = path.relative(process.cwd(), path.dirname(tool));
  expect(realSystem({ PATH: relative }).findCommand('tool')).toBe(tool);
});

test('a command with a slash is only that file', () => {
  const tool = installed('c/tool', '#!/bin/sh\n');
  expect(system.findCommand(tool)).toBe(tool);
  expect(system.findCommand(path.relative(process.cwd(), tool))).toBe(tool);
  expect(system.findCommand(folder)).toBeUndefined();
  expect(system.findCommand(path.join(folder, 'missing'))).toBeUndefined();
});

test.each([
  ['by ps', async () => system.listPids()],
  ['in /proc', async () => system.pidsInProc()],
])('all processes are listed %s, this one too', async (_, list) => {
  const pids = await list();
  expect(pids.every(Number.isInteger)).toBe(true);
  expect(pids).toContain(process.pid);
  expect(pids).toContain(1);
});

test.each([
  ['that knows none of the options (BusyBox)', 'echo "ps: bad -o argument" >&2; exit 1', /./],
  ['that lists others only', "printf '1 0 0 init init\\n'", /ps/],
  ['that lists nothing', 'exit 0', 'ps does not list this process: procps is needed'],
])('a ps %s is refused', async (_, script, message) => {
  const bin = path.dirname(installed(`ps-${script.length}/ps`, `#!/bin/bash\n${script}\n`));
  vi.stubEnv('PATH', `${bin}:${PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(system.listPids()).rejects.toThrow(message);
});

test('while a ps hangs no other one is started', async () => {
  const program = installed('ps-hangs/ps', '#!/bin/sh\necho asked >>"$0.asked"\nexec cat "$0.fifo"\n');
  execFileSync('mkfifo', [`${program}.fifo`]);
  vi.stubEnv('PATH', `${path.dirname(program)}:${PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const first = system.listPids();
  await expect(system.listPids()).rejects.toThrow('an earlier ps has not ended yet');
  // ps-list asks twice; each gets an end of file.
  const letGo = spawn('sh', ['-c', 'while :; do : >"$0"; done', `${program}.fifo`], { stdio: 'ignore' });
  onTestFinished(() => void letGo.kill());
  await expect(first).rejects.toThrow('ps does not list this process');
  expect(readFileSync(`${program}.asked`, 'utf8')).toMatch(/^(asked\n)+$/);
  vi.unstubAllEnvs();
  expect(await system.listPids()).toContain(process.pid);
});

test('without a ps there is no list', async () => {
  vi.stubEnv('PATH', path.join(folder, 'nowhere'));
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(system.listPids()).rejects.toThrow('the command ps is not in PATH');
});

test("this process's id and user, the boot's id and the time of day", () => {
  expect(system.pid).toBe(process.pid);
  expect(system.uid).toBe(process.getuid?.());
  expect(system.bootId()).toMatch(/^[0-9a-f-]{36}$/);
  expect(Math.abs(system.now().getTime() - Date.now())).toBeLessThan(60_000);
});

test('a boot without an id', () => {
  const unreadable = vi.spyOn(system.files, 'readFileSync').mockImplementation(() => {
    throw new Error('no /proc');
  });
  onTestFinished(() => unreadable.mockRestore());
  expect(system.bootId()).toBe('');
});
