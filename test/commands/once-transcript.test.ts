import fs from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { type OnceOptions, once } from '../../src/commands/once.ts';
import { tracesOf } from '../support/traces.ts';
import { until } from '../support/until.ts';
import { catchStderr, common, createHome, createShell, type Home } from './support.ts';

beforeEach(() => {
  catchStderr();
});

const PASSWORD = 's3cr3t-pass';

function options(home: Home, more: Partial<OnceOptions> = {}): OnceOptions {
  return { ...common(home), sites: ['site1'], json: false, transcript: home.at('transcript'), ...more };
}

/** The lines of the transcript, times as N. */
function lines(home: Home): readonly Record<string, unknown>[] {
  const text = fs.readFileSync(home.at('transcript'), 'utf8').trimEnd();
  return text.split('\n').map((line) => {
    const parsed = JSON.parse(line.replace(/\d+\.\d{3} ms/g, 'N ms'));
    return 'ms' in parsed ? { ...parsed, ms: 'N' } : parsed;
  });
}

/** The events, the output between two others in one. */
function dialogue(home: Home): readonly Record<string, unknown>[] {
  const joined: Record<string, unknown>[] = [];
  for (const line of lines(home)) {
    const last = joined.at(-1);
    if (line['event'] === 'output' && last?.['event'] === 'output')
      last['text'] = `${last['text']}${line['text']}`;
    else joined.push({ ...line });
  }
  return joined;
}

const HEAD = { event: 'vpn-monitor', version: 1, program: '1.2.3', client: 'demo', node: process.version };

test('a log-in and the log-out, exactly', async () => {
  const home = createHome();
  const shell = createShell(home);
  const mask = process.umask(0);
  try {
    expect(await once(options(home, { json: true }), shell)).toBe(0);
  } finally {
    process.umask(mask);
  }
  expect(dialogue(home)).toEqual([
    HEAD,
    {
      ms: 'N',
      event: 'started',
      command: home.at('simulated-client'),
      args: ['-s', 'works', '-r', 'corp', '-y', '60'],
    },
    { ms: 'N', event: 'output', text: 'Username:' },
    { ms: 'N', event: 'typed', what: 'username' },
    { ms: 'N', event: 'output', text: 'monitor\r\nPassword:' },
    { ms: 'N', event: 'typed', what: 'password' },
    { ms: 'N', event: 'output', text: '\r\n1) corp\r\r\n2) guest\r\r\nEnter your choice [1]:' },
    { ms: 'N', event: 'typed', text: '1' },
    { ms: 'N', event: 'output', text: '1\r\nCONNECTED\r\n' },
    { ms: 'N', event: 'typed', text: 'quit' },
    { ms: 'N', event: 'output', text: 'quit\r\nDisconnected\r\n' },
    { ms: 'N', event: 'ended', code: 0, signal: 0 },
    { event: 'result', outcome: 'ok', cause: null, detail: 'logged in after N ms' },
  ]);
  expect(fs.statSync(home.at('transcript')).mode & 0o7777).toBe(0o600);
  expect(JSON.parse(shell.screen.stdout()).sites).toHaveLength(1);
  expect(shell.screen.stderr()).toContain(
    `transcript: ${home.at('transcript')}: read it before you send it\n`,
  );
});

test.each(['echoes', 'echoes-late', 'prints-password', 'prints-encoded', 'prints-arguments'])(
  'a client that can not keep the password: %s',
  async (gateway) => {
    const home = createHome({ site1: gateway });
    await once(options(home), createShell(home, { env: { SIM_SECRET: PASSWORD } }));
    const text = fs.readFileSync(home.at('transcript'), 'utf8');
    expect(tracesOf(PASSWORD, text)).toEqual([]);
    expect(text).toContain('***');
    expect(text).not.toMatch(/s3c|pass"|t-pass/);
    expect(lines(home).at(-1)).toMatchObject({ event: 'result' });
  },
);

test('a client that is ended by signals', async () => {
  const home = createHome({ site1: 'ignores-all' }, { login: '{ quit_timeout: 1 }' });
  expect(await once(options(home), createShell(home))).toBe(0);
  expect(lines(home).filter(({ event }) => event === 'signal' || event === 'ended')).toEqual([
    { ms: 'N', event: 'signal', signal: 'SIGTERM' },
    { ms: 'N', event: 'signal', signal: 'SIGKILL' },
    { ms: 'N', event: 'ended', code: 0, signal: 9 },
  ]);
});

test('a test that is cut short has a transcript without a result', async () => {
  const home = createHome({ site1: 'hangs-after-password' });
  const shell = createShell(home);
  const ended = once(options(home), shell);
  await until('the client hangs', () => home.typed().some((line) => line.startsWith('password=')));
  shell.send('SIGINT');
  expect(await ended).toBe(130);
  expect(lines(home).map(({ event }) => event)).toContain('typed');
  expect(lines(home).at(-1)).toMatchObject({ event: 'ended', signal: 15 });
});

test('a client that is not there: only the result', async () => {
  const home = createHome({ site1: 'works' }, { clients: '{ demo: { command: /no/client } }' });
  expect(await once(options(home), createShell(home))).toBe(1);
  expect(lines(home)).toEqual([
    HEAD,
    {
      event: 'result',
      outcome: 'error',
      cause: 'client-missing',
      detail: 'the client /no/client is not there or may not be run',
    },
  ]);
});

test.each([
  ['no site', []],
  ['two sites', ['site1', 'site2']],
])('%s is wrong usage, and there is no file', async (_, sites) => {
  const home = createHome({ site1: 'works', site2: 'works' });
  const shell = createShell(home);
  expect(await once(options(home, { sites }), shell)).toBe(2);
  const file = home.at('transcript');
  expect(shell.screen.stderr()).toContain(
    `error: --transcript needs exactly one site: \`vpn-monitor once --transcript ${file} SITE\`\n`,
  );
  expect(fs.existsSync(file)).toBe(false);
  expect(home.rows()).toEqual([]);
});

test.each([
  ['a file', (file: string) => fs.writeFileSync(file, 'kept')],
  ['a link', (file: string) => fs.symlinkSync('config.yml', file)],
  ['a link to nothing', (file: string) => fs.symlinkSync('elsewhere', file)],
  ['a folder', (file: string) => fs.mkdirSync(file)],
])('%s in the place of the transcript stays, and nothing is tested', async (_, make) => {
  const home = createHome();
  make(home.at('transcript'));
  const before = fs.readFileSync(home.config, 'utf8');
  const shell = createShell(home);
  expect(await once(options(home), shell)).toBe(2);
  expect(shell.screen.stderr()).toContain(
    `error: the transcript ${home.at('transcript')} can't be written: it exists already, and is not overwritten: name a new file\n`,
  );
  expect(fs.readFileSync(home.config, 'utf8')).toBe(before);
  expect(fs.existsSync(home.at('elsewhere'))).toBe(false);
  if (fs.lstatSync(home.at('transcript')).isFile())
    expect(fs.readFileSync(home.at('transcript'), 'utf8')).toBe('kept');
  expect(home.typed()).toEqual([]);
});

test('a folder that is not there is said before anything is tested', async () => {
  const home = createHome();
  const shell = createShell(home);
  expect(await once(options(home, { transcript: home.at('none', 'transcript') }), shell)).toBe(2);
  expect(shell.screen.stderr()).toContain("can't be written: no such file or directory (ENOENT)\n");
  expect(home.typed()).toEqual([]);
});

test('a code of a client of your own is no text either', async () => {
  const home = createHome();
  fs.copyFileSync(new URL('../fixtures/asks', import.meta.url), home.at('asks'));
  fs.writeFileSync(
    home.config,
    `sites:
  site1: { external_ip: 127.0.0.1, internal_ip: 127.0.0.1, vpn_gw: works, username: monitor, password: ${PASSWORD}, token: "271828", client: own }
frequency: 600
logging: { dir: results, file: result }
ping: { count: 1, timeout: 30 }
clients:
  own:
    command: ./asks
    args: [Password Token]
    keys: { token: required }
    dialogue:
      - { expect: "^Password:", send: "{password}" }
      - { expect: "^Token:", send: "{token}" }
    success: { expect: "^Configured as" }
    logout: { signal: SIGINT }
    own: [asks]
`,
    { mode: 0o600 },
  );
  const shell = createShell(home);
  expect(await once(options(home), shell), shell.screen.stderr()).toBe(0);
  const typed = lines(home).filter(({ event }) => event === 'typed');
  expect(typed.map(({ what }) => what)).toEqual(['password', 'token']);
  expect(fs.readFileSync(home.at('transcript'), 'utf8')).not.toContain('271828');
});
