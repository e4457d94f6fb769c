import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type MonitoredWorld, NOON } from '../support/monitored-world.ts';
import { tracesOf } from '../support/traces.ts';
import { until } from '../support/until.ts';
import { installScript, stop } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

/** One for each way to say it, and one for the mail server; each with what JSON must escape. */
const SECRETS = {
  literal: 'Lit"eral/#1-s3cret',
  file: 'F1le\\contents-"2"',
  variable: 'Var1able\'&<3>"',
  mail: 'M41l"server/pass+word',
};

/** What a text holds of the secrets. */
function traces(text: string): string[] {
  return Object.entries(SECRETS).flatMap(([name, secret]) =>
    tracesOf(secret, text).map((form) => `${name}: ${form}`),
  );
}

/** Puts a program in front of `name` that writes down what /proc shows of every process while it runs, and of itself. */
function watchProcesses(world: MonitoredWorld, name: string, target: string): void {
  installScript(
    world,
    name,
    `#!/bin/bash
for process in /proc/[0-9]*; do
  { printf '\\n@%s\\n' "\${process#/proc/}"; cat "$process/cmdline"; echo; cat "$process/environ"; } 2>/dev/null
done >'${world.at('snapshots')}/${name} '$$
exec '${target}' "$@"
`,
  );
}

interface Snapshot {
  /** The program that took it. */
  readonly during: string;
  readonly pid: number;
  readonly commandLine: string;
  /** That it was started with. */
  readonly environment: string;
}

function snapshots({ at, read }: MonitoredWorld): Snapshot[] {
  return readdirSync(at('snapshots')).flatMap((file) =>
    read('snapshots', file)
      .split(/\n@(?=\d+\n)/)
      .slice(1)
      .map((text) => {
        const [pid = '', commandLine = '', ...environment] = text.split('\n');
        return {
          during: file.replace(/ .*/, ''),
          pid: Number(pid),
          commandLine,
          environment: environment.join('\n'),
        };
      }),
  );
}

/** How many mails wait in the state. */
function waitingMails(read: MonitoredWorld['read']): number {
  return JSON.parse(read('results', '.state', 'state.json') || '{"outbox":[]}').outbox.length;
}

/** Behaviours of a client that can't keep a secret. */
const INDISCREET = ['echoes', 'echoes-late', 'prints-password', 'prints-encoded', 'prints-arguments'];

worldTest(
  "the script's fault: a password echoed by the client is in the log; it is nowhere, in no encoding",
  async ({ world }) => {
    const { at, config, csv, log, mails, mailServer, monitor, read, run, typed } = world;
    const ways = {
      literal: { password: SECRETS.literal },
      file: { password: undefined, password_file: 'secret' },
      variable: { password: undefined, password_env: 'VPN_PASSWORD' },
    };
    const sites = Object.entries(ways).flatMap(([way, password]) =>
      INDISCREET.map((behaviour) => {
        // Nothing answers inside: that makes a log-in which works a failure, whose mail quotes the client.
        const site = { vpn_gw: behaviour, internal_ip: '192.0.2.1', ...password };
        return [`${way}-${behaviour}`, site] as const;
      }),
    );
    config(
      Object.fromEntries(sites),
      `frequency: 1\nalerts: { after: 1, group_seconds: 0 }\ndns: { file: ${at('resolv.conf')}, restore: [restore-dns] }\nmetrics: { textfile: results/vpn.prom }`,
      'username: monitor, password_env: MAIL_PASSWORD',
    );
    writeFileSync(at('secret'), `${SECRETS.file}\n`, { mode: 0o600 });
    writeFileSync(at('indiscreet'), Object.values(SECRETS).join(' '));
    for (const file of ['auth', 'tells']) writeFileSync(at('mails', file), '');
    run('mkdir snapshots real && mv bin/startct real/startct');
    watchProcesses(world, 'startct', at('real', 'startct'));
    for (const name of ['ping', 'ps'])
      watchProcesses(world, name, run(`PATH=/usr/bin:/bin command -v ${name}`).trim());
    installScript(world, '../real/restore', `#!/bin/sh\ncp '${at('resolv.good')}' '${at('resolv.conf')}'\n`);
    watchProcesses(world, 'restore-dns', at('real', 'restore'));

    await mailServer();
    const daemon = monitor([], {
      VPN_PASSWORD: SECRETS.variable,
      MAIL_PASSWORD: SECRETS.mail,
      SIM_SECRET_FILE: at('indiscreet'),
      // It would write over the marks below.
      SIM_RESOLV: '',
    });
    await until('the mail server has told the password', () =>
      log().includes('rejects username and password'),
    );
    await until('every mail waits', () => waitingMails(read) >= sites.length);
    // A mail's lines are broken at 76 characters, also within a word.
    const state = read('results', '.state', 'state.json').replaceAll('=\\r\\n', '');
    run('rm mails/tells; echo "# SonicWall" >>resolv.conf');
    daemon.signal('SIGHUP');
    await until('a mail for every site', () => mails().length >= sites.length);
    run('echo "# SonicWall" >>resolv.conf');
    await until('the restore command has run', () => /^restore-dns /m.test(run('ls snapshots')));
    await stop(daemon);
    const once = monitor(['once', '--json', 'literal-prints-encoded', 'variable-prints-password'], {
      VPN_PASSWORD: SECRETS.variable,
      MAIL_PASSWORD: SECRETS.mail,
    });
    expect(await once.ended).toBe(1);

    // That the secrets were used is what makes their absence mean something.
    for (const secret of [SECRETS.literal, SECRETS.file, SECRETS.variable]) {
      expect(typed()).toContain(`password=${secret}`);
    }
    const texts = new Map<string, string>([
      ['stdout', daemon.stdout()],
      ['stderr', daemon.stderr()],
      ['once', once.stdout() + once.stderr()],
      ['state with mails', state],
      ['csv', csv().join('\n')],
      ['log', log()],
      ...mails().map((mail, index) => [`mail ${index}`, mail] as const),
      ...run("find results -type f -printf '%P\\n'")
        .trim()
        .split('\n')
        .map((name) => [name, read('results', name)] as const),
    ]);
    expect([...texts].filter(([, text]) => text === '')).toEqual([]);
    expect(texts.has('.state/state.json')).toBe(true);
    expect(texts.get('vpn.prom')).toContain('vpn_monitor_site_stage_failures_total{site="literal-echoes"');
    expect([...texts].flatMap(([name, text]) => traces(text).map((trace) => `${name}: ${trace}`))).toEqual(
      [],
    );
    // The places where they would stand are there.
    expect(log()).toMatch(/bad argument in 'login --password \*\*\* --realm corp'/);
    expect(log()).toMatch(/sent \S*\*\*\*/);
    expect(log()).toMatch(/535 not \*\*\* \(\S*\*\*\*\S*\) /);
    expect(mails().some((mail) => /^ {2}\| Password:\*\*\*$/m.test(mail))).toBe(true);

    const seen = snapshots(world);
    expect(new Set(seen.map(({ during }) => during))).toEqual(
      new Set(['startct', 'ping', 'ps', 'restore-dns']),
    );
    const monitors = [daemon.pid(), once.pid()];
    // The command line of a process that ends is empty.
    const own = new Set(
      seen
        .filter(({ pid, commandLine }) => monitors.includes(pid) && commandLine !== '')
        .map(({ commandLine }) => commandLine),
    );
    expect([...own].sort()).toEqual([
      expect.stringMatching(/main\.js\0$/),
      expect.stringMatching(/main\.js\0once\0--json\0[a-z-]+\0[a-z-]+\0$/),
    ]);
    // The block that a process was started with stays what it is, and that variables are in it is the operator's choice.
    // A child between fork and exec is still a copy of its parent.
    const children = seen.filter(({ pid, commandLine }) => !monitors.includes(pid) && !own.has(commandLine));
    const found = children.flatMap(({ during, commandLine, environment }) =>
      traces(`${commandLine}\n${environment}`).map(
        (trace) => `during ${during}, in ${commandLine.replaceAll('\0', ' ')}: ${trace}`,
      ),
    );
    expect([...new Set(found)]).toEqual([]);
    const sawClient = ({ commandLine }: Snapshot) => commandLine.includes('\0-s\0echoes\0-r\0corp\0');
    expect(children.some(sawClient)).toBe(true);
  },
  300_000,
);

worldTest.for(['000', '077'])(
  'with umask %s: state 0600 in 0700, log 0640, CSV and events 0644',
  async (umask, { world }) => {
    const { at, config, csv, log, monitor, run } = world;
    config({ bad: 'rejects' }, 'frequency: 1');
    const daemon = monitor([], { TZ: NOON }, ['sh', '-c', `umask ${umask} && exec "$@"`, 'sh']);
    await until('a mail that waits', () => csv().length >= 3 && log().includes('Mail not sent'));
    await stop(daemon);
    const mode = (name: string) => (statSync(at('results', name)).mode & 0o7777).toString(8);
    const entries = run("find results -mindepth 1 -not -type l -printf '%P\\n'").trim().split('\n');
    const modes = entries.map((name) => `${name.replace(/\d{4,}/, 'N')} ${mode(name)}`).sort();
    expect(modes).toEqual([
      '.state 700',
      '.state/host.json 600',
      '.state/log-files.json 600',
      '.state/state.json 600',
      'control 2770',
      `events ${umask === '077' ? 700 : 755}`,
      'events/N.jsonl 644',
      'monitoring-N.log 640',
      'result_N.csv 644',
    ]);
  },
);
