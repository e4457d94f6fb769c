import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { MAIN } from '../support/paths.ts';

/** Runs the built program to its end; `before` is code that runs in it first. */
function run(before: string, args: readonly string[] = ['--help']) {
  const preload = `data:text/javascript,${encodeURIComponent(before)}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', preload, MAIN, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test.each([
  ['in a command', 'process.stdout.write = () => { throw new TypeError("boom") }'],
  [
    'outside of any',
    'process.on("newListener", (name) => { if (name === "uncaughtException") setImmediate(() => { throw new TypeError("boom") }) })',
  ],
  [
    'in a promise that nobody waits for',
    'process.on("newListener", (name) => { if (name === "uncaughtException") setImmediate(() => Promise.reject(new TypeError("boom"))) })',
  ],
])('a bug %s is status 70, with the stack and the wish to hear of it', (_, before) => {
  const { status, stderr } = run(before);
  expect(status).toBe(70);
  expect(stderr).toMatch(/^vpn-monitor: a bug, please report it:\nTypeError: boom\n {4}at /);
});

test('on musl it says so and stops, before anything is loaded that would crash', () => {
  const { status, stdout, stderr } = run('process.report.getReport = () => ({ header: {} })');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^vpn-monitor needs Linux with glibc/);
});

test('help and version need no config and say nothing on stderr', () => {
  expect(run('')).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringContaining('Usage: vpn-monitor'),
  });
  expect(run('', ['--version'])).toEqual({
    status: 0,
    stderr: '',
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});
