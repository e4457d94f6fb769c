import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { createWorld } from '../../support/world.ts';
import { createLab, type Gateway } from './lab.ts';
import { host, left } from './left.ts';
import { logIn } from './log-in.ts';
import { labUnavailable } from './unavailable.ts';

const LEFT_BEHIND = fileURLToPath(new URL('left-behind/vitest.config.ts', import.meta.url));
const VITEST = fileURLToPath(new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url));
const HOLD = fileURLToPath(new URL('hold.mjs', import.meta.url));
const reason = labUnavailable();
let holder: ChildProcess | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(() => holder?.kill('SIGKILL'));

test('end() leaves nothing, a client being connected, and the host never changes', async () => {
  const before = host();
  const lab = await createLab([{ kind: 'ocserv' }, { kind: 'openvpn' }]);
  for (const gateway of lab.gateways) await logIn(lab.world, gateway).connected();
  expect(left(lab.world.folder)).not.toEqual([]);
  expect(host()).toBe(before);
  await lab.end();
  await until('nothing is left', () => left(lab.world.folder).length === 0);
  expect(host()).toBe(before);
});

test('a lab that does not come up leaves nothing', async () => {
  const world = createWorld();
  // No address has such a number, which ip says only when the gateway's namespace stands.
  await expect(createLab([{ kind: 'ocserv', innerOf: 900 }], world)).rejects.toThrow('10.77.1000.1');
  await until('nothing is left', () => left(world.folder).length === 0);
});

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  '%s of the process that made it leaves nothing',
  async (signal) => {
    const before = host();
    const held = spawn(process.execPath, [HOLD], { stdio: ['ignore', 'pipe', 'inherit'] });
    holder = held;
    let said = '';
    held.stdout.on('data', (data) => (said += data));
    await until('the lab is up', () => said.includes('\n'));
    const { folder, init, gateways } = JSON.parse(said) as {
      folder: string;
      init: number;
      gateways: Gateway[];
    };
    const [gateway] = gateways;
    const client = spawn(
      'nsenter',
      [
        '-t',
        String(init),
        '--pid',
        '--mount',
        '--net',
        '--',
        'sh',
        '-c',
        'printf "%s\\n" "$PASSWORD" | exec "$@"',
        'sh',
      ]
        .concat('openconnect', '--passwd-on-stdin', `--user=${gateway?.username}`)
        .concat(`--servercert=${gateway?.pin}`, gateway?.server ?? ''),
      { env: { ...process.env, PASSWORD: gateway?.password }, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    let answer = '';
    client.stdout.on('data', (data) => (answer += data));
    await until('a client is connected', () => answer.includes('Configured as'));
    held.kill(signal);
    await until('nothing is left', () => left(folder).length === 0);
    expect(host()).toBe(before);
  },
);

test.each([
  ['a test that failed', 'fails', undefined],
  ['ctrl-C in a test', 'waits for ctrl-C', 'SIGINT'],
] as const)('%s leaves nothing, whoever forgot to end it', async (_, name, signal) => {
  const before = host();
  // What the test runner itself keeps there it leaves when it is interrupted.
  const temporary = temporaryFolder();
  const outer = Object.entries(process.env).filter(([key]) => !key.startsWith('VITEST'));
  const env = { ...Object.fromEntries(outer), TMPDIR: temporary };
  const run = spawn(process.execPath, [VITEST, 'run', '--config', LEFT_BEHIND, '-t', name], {
    // As on a terminal: a group of its own, which ctrl-C goes to.
    detached: true,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  holder = run;
  let said = '';
  for (const stream of [run.stdout, run.stderr]) stream.on('data', (data) => (said += data));
  const ended = new Promise<number | null>((resolve) => run.once('close', resolve));
  const folders: string[] = JSON.parse(await until('they are up', () => /^left: (.*)$/m.exec(said)?.[1]));
  if (signal !== undefined && run.pid !== undefined) process.kill(-run.pid, signal);
  expect(await ended, said).not.toBe(0);
  if (signal === undefined) expect(said).toContain('as it should');
  await until('nothing is left', () => folders.every((folder) => left(folder).length === 0));
  expect(host()).toBe(before);
});
