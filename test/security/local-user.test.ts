import fs from 'node:fs';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openMailSink } from '../../src/demo/mail-sink.ts';
import { openForAppend } from '../../src/files/append.ts';
import { checkPrivateFolder, makePrivateFolder } from '../../src/files/private-folder.ts';
import { DONE } from '../../src/model/result.ts';
import { absoluteSearchPath } from '../../src/process/search-path.ts';
import { NO_NOTE, openHostNotes } from '../../src/state/host-note.ts';
import { openState, readState } from '../../src/state/store.ts';
import { machine } from '../support/machine.ts';
import { csvNameAtNoon, NOON } from '../support/monitored-world.ts';
import { recordingLog } from '../support/recording-log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { onTerminal } from '../support/terminal.ts';
import { PATIENT } from '../support/until.ts';
import { installScript, stop } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

/** Somebody on the host who is neither root nor the monitor. */
const SOMEBODY = 12_345;
const asSomebody = `setpriv --reuid=${SOMEBODY} --regid=${SOMEBODY} --clear-groups`;

const root = process.getuid?.() === 0;
const NOT_ROOT = 'needs root, to be two users';
let dir: string;
beforeEach(() => {
  dir = temporaryFolder();
});

/** In the name of the log. */
const YEAR = new Date().getFullYear();

describe('in a results folder where others may write', () => {
  worldTest(
    'links to files of root, in the place of CSV, log and state: nothing is written through them',
    async ({ skip, world }) => {
      skip(!root, NOT_ROOT);
      const { config, log, monitor, read, run } = world;
      config({ site1: 'works' }, 'logging: { dir: results, file: result }');
      run(`mkdir victim results && chmod 700 victim && chmod 777 results
      for name in csv log link state; do echo untouched >victim/$name; done
      chmod 711 . && ${asSomebody} bash -c '
        ln -s "$PWD/victim/csv" results/${csvNameAtNoon()}
        ln -s "$PWD/victim/log" results/monitoring-${YEAR}.log
        ln -s "$PWD/victim/link" results/monitoring.log
        ln -s "$PWD/victim" results/.state'`);
      const daemon = monitor(['run'], { TZ: NOON });
      await expect.poll(daemon.stderr, PATIENT).toContain('Stages results:');
      await expect.poll(daemon.stderr, PATIENT).toContain("rows can't be written");
      await stop(daemon);
      expect(run('ls victim; cat victim/*; stat -c %a victim')).toBe(
        `csv\nlink\nlog\nstate\n${'untouched\n'.repeat(4)}700\n`,
      );
      expect(daemon.stderr()).toMatch(
        /rows can't be written to .*: \S+ is a symbolic link, which is not followed/,
      );
      expect(daemon.stderr()).toMatch(/the log .* can't be written: .*\.state is a symbolic link/);
      expect(daemon.stderr()).toMatch(/the state can't be written: .*\.state is a symbolic link/);
      expect([log(), read('results', '.state', 'state.json')]).toEqual(['untouched\n', '']);
    },
  );

  worldTest(
    'a state of somebody else: it is not obeyed, and nothing is written over what it leads to',
    async ({ skip, world }) => {
      skip(!root, NOT_ROOT);
      const { at, config, mailServer, mails, monitor, read, run } = world;
      config({ site1: 'works' }, `dns: { file: ${at('resolv.conf')}, restore: ['false'] }`);
      const bootId = machine.bootId();
      const now = new Date().toISOString();
      const mail = {
        ...{
          id: '<1@x>',
          site: null,
          subject: 'Pay',
          created: now,
          from: 'boss@example.com',
          raw: 'Subject: Pay\r\n\r\n',
        },
        ...{ recipients: ['all@example.com'], tries: 0, nextTry: null, delivered: false },
      };
      const dns = { bootId, takenAt: now, file: at('resolv.conf'), content: 'nameserver 203.0.113.66\n' };
      const state = JSON.stringify({ version: 1, sites: [], host: null, mails: [mail], dns });
      const routes = ['-4 default via 203.0.113.66 dev lo'];
      const network = { bootId, devices: ['lo'], routes, gateways: ['203.0.113.1'], unmarked: [] };
      run(
        `echo untouched >victim && mkdir results && chmod 777 results && ${asSomebody} mkdir results/.state`,
      );
      fs.writeFileSync(at('results', '.state', 'state.json'), state);
      fs.writeFileSync(at('results', '.state', 'network.json'), JSON.stringify(network));
      fs.writeFileSync(at('results', '.state', 'host.json'), JSON.stringify({ version: 1, dns, network }));
      run(`cd results/.state && chown ${SOMEBODY}:${SOMEBODY} * && for name in log-files state.json state.json.new; do
      ${asSomebody} ln -sf "$OLDPWD/victim" $name.json; done; ${asSomebody} ln -s "$OLDPWD/victim" state.json.new`);
      // The client has left its mark, and the restore command does not help: a note would be written back.
      run('echo "# SonicWall" >resolv.conf');
      await mailServer();
      const daemon = monitor(['run']);
      await expect.poll(daemon.stderr, PATIENT).toContain('Stages results:');
      await expect.poll(mails, PATIENT).not.toEqual([]);
      await stop(daemon);
      expect(read('victim')).toBe('untouched\n');
      expect(read('resolv.conf')).toBe('# SonicWall\n');
      expect(read('results', '.state', 'state.json')).toBe(state);
      expect(mails().join('\n')).not.toContain('Subject: Pay');
      expect(mails()[0]).toContain('cannot test');
      expect(daemon.stderr()).toMatch(
        /The state file .* can't be read \(.*belongs to another user \(uid 12345\)/,
      );
    },
  );

  test('a state folder that is a link or of another owner is neither read nor written', ({ skip }) => {
    const other = path.join(dir, 'other');
    const state = path.join(dir, 'results', '.state');
    fs.mkdirSync(path.join(dir, 'results'));
    makePrivateFolder(fs, other);
    const network = { bootId: 'b', devices: ['lo'], routes: [], gateways: [], unmarked: [] };
    fs.writeFileSync(path.join(other, 'network.json'), JSON.stringify(network));
    fs.writeFileSync(path.join(other, 'host.json'), JSON.stringify({ version: 1, dns: null, network }));
    fs.symlinkSync(other, state);
    const log = recordingLog();
    const store = openState(path.dirname(state), machine, log);
    expect(log.lines).toEqual([expect.stringMatching(/\.state is a symbolic link, which is not followed/)]);
    expect(store.save()).toEqual({ ok: false, why: expect.stringContaining('symbolic link') });
    expect(readState(path.dirname(state), machine)).toEqual({
      ok: false,
      why: expect.stringContaining('symbolic link'),
    });
    const notes = openHostNotes(state, fs, log);
    expect(notes.read()).toEqual(NO_NOTE);
    notes.change({ network: { bootId: 'b', devices: [], routes: [], gateways: [], unmarked: [] } });
    expect(log.lines.at(-1)).toMatch(/The note of this host can't be written: .*symbolic link/);
    expect(fs.readdirSync(other)).toEqual(['host.json', 'network.json']);
    skip(!root, 'the rest needs root, to be two users');
    fs.rmSync(state);
    fs.mkdirSync(state);
    fs.chownSync(state, SOMEBODY, SOMEBODY);
    expect(checkPrivateFolder(fs, state)).toMatchObject({
      ok: false,
      why: expect.stringMatching(/belongs to another user \(uid 12345\)/),
    });
    expect(() => makePrivateFolder(fs, state)).toThrow('belongs to another user');
    // Who owns the results folder itself could have put anything there.
    fs.chownSync(path.dirname(state), SOMEBODY, SOMEBODY);
    expect(checkPrivateFolder(fs, state)).toEqual(DONE);
  });

  test.each([
    ['a pipe', (file: string) => machine.run('/usr/bin/mkfifo', [file], { env: {}, timeoutMs: 10_000 })],
    [
      'a socket',
      (file: string) =>
        machine.run(
          '/usr/bin/perl',
          ['-MIO::Socket::UNIX', '-e', 'IO::Socket::UNIX->new(Local => shift, Listen => 1)', file],
          { env: {}, timeoutMs: 10_000 },
        ),
    ],
  ])('%s in the place of a file is refused', async (_, make) => {
    const file = path.join(dir, 'monitoring.log');
    await make(file);
    expect(fs.existsSync(file)).toBe(true);
    expect(() => openForAppend(fs, file, 0o640)).toThrow(/not a regular file|ENXIO/);
  });

  test('the mails of the demo follow no link', async () => {
    const victim = path.join(dir, 'victim');
    fs.writeFileSync(victim, 'untouched');
    const sink = await openMailSink(path.join(dir, 'mails'), fs);
    onTestFinished(() => sink.close());
    fs.symlinkSync(victim, path.join(dir, 'mails', '1.eml'));
    const mail = { from: 'a@example.com', to: 'b@example.com', text: 'evil' };
    const send = () => createTransport({ host: '127.0.0.1', port: sink.port }).sendMail(mail);
    await expect(send()).rejects.toThrow('EEXIST');
    expect(fs.readFileSync(victim, 'utf8')).toBe('untouched');
    fs.rmSync(path.join(dir, 'mails', '1.eml'));
    await send();
    expect(sink.mails).toEqual([path.join(dir, 'mails', '1.eml')]);
  });

  worldTest('a folder that the monitor makes is not one, whatever the umask', async ({ world }) => {
    world.config({ site1: 'works' }, 'logging: { dir: above/results, file: result }');
    const once = world.monitor(['once'], {}, ['sh', '-c', 'umask 0 && exec "$@"', 'sh']);
    expect(await once.ended, once.stderr()).toBe(0);
    expect(world.run('stat -c %a above above/results')).toBe('755\n755\n');
  });
});

test.each([
  ['/usr/bin:/bin', '/usr/bin:/bin'],
  [':/usr/bin:.:/bin:bin:', '/usr/bin:/bin'],
  ['.', undefined],
  ['', undefined],
  [undefined, undefined],
])('of the PATH %j remains %j', (searchPath, remains) => {
  expect(absoluteSearchPath(searchPath)).toBe(remains);
});

worldTest('programs in the working directory are not run, though PATH names it', async ({ world }) => {
  const { config, monitor, run, at } = world;
  config(
    { site1: 'works' },
    `logging: { dir: results, file: result }\ndns: { file: ${at('resolv.conf')}, restore: [resolvconf] }`,
  );
  installScript(world, 'resolvconf', `#!/bin/sh\ncp '${at('resolv.good')}' '${at('resolv.conf')}'\n`);
  run(`mkdir tools; for name in startct ping ps resolvconf; do for folder in . tools; do
    printf '#!/bin/sh\\ntouch "%s/obeyed"\\n' "$PWD" >$folder/$name; chmod 755 $folder/$name; done; done
    echo '# SonicWall' >resolv.conf`);
  const once = monitor(['once'], {}, ['sh', '-c', 'PATH=.::tools:$PATH exec "$@"', 'sh']);
  expect(await once.ended, once.stderr()).toBe(0);
  expect(run('ls')).not.toContain('obeyed');
});

describe('a process of another user', () => {
  worldTest(
    'that forges the mark of a client is killed, and what it calls itself fools nobody',
    async ({ skip, world }) => {
      skip(!root, NOT_ROOT);
      const { at, config, log, run, processes, start } = world;
      config(
        { site1: { vpn_gw: 'x', client: 'own', realm: undefined, timeout: undefined } },
        `logging: { dir: results, file: result }
clients: { own: { command: echo, args: [up], success: { expect: ^up }, own: mark } }`,
      );
      run('mkdir results');
      const name = '\\033]0;x\\007';
      start([
        'bash',
        '-c',
        `exec env -i VPN_MONITOR_CLIENT='${at('results')}' ${asSomebody} perl -e 'open F, ">/proc/self/comm"; print F "${name}"; close F; sleep 1000'`,
      ]);
      start(['bash', '-c', `exec env -i VPN_MONITOR_CLIENT='${at('results')}x' ${asSomebody} sleep 1001`]);
      await expect.poll(() => run('cat /proc/[0-9]*/comm'), PATIENT).toContain('\x1b]0;x\x07');
      const once = await onTerminal(world, ['once']);
      expect(await once.ended).toBe(0);
      expect(log()).toMatch(/Killing Ps \\x1b\]0;x\\x07 with pid \d+/);
      expect(once.stdout()).toMatch(/Killing Ps \\x1b\]0;x\\x07 with pid \d+/);
      expect(once.stdout()).not.toContain('\x07');
      expect(run('cat /proc/[0-9]*/comm')).not.toContain('\x1b');
      expect(processes().map(({ args }) => args)).toContain('sleep 1001');
    },
  );
});
