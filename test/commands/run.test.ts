import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { startWithConfig } from '../../src/commands/load-config.ts';
import { run, runMonitor } from '../../src/commands/run.ts';
import { noRecursion, UNMAKEABLE } from '../files/unmakeable.ts';
import { PATH } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { catchStderr, common, createHome, createShell, type RecordingShell } from './support.ts';

const FAST = { frequency: '1' };

/** Waits for so many rows, sends the signal, and gives the exit status. */
async function stoppedAfter(rows: number, home: ReturnType<typeof createHome>, shell: RecordingShell) {
  const ended = run(common(home), shell);
  await until(`${rows} rows`, () => home.rows().length >= rows);
  shell.send('SIGTERM');
  return ended;
}

test('all sites again and again until a stop: rows, lines, log, state', async () => {
  const home = createHome({ good: 'works', bad: 'rejects' }, FAST);
  const stderr = catchStderr();
  const shell = createShell(home);
  expect(await stoppedAfter(4, home, shell)).toBe(0);
  expect(home.rows().slice(0, 4)).toEqual([
    'good,SUCCESS,N,N,N',
    'bad,FAILURE,N,ERROR,N',
    'good,SUCCESS,N,N,N',
    'bad,FAILURE,N,ERROR,N',
  ]);
  expect(shell.screen.stdout()).toMatch(/^\w{3} [ \d]\d [\d:]{8} {2}good {2}SUCCESS/);
  expect(shell.screen.stdout()).toContain('    log in: Login failed.\n');
  // Without a terminal the log goes to stderr as well, for the journal.
  for (const text of [home.log(), stderr()]) {
    expect(text).toContain(`INFO - vpn-monitor 1.2.3 started: 2 of 2 sites from ${home.config}, every 1 s`);
    expect(text).toContain('WARNING - Alert: VPN bad DOWN: credentials rejected (no mail');
    expect(text).toContain('INFO - Stopped');
    expect(text).not.toContain('s3cr3t-pass');
  }
  const state = JSON.parse(readFileSync(home.at('results', '.state', 'state.json'), 'utf8'));
  expect(state.sites.map(({ name }: { name: string }) => name)).toEqual(['good', 'bad']);
  expect(shell.signals.eventNames()).toEqual([]);
});

test('risks in the config are logged at the start', async () => {
  const home = createHome();
  const stderr = catchStderr();
  expect(await stoppedAfter(1, home, createShell(home))).toBe(0);
  expect(stderr()).toContain('WARNING - logging.email');
});

test('a second monitor on one results folder names the first and exits', async () => {
  const home = createHome({ site1: 'works' }, FAST);
  const stderr = catchStderr();
  const [first, second] = [createShell(home), createShell(home)];
  const ended = run(common(home), first);
  await until('a row', () => home.rows().length > 0);
  expect(await run(common(home), second)).toBe(3);
  expect(second.screen.stderr()).toBe(
    `error: another monitor writes to ${home.at('results')}: held by process ${process.pid} (vpn-monitor run)\n`,
  );
  first.send('SIGINT');
  expect(await ended).toBe(0);
  // Now it is free again.
  const third = createShell(home);
  const again = run(common(home), third);
  await until('the third has started', () => stderr().match(/started/g)?.length === 2);
  third.send('SIGTERM');
  expect(await again).toBe(0);
});

test('a results folder that can not be used is status 3', async () => {
  const home = createHome({ site1: 'works' }, { logging: '{ dir: occupied, file: result }' });
  writeFileSync(home.at('occupied'), 'a file, not a folder');
  const shell = createShell(home);
  expect(await run(common(home), shell)).toBe(3);
  expect(shell.screen.stderr()).toMatch(/^error: the results folder .*occupied can't be used: .*EEXIST/);
});

test('a wrong config is status 2, a secret that is not there yet status 3', async () => {
  const home = createHome({ site1: 'works' }, { frequency: '0' });
  const shell = createShell(home);
  expect(await run(common(home), shell)).toBe(2);
  expect(shell.screen.stderr()).toContain('frequency: expected a number of seconds from 1');
  expect(existsSync(home.at('results'))).toBe(false);

  const text = readFileSync(home.config, 'utf8').replace('frequency: 0', 'frequency: 60');
  writeFileSync(home.config, text.replace('password: s3cr3t-pass', 'password_file: not-yet'));
  const later = createShell(home);
  expect(await run(common(home), later)).toBe(3);
  expect(later.screen.stderr()).toContain('password_file');
});

test('SIGHUP reads the config again: new sites before the next cycle, streaks stay', async () => {
  const home = createHome({ old: 'rejects' }, FAST);
  const stderr = catchStderr();
  const shell = createShell(home);
  const ended = run(common(home), shell);
  await until('a row', () => home.rows().length > 0);
  home.write({ old: 'rejects', fresh: 'works' }, { frequency: '2' });
  shell.send('SIGHUP');
  await until('a row of the new site', () => home.rows().includes('fresh,SUCCESS,N,N,N'));
  shell.send('SIGTERM');
  expect(await ended).toBe(0);
  expect(stderr()).toContain(`INFO - Config read again: 2 of 2 sites from ${home.config}, every 2 s`);
  expect(stderr()).toContain('INFO - Changed: new sites: fresh; changed: frequency');
  expect(stderr()).toContain('VPN old DOWN: ');
});

test('after SIGHUP, earlier secrets are in no environment of a child and in no log', async () => {
  const home = createHome({ site1: 'any' }, FAST);
  const literal = readFileSync(home.config, 'utf8');
  writeFileSync(home.config, literal.replace('password: s3cr3t-pass', 'password_env: SITE_PW'));
  const client = `#!/bin/sh\nprintenv SITE_PW >>${home.at('seen')}\necho "sent $SIM_SECRET"\nexit 3\n`;
  writeFileSync(home.at('simulated-client'), client);
  const stderr = catchStderr();
  const shell = createShell(home, { env: { SITE_PW: 'v4riable', SIM_SECRET: 'v4riable' } });
  const ended = run(common(home), shell);
  await until('a row', () => home.rows().length > 0);
  writeFileSync(home.config, literal);
  shell.send('SIGHUP');
  await until('it is read again', () => stderr().includes('Config read again'));
  const before = home.rows().length;
  await until('two more rows', () => home.rows().length >= before + 2);
  shell.send('SIGTERM');
  expect(await ended).toBe(0);
  expect(readFileSync(home.at('seen'), 'utf8')).toBe('');
  expect(home.log().split('Config read again')[1]).toContain('sent ***');
  expect(home.log()).not.toContain('v4riable');
});

test.each([
  ['is bad', { frequency: '0' }, /old one stays:\n\s*.*config\.yml:\d+: frequency: expected/],
  [
    'asks for what only a restart can do',
    { logging: '{ dir: elsewhere, file: other }' },
    /old one stays: a change of logging\.dir, logging\.file needs a restart/,
  ],
  [
    'moves the log',
    { logging: '{ dir: results, file: result, log: ./monitoring.log }' },
    /old one stays: a change of logging\.log needs a restart/,
  ],
])('a reload of a config that %s is refused, and the log says why', async (_, more, words) => {
  const home = createHome({ old: 'works' }, FAST);
  const stderr = catchStderr();
  const shell = createShell(home);
  const ended = run(common(home), shell);
  await until('a row', () => home.rows().length > 0);
  home.write({ fresh: 'works' }, more);
  shell.send('SIGHUP');
  await until('it is refused', () => stderr().includes('the old one stays'));
  expect(stderr()).toMatch(words);
  const before = home.rows().length;
  await until('a row of the old config', () => home.rows().length > before);
  shell.send('SIGTERM');
  expect(await ended).toBe(0);
  expect(new Set(home.rows())).toEqual(new Set(['old,SUCCESS,N,N,N']));
  expect(existsSync(home.at('elsewhere'))).toBe(false);
});

test('SIGHUP of a program whose terminal was closed stops it', async () => {
  const home = createHome();
  const stderr = catchStderr();
  const shell = createShell(home, { onTerminal: true });
  const ended = run(common(home), shell);
  await until('a row', () => home.rows().length > 0);
  shell.send('SIGHUP');
  expect(await ended).toBe(0);
  expect(stderr()).toContain('Stopped');
});

test('a stop in a test leaves no row of it, and no client', async () => {
  const home = createHome({ cut: 'hangs-after-password' });
  catchStderr();
  const shell = createShell(home);
  const ended = run(common(home), shell);
  await until('the client hangs', () => home.typed().some((line) => line.startsWith('password=')));
  shell.send('SIGTERM');
  expect(await ended).toBe(0);
  expect(home.rows()).toEqual([]);
  const processes = (await shell.system.listPids()).map((pid) => shell.system.readProcess(pid));
  expect(processes.filter((process) => process?.args.includes(home.at('simulated-client')))).toEqual([]);
});

test('on a terminal: a live line, warnings above it, no log lines', async () => {
  // One cycle of each start, so that a slow machine waits for the next one as well. The second start has the alert.
  const home = createHome({ bad: 'rejects' }, { frequency: '3600' });
  const stderr = catchStderr();
  const onTerminal = () => createShell(home, { columns: 100, onTerminal: true });
  expect(await stoppedAfter(1, home, onTerminal())).toBe(0);
  const shell = onTerminal();
  const ended = run(common(home), shell);
  await until('the wait for the next cycle', () => shell.screen.stderr().includes('next cycle in '));
  shell.send('SIGTERM');
  expect(await ended).toBe(0);
  expect(stderr()).toBe('');
  const shown = shell.screen.stderr();
  expect(shown).toContain('bad: 2/3 log in, ');
  expect(shown).toContain('Alert: VPN bad DOWN: ');
  for (const word of ['Running vpn gw delay test', 'Something went bad', 'Cause: ']) {
    expect(shown).not.toContain(word);
    expect(home.log()).toContain(word);
  }
  expect(shown).toMatch(/\r\x1b\[2K\x1b\[2mStopped\x1b\[22m\n$/);
});

test('with a number of cycles it ends by itself, or is interrupted with the status of its signal', async () => {
  const home = createHome({ site1: 'works' }, FAST);
  catchStderr();
  const shell = createShell(home);
  const started = startWithConfig(home.config, shell);
  if (!started.ok) throw new Error('the config is good');
  expect(await runMonitor(started.value, { ...common(home), cycles: 2 }, shell)).toBe(0);
  expect(home.rows()).toHaveLength(2);
  const cut = runMonitor(started.value, { ...common(home), cycles: 1000 }, shell);
  await until('a row', () => home.rows().length > 2);
  shell.send('SIGINT');
  expect(await cut).toBe(130);
});

test('systemd is notified of the start, of good and bad reloads and of the stop, and asked for the time that a test may take', async () => {
  const home = createHome({ site1: 'works' }, FAST);
  const stderr = catchStderr();
  mkdirSync(home.at('bin'));
  const sent = () => (existsSync(home.at('sent')) ? readFileSync(home.at('sent'), 'utf8') : '');
  writeFileSync(
    home.at('bin', 'systemd-notify'),
    `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >>${home.at('sent')}\n`,
  );
  chmodSync(home.at('bin', 'systemd-notify'), 0o755);
  const shell = createShell(home, {
    env: { PATH: `${home.at('bin')}:${PATH}` },
    service: { socket: '/run/n', watchdogMs: 1000 },
  });
  const ended = run(common(home), shell);
  await until('a cycle', () => sent().includes('STATUS=next cycle at'));
  home.write({ site1: 'works', site2: 'works' }, FAST);
  shell.send('SIGHUP');
  await until('the new site', () => sent().includes('STATUS=testing site2'));
  home.write({}, { frequency: '0' });
  shell.send('SIGHUP');
  await until('it is refused', () => stderr().includes('the old one stays'));
  await until('it continues', () => sent().match(/READY=1/g)?.length === 3);
  shell.send('SIGTERM');
  expect(await ended).toBe(0);
  const lines = sent().trimEnd().split('\n');
  const states = lines.flatMap((line) => /[A-Z]+=1(?= |$)/.exec(line.replace(' WATCHDOG=1', ''))?.[0] ?? []);
  expect(states).toEqual(['READY=1', 'RELOADING=1', 'READY=1', 'RELOADING=1', 'READY=1', 'STOPPING=1']);
  // Longer than any of its tests, and asked for once: the unit says less.
  expect(sent().match(/WATCHDOG_USEC=\d+/g)).toEqual([expect.stringMatching(/=\d{9}$/)]);
  expect(lines.at(-1)).toMatch(/^\/run\/n STOPPING=1 STATUS=stopping: .* EXTEND_TIMEOUT_USEC=50000000$/);
});

test('a variable that holds a secret is not inherited by any child', async () => {
  const home = createHome({ site1: 'prints-arguments' });
  const text = readFileSync(home.config, 'utf8');
  writeFileSync(home.config, text.replace('password: s3cr3t-pass', 'password_env: SIM_SECRET'));
  vi.stubEnv('SIM_SECRET', 's3cr3t-pass');
  const shell = createShell(home, { env: { SIM_SECRET: 's3cr3t-pass' } });
  const started = startWithConfig(home.config, shell);
  if (!started.ok) throw new Error('the config is good');
  expect(started.value.config.sites[0]?.password?.reveal()).toBe('s3cr3t-pass');
  expect(started.value.system.env).toMatchObject({ SIM_TYPED: home.at('typed') });
  expect(started.value.system.env).not.toHaveProperty('SIM_SECRET');
  expect(process.env).not.toHaveProperty('SIM_SECRET');
  vi.unstubAllEnvs();
});

test('a bug is thrown, and everything is closed', async () => {
  const home = createHome();
  const stderr = catchStderr();
  const bug = new TypeError('a bug');
  const shell = createShell(home, {
    system: {
      spawnPty: () => {
        throw bug;
      },
    },
  });
  await expect(run(common(home), shell)).rejects.toBe(bug);
  expect(shell.signals.eventNames()).toEqual([]);
  expect(stderr()).toContain('Stopped');
});

test('a results folder that can not be created is an error at the start', async () => {
  const home = createHome({ site1: 'works' }, { logging: `{ dir: ${UNMAKEABLE}, file: result }` });
  const shell = createShell(home, { system: { files: noRecursion } });
  expect(await run(common(home), shell)).toBe(3);
  expect(shell.screen.stderr()).toContain(
    `error: the results folder ${UNMAKEABLE} can't be used: no such file or directory (ENOENT)\n`,
  );
});
