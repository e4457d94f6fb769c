import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { startct } from '../../src/clients/startct.ts';
import type { SiteConfig } from '../../src/config/config.ts';
import { failed } from '../../src/model/result.ts';
import type { System } from '../../src/system/system.ts';
import { never } from '../support/never.ts';
import { PASSWORD, simulatedSite } from '../support/site.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { PATIENT } from '../support/until.ts';
import { play, type Run, STEP_TIMEOUT } from './play.ts';

const client = fileURLToPath(new URL('../fixtures/startct', import.meta.url));
const folder = temporaryFolder(afterAll);

/** A log-in with the simulated client, and how it differs from others. */
interface StartctRun extends Partial<Omit<Run, 'site' | 'profile'>> {
  readonly gateway: string;
  readonly site?: Partial<SiteConfig>;
  readonly command?: string;
}

function playStartct({ gateway, site, command = client, ...more }: StartctRun) {
  return play({ site: simulatedSite(gateway, site), profile: { ...startct, command }, ...more });
}

/** A log-in with the simulated client, and its log-out. */
async function outcomeOf(run: StartctRun) {
  const { session, ...rest } = playStartct(run);
  const { result, transcript, close } = await session;
  const gone = await close(never);
  return { result, transcript: transcript(), gone, ...rest };
}

/** What the site has beside what every site has. */
function keys(of: Record<string, string>): Partial<SiteConfig> {
  return { clientKeys: new Map(Object.entries(of)) };
}

const dialogue = ['username=monitor', `password=${PASSWORD}`, 'choice=1'];

test.each([
  'works',
  'split',
  'split-prompts',
  'connecting',
  'noise',
  'escapes',
  'coloured',
  'binary',
  'slow-quit',
])('logs in at a gateway that %s, and out again', async (gateway) => {
  const { result, typed, gone, alive } = await outcomeOf({ gateway });
  expect(result).toMatchObject({ outcome: 'ok', ms: expect.any(Number) });
  expect(typed()).toEqual([`args=-s ${gateway} -r corp -y 60`, ...dialogue, 'line=quit']);
  expect(gone).toBe(true);
  expect(alive()).toEqual([]);
});

test.each([
  ['rejects', 'credentials-rejected', 'Login failed.'],
  ['asks-again', 'credentials-rejected', 'Username:'],
  ['refused', 'refused', 'CONNECTION REFUSED'],
  ['refused-split', 'refused', 'CONNECTION REFUSED'],
  ['refused-at-length', 'refused', `CONNECTION REFUSED: ${'0'.repeat(277)}...`],
  [
    'cannot',
    'client-exited',
    'the client ended (exit status 1) before the success of the log-in came: CANNOT CONNECT to cannot',
  ],
  [
    'exits',
    'client-exited',
    'the client ended (exit status 3) before the prompt Password: came: cannot go on',
  ],
  [
    'exits-at-once',
    'client-exited',
    'the client ended (exit status 127) before the prompt Username: came: java: command not found',
  ],
  ['killed', 'client-exited', 'the client ended (signal 9) before the prompt Password: came'],
])('a gateway that %s: %s', async (gateway, cause, detail) => {
  const { result, typed, gone, alive, log } = await outcomeOf({ gateway });
  expect(result).toEqual({ outcome: 'error', cause, detail });
  expect(typed().filter((line) => line.startsWith('again') || line.startsWith('line'))).toEqual([]);
  expect(gone).toBe(true);
  expect(alive()).toEqual([]);
  expect(log.lines.join('\n')).toContain(
    `CRITICAL Something went bad when connecting: ${detail}\ncommand: ${client}`,
  );
});

test.each([
  ['silent', 'the prompt Username:', []],
  ['hangs-after-username', 'the prompt Password:', ['username=monitor']],
  ['hangs-after-password', 'the prompt Enter your choice [1]:', ['username=monitor', `password=${PASSWORD}`]],
  ['hangs-after-choice', 'the success of the log-in', dialogue],
])(
  'a gateway that is %s runs into the time of its step, and nothing more is typed',
  async (gateway, awaited, typed) => {
    const run = await outcomeOf({ gateway, hangsAfter: typed.length + 1 });
    expect(run.result).toEqual({
      outcome: 'error',
      cause: 'step-timed-out',
      detail: `${awaited} did not come within ${STEP_TIMEOUT} s, the client said nothing more`,
    });
    expect(run.typed().slice(1)).toEqual(typed);
    expect(run.alive()).toEqual([]);
  },
);

test('a client that ignores SIGTERM and SIGHUP is killed, with all of its group', async () => {
  const { gone, alive } = await outcomeOf({ gateway: 'ignores-term', hangsAfter: 3 });
  expect(gone).toBe(true);
  expect(alive()).toEqual([]);
});

test("the script's fault: quit is cut off by the closing pty, so clients die of SIGHUP", async () => {
  const { session, typed, log } = playStartct({ gateway: 'slow-quit' });
  const { result, close } = await session;
  expect(result.outcome).toBe('ok');
  await close(never);
  expect(typed().at(-1)).toBe('line=quit');
  expect(log.lines).toEqual([]);
});

test('a client that does not end after quit is ended, and the log says so', async () => {
  const { gone, alive, log } = await outcomeOf({ gateway: 'ignores-quit', quitTimeout: 0.3 });
  expect(gone).toBe(true);
  expect(alive()).toEqual([]);
  expect(log.lines).toEqual(['WARNING site1: the client did not end within 0.3 s of quit, ending it']);
});

test("the script's fault: CONNECTION REFUSED counts as SUCCESS", async () => {
  const { result } = await outcomeOf({ gateway: 'refused' });
  expect(result).toMatchObject({ outcome: 'error', cause: 'refused' });
});

test("the script's fault: its pause before each line typed is counted into stage 2", async () => {
  // The three pauses are made a second long: a machine as slow as that would be needed to hide them.
  let paused = 0;
  const monotonic = () => performance.now() + paused;
  const slowTyping = (system: System): System => ({
    ...system,
    monotonic,
    sleep: async (ms, signal) => {
      await system.sleep(ms, signal);
      if (ms === 20) paused += 1000;
    },
  });
  const before = monotonic();
  const { result } = await outcomeOf({ gateway: 'works', wrap: slowTyping });
  const all = monotonic() - before;
  expect(result.outcome).toBe('ok');
  if (result.outcome === 'ok') expect(all - result.ms).toBeGreaterThanOrEqual(3000);
});

test("the script's fault: a realm with a space or with options is an argument of its own", async () => {
  const realm = 'corp -y 1 -s evil';
  const { result, typed } = await outcomeOf({ gateway: 'works', site: keys({ realm, timeout: '60' }) });
  expect(result.outcome).toBe('ok');
  expect(typed()[0]).toBe(String.raw`args=-s works -r corp\ -y\ 1\ -s\ evil -y 60`);
});

test('the words of a config never reach a shell', async () => {
  const realm = `$(touch ${folder}/pwned); \`touch ${folder}/pwned\``;
  await outcomeOf({ gateway: 'works', site: keys({ realm, timeout: '60' }) });
  expect(existsSync(path.join(folder, 'pwned'))).toBe(false);
});

test.each(['echoes', 'echoes-late', 'prints-password'])(
  "the script's fault: a password echoed by the client (%s) is in the log",
  async (gateway) => {
    const { transcript, log, typed } = await outcomeOf({ gateway });
    expect(typed()).toContain(`password=${PASSWORD}`);
    expect(transcript).toContain('***');
    for (const text of [transcript, ...log.lines]) {
      expect(text).not.toContain(PASSWORD);
      expect(text).not.toContain(JSON.stringify(PASSWORD).slice(1, -1));
    }
  },
);

test.each([
  ['/nowhere/startct', 'the client /nowhere/startct is not there or may not be run'],
  ['startct-nowhere', 'the client startct-nowhere is not in PATH: name it in clients.startct.command'],
])('a client that is not installed: %s', async (command, detail) => {
  const { result, transcript, gone, log } = await outcomeOf({ gateway: 'works', command });
  expect(result).toEqual({ outcome: 'error', cause: 'client-missing', detail });
  expect({ transcript, gone }).toEqual({ transcript: '', gone: true });
  expect(log.lines).toEqual([`CRITICAL Something went bad when connecting: ${detail}`]);
});

test('a client that can not be executed is a fault of the host, not of the gateway', async () => {
  const command = path.join(mkdtempSync(path.join(folder, 'bin-')), 'startct');
  writeFileSync(command, '#!/nowhere/bash\n', { mode: 0o755 });
  const { result, gone, log } = await outcomeOf({ gateway: 'works', command });
  const detail = `the client ${command} could not be executed: No such file or directory (the interpreter in its first line?)`;
  expect(result).toEqual({ outcome: 'error', cause: 'client-missing', detail });
  expect(gone).toBe(true);
  expect(log.lines[0]).toContain(detail);
});

test('a client that this host can not start', async () => {
  const full = (system: System): System => ({
    ...system,
    spawnPty: () => failed(`no terminal is left, says ${PASSWORD}`),
  });
  const { result, transcript, gone, log } = await outcomeOf({ gateway: 'works', wrap: full });
  const detail = `the client ${client} could not be started: no terminal is left, says ***`;
  expect(result).toEqual({ outcome: 'error', cause: 'client-not-started', detail });
  expect({ transcript, gone }).toEqual({ transcript: '', gone: true });
  expect(log.lines).toEqual([`CRITICAL Something went bad when connecting: ${detail}`]);
});

test.each(['silent', 'hangs-after-username', 'hangs-after-password', 'hangs-after-choice'])(
  'a stop while the client %s: nothing is typed, the client is gone',
  async (gateway) => {
    const stop = new AbortController();
    const { session, typed, alive } = playStartct({ gateway, stop: stop.signal });
    const expected = {
      silent: 1,
      'hangs-after-username': 2,
      'hangs-after-password': 3,
      'hangs-after-choice': 4,
    }[gateway];
    await expect.poll(() => typed().length, PATIENT).toBe(expected);
    stop.abort(new Error('stop'));
    await expect(session).rejects.toThrow('stop');
    expect(typed().length).toBe(expected);
    expect(alive()).toEqual([]);
  },
);

test('forcing skips the log-out and kills at once', async () => {
  const done: string[] = [];
  const noting = (system: System): System => ({
    ...system,
    kill: (pid, signal) => {
      if (signal !== 0) done.push(`${signal}`);
      return system.kill(pid, signal);
    },
    sleep: (ms, signal) => {
      done.push(`a wait of ${ms} ms`);
      return system.sleep(ms, signal);
    },
  });
  const { session, typed, alive, log } = playStartct({
    gateway: 'ignores-all',
    wrap: noting,
  });
  const { result, close } = await session;
  expect(result.outcome).toBe('ok');
  done.length = 0;
  const force = new AbortController();
  force.abort(new Error('now'));
  expect(await close(force.signal)).toBe(true);
  expect(done.slice(0, 2)).toEqual(['SIGTERM', 'SIGKILL']);
  expect(alive()).toEqual([]);
  expect(typed().slice(1)).toEqual(dialogue);
  expect(log.lines).toEqual([]);
});

test('the log quotes what was seen, as the script did', async () => {
  const { log } = await outcomeOf({ gateway: 'hangs-after-choice', hangsAfter: 4 });
  const lines = (log.lines[0] ?? '').split('\n');
  const failures = startct.failures.filter(({ before }) => before === undefined);
  const dialogue = startct.dialogue.filter((step) => step.with === undefined);
  const awaited = [
    ...failures.filter(({ within }) => within !== undefined),
    ...dialogue.filter(({ limit, permission }) => limit !== undefined && permission === undefined),
    startct.success,
    ...failures.filter(({ within }) => within === undefined),
  ].map(({ expect: regex }) => regex);
  expect(lines).toEqual([
    `CRITICAL Something went bad when connecting: Timeout exceeded. the success of the log-in did not come within ${STEP_TIMEOUT} s, the client said nothing more`,
    `command: ${client}`,
    `args: ["${client}","-s","hangs-after-choice","-r","corp","-y","60"]`,
    'buffer (last 100 chars): "Username:monitor\\nPassword:\\n1) corp\\n2) guest\\nEnter your choice [1]:1\\n"',
    'exitstatus: None',
    expect.stringMatching(/^pid: \d+$/),
    `timeout: ${STEP_TIMEOUT}`,
    'searcher:',
    ...awaited.map((regex, index) => `    ${index}: ${regex}`),
  ]);
});

test.each<[string, Record<string, string>, Record<string, string | undefined>]>([
  ['no language', {}, { LC_MESSAGES: 'C' }],
  ['a language', { LANG: 'es_ES.UTF-8' }, { LANG: 'es_ES.UTF-8', LC_MESSAGES: 'C' }],
  [
    'a list of languages',
    { LANG: 'es_ES.UTF-8', LANGUAGE: 'es:de', LC_MESSAGES: 'de_DE.UTF-8' },
    { LANG: 'es_ES.UTF-8', LANGUAGE: undefined, LC_MESSAGES: 'C' },
  ],
  [
    'one language for all: its encoding stays',
    { LC_ALL: 'de_DE.ISO-8859-1', LC_CTYPE: 'C.UTF-8' },
    { LC_ALL: undefined, LC_CTYPE: 'de_DE.ISO-8859-1', LC_MESSAGES: 'C' },
  ],
  ['an empty LC_ALL, which says nothing', { LC_ALL: '', LC_CTYPE: 'C.UTF-8' }, { LC_CTYPE: 'C.UTF-8' }],
])('a built-in client is run untranslated on a host with %s', async (_, env, expected) => {
  const seen: Readonly<Record<string, string | undefined>>[] = [];
  const wrap = (system: System): System => ({
    ...system,
    spawnPty: (file, args, options) => {
      seen.push(options.env);
      return system.spawnPty(file, args, options);
    },
  });
  expect((await outcomeOf({ gateway: 'works', env, wrap })).result.outcome).toBe('ok');
  expect(seen).toHaveLength(1);
  for (const [name, value] of Object.entries(expected))
    expect({ [name]: seen[0]?.[name] }).toEqual({ [name]: value });
  // The patterns of a client of one's own are those of the language that it speaks there.
  const described = { ...startct, command: client, described: true };
  await (await play({ site: simulatedSite('works'), profile: described, env, wrap }).session).close(never);
  expect(seen[1]).toMatchObject(env);
});
