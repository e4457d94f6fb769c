import { expect } from 'vitest';
import type { MonitoredWorld } from '../support/monitored-world.ts';
import { until } from '../support/until.ts';
import { installScript } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

/** Sleeps; what it gets of the signals that can be caught stands in a file named after its pid. */
const VICTIM = `#!/bin/bash
for signal in HUP INT QUIT USR1 USR2 ALRM TERM; do trap "echo $signal >>'SIGNALS/$$'" $signal; done
touch "SIGNALS/$$"
while :; do sleep 1000 & wait; done
`;

/** Installs programs that do nothing but sleep and write down the signals that they get; starts them; gives their pids. */
async function startVictims(
  { at, run, read, start }: MonitoredWorld,
  commands: readonly (readonly [program: string, ...args: string[]])[],
): Promise<number[]> {
  run('mkdir -p signals programs');
  const pids: number[] = [];
  for (const [program, ...args] of commands) {
    const file = at('programs', program);
    run(`cat >'${file}' <<'END'\n${VICTIM.replaceAll('SIGNALS', at('signals'))}END\nchmod 755 '${file}'`);
    const pidFile = `programs/${pids.length}.pid`;
    start(['sh', '-c', 'echo $$ >"$0"; exec "$@"', at(pidFile), file, ...args]);
    pids.push(
      await until(`${program} is ready`, () => {
        const pid = read(pidFile).trim();
        return pid !== '' && run(`ls signals`).split('\n').includes(pid) && Number(pid);
      }),
    );
  }
  return pids;
}

worldTest(
  "the script's fault: a strange user's java is killed; nobody else's process gets any signal",
  async ({ world }) => {
    const { config, monitor, read, processes } = world;
    config({ good: 'works', bad: 'rejects' });
    const strangers = await startVictims(world, [
      ['java', '-jar', '/opt/accounting/accounting.jar'],
      ['java', '-cp', '/opt/backup.jar', 'com.example.Backup', '/usr/local/Aventail', 'SnwlConnect.jar'],
      ['java', '-Dlog=/usr/local/Aventail/log', 'com.example.Main'],
      ['backup', '--include', 'startct', 'AvConnect', 'java'],
      ['vi', 'startct'],
      ['startct-notes', '/usr/local/Aventail/startct'],
    ]);
    const once = monitor(['once']);
    expect(await once.ended, once.stderr()).toBe(1);
    expect(strangers.map((pid) => read('signals', String(pid)))).toEqual(strangers.map(() => ''));
    const alive = processes().map(({ pid }) => pid);
    expect(strangers.filter((pid) => !alive.includes(pid))).toEqual([]);
    expect(world.log()).not.toContain('found to be running');
  },
);

worldTest(
  "the script's fault: of three leftovers one is killed per site; all go in one pass, in order",
  async ({ world }) => {
    const { config, monitor, log, csv, read, processes } = world;
    config({ one: 'works', two: 'works', three: 'works' });
    const [java, avConnect, startct] = await startVictims(world, [
      ['java', '-Xmx64m', '-jar', '/usr/local/Aventail/SnwlConnect.jar', '-s', 'gateway'],
      ['AvConnect'],
      ['startct', '-s', 'gateway'],
    ]);
    const once = monitor(['once']);
    expect(await once.ended, once.stderr()).toBe(0);

    const entries = log().match(/^=.*$/gm) ?? [];
    const said = entries
      .filter((line) => / Ps /.test(line))
      .map((line) => line.replace(/^=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}/, 'TIME'));
    expect(said).toEqual([
      `TIME - vpn-monitor - CRITICAL - Ps startct with pid ${startct} was found to be running...`,
      `TIME - vpn-monitor - CRITICAL - Ps AvConnect with pid ${avConnect} was found to be running...`,
      `TIME - vpn-monitor - CRITICAL - Ps java with pid ${java} was found to be running...`,
      `TIME - vpn-monitor - CRITICAL - Killing Ps startct with pid ${startct}`,
      `TIME - vpn-monitor - CRITICAL - Killing Ps AvConnect with pid ${avConnect}`,
      `TIME - vpn-monitor - CRITICAL - Killing Ps java with pid ${java}`,
    ]);
    const firstStage = entries.findIndex((line) => line.endsWith('Running external delay test for one'));
    expect(entries.findLastIndex((line) => / Ps /.test(line))).toBeLessThan(firstStage);
    // They had their SIGTERM before the SIGKILL that they could not catch.
    expect([startct, avConnect, java].map((pid) => read('signals', String(pid)))).toEqual([
      'TERM\n',
      'TERM\n',
      'TERM\n',
    ]);
    const left = processes().filter(({ pid }) => [startct, avConnect, java].includes(pid));
    expect(left).toEqual([]);
    expect(csv().slice(1)).toEqual(
      ['one', 'two', 'three'].map((site) => expect.stringContaining(`,${site},SUCCESS,`)),
    );
  },
);

worldTest(
  'a client that the restart finds is killed once, and its resolv.conf restored',
  async ({ world }) => {
    const { config, monitor, log, run, read } = world;
    config({ good: 'works' });
    run(`echo '# written by SonicWall Connect Tunnel' >resolv.conf`);
    await startVictims(world, [['startct', '-s', 'gateway']]);
    installScript(world, 'cp', '#!/bin/sh\necho "$*" >>restored\nexec /bin/cp "$@"\n');
    const once = monitor(['once']);
    expect(await once.ended, once.stderr()).toBe(0);
    expect(log().match(/Killing Ps/g)).toHaveLength(1);
    expect(log().match(/Invalid DNS settings\. Forcing refresh$/gm)).toHaveLength(1);
    expect(read('resolv.conf')).toBe('nameserver 192.0.2.53\n');
  },
);
