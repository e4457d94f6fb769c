import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { demo } from '../../src/commands/demo.ts';
import { noRecursion, UNMAKEABLE } from '../files/unmakeable.ts';
import { until } from '../support/until.ts';
import { catchStderr, createHome, createShell } from './support.ts';

// The whole demo, with its own client, is run as a program in test/e2e/demo.test.ts: here there is no built client.

test('interrupted by a signal: no process remains, the folder holds the finished tests', async () => {
  const dir = path.join(createHome().folder, 'demo');
  catchStderr();
  const shell = createShell();
  const ended = demo({ dir, logLevel: undefined }, shell);
  await until('a second result', () => shell.screen.stdout().includes('slow '));
  shell.send('SIGINT');
  expect(await ended).toBe(130);
  expect(shell.screen.stdout()).toContain(`All files are in ${dir}\n`);
  // The end of a whole demo is not shown.
  expect(shell.screen.stdout()).not.toContain('The rows:');
  expect(fs.readdirSync(dir).sort()).toEqual(['config.yml', 'mails', 'results']);
  expect(fs.statSync(path.join(dir, 'config.yml')).mode & 0o777).toBe(0o600);
  expect(shell.signals.eventNames()).toEqual([]);
});

test('a folder that is not empty is left alone', async () => {
  const home = createHome();
  const before = fs.readdirSync(home.folder);
  const shell = createShell();
  expect(await demo({ dir: home.folder, logLevel: undefined }, shell)).toBe(2);
  expect(shell.screen.stderr()).toBe(`error: ${home.folder}: the folder is not empty\n`);
  expect(fs.readdirSync(home.folder)).toEqual(before);
});

test('a folder below a file is an error', async () => {
  const dir = path.join(createHome().config, 'demo');
  const shell = createShell();
  expect(await demo({ dir, logLevel: undefined }, shell)).toBe(2);
  expect(shell.screen.stderr()).toMatch(/^error: .*config\.yml\/demo: .*ENOTDIR/);
});

test('a folder that the system can not create is an error too', async () => {
  const shell = createShell(undefined, { system: { files: noRecursion } });
  expect(await demo({ dir: UNMAKEABLE, logLevel: undefined }, shell)).toBe(2);
  expect(shell.screen.stderr()).toBe(`error: ${UNMAKEABLE}: no such file or directory (ENOENT)\n`);
});
