import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { host, left } from './left.ts';
import { labUnavailable } from './unavailable.ts';

const PLAY = fileURLToPath(new URL('play.mjs', import.meta.url));
const reason = labUnavailable();
let playing: ChildProcess | undefined;
afterEach(() => playing?.kill('SIGKILL'));

test('npm run lab: three gateways and the monitor, a fault made by a file; ctrl-C removes everything', async ({
  skip,
}) => {
  skip(reason !== undefined, reason);
  const before = host();
  playing = spawn(process.execPath, [PLAY], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  playing.stdout?.on('data', (data) => (said += data));
  playing.stderr?.on('data', (data) => (said += data));
  const ended = new Promise((resolve) => playing?.once('close', resolve));
  const file = await until('it says how to make a fault', () => /touch (\S+\/faults)\/\S+\n/.exec(said)?.[1]);
  for (const name of ['gw1', 'gw2', 'gw3']) await until(`${name} is good`, () => succeeds(name).test(said));
  writeFileSync(`${file}/gw1.nonsense`, '');
  writeFileSync(`${file}/gw1.port-refused`, '');
  await until('the fault is seen', () =>
    said.includes('Failed to connect to 10.77.0.11:443: Connection refused'),
  );
  expect(said).toContain('lab: gw1.nonsense is no fault of a gateway here');
  playing.kill('SIGINT');
  expect(await ended, said).toBe(0);
  expect(said).toMatch(/Stopped\n$/);
  const folder = file.replace(/\/faults$/, '');
  await until('nothing is left', () => left(folder).length === 0);
  expect(host()).toBe(before);
});

function succeeds(site: string): RegExp {
  return new RegExp(`${site} +SUCCESS`);
}

test('npm run lab -- --gateways 2: a table of both ways, and nothing is left', async ({ skip }) => {
  skip(reason !== undefined, reason);
  const before = host();
  playing = spawn(process.execPath, [PLAY, '--gateways', '2'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  playing.stdout?.on('data', (data) => (said += data));
  playing.stderr?.on('data', (data) => (said += data));
  const status = await new Promise((resolve) => playing?.once('close', resolve));
  expect(status, said).toBe(0);
  const line = (how: string) => new RegExp(`^${how} +[\\d.]+ s +2 +[\\d.]+ ms +[\\d.]+ ms$`, 'm');
  expect(said).toMatch(line('one after the other'));
  expect(said).toMatch(line('all at once, in cells'));
  expect(host()).toBe(before);
});
