import { expect } from 'vitest';
import { awaitMoment, clients, momentNamed, prepareMoment } from '../support/moments.ts';
import type { MonitoredWorld } from '../support/monitored-world.ts';
import { worldTest } from '../support/world-test.ts';

/** Sites `good` and `bad`, and beside them configs that can't be used. */
function makeConfigs(world: MonitoredWorld) {
  world.config({
    unread: { vpn_gw: 'works', password: undefined, password_file: 'comes-later' },
  });
  world.run('mv config.yml later.yml; echo "sites: {}" >bad.yml; : >empty.yml');
  world.config({ good: 'works', bad: 'rejects' });
}

interface Call {
  readonly args: readonly string[];
  readonly status: number;
  readonly stderr: RegExp;
}

const CALLS: readonly Call[] = [
  { args: ['--help'], status: 0, stderr: /^$/ },
  { args: ['once', '--help'], status: 0, stderr: /^$/ },
  { args: ['--version'], status: 0, stderr: /^$/ },
  { args: ['once', 'good'], status: 0, stderr: /^$/ },
  { args: ['once', 'bad'], status: 1, stderr: /^=.* - CRITICAL - Something went bad when connecting: /m },
  { args: ['test-mail'], status: 1, stderr: /not sent: / },
  { args: ['onec'], status: 2, stderr: /^error: unknown command 'onec', did you mean once\?/ },
  { args: ['once', '--jsn'], status: 2, stderr: /unknown option '--jsn'\n\(Did you mean --json\?\)/ },
  { args: ['once', 'god'], status: 2, stderr: /^error: unknown site 'god', did you mean good\?\n$/ },
  { args: ['--log-level', 'debgu'], status: 2, stderr: /Did you mean debug\?/ },
  { args: ['run', '-c', 'nowhere.yml'], status: 2, stderr: /^nowhere\.yml: .*\n$/ },
  { args: ['run', '-c', 'bad.yml'], status: 2, stderr: /^bad\.yml:1: / },
  { args: ['once', '-c', 'empty.yml'], status: 2, stderr: /^empty\.yml:1: the file is empty/ },
  { args: ['run', '-c', 'later.yml'], status: 3, stderr: /^later\.yml:2: .*password_file/ },
];

worldTest('each call of the program has the exit status of the contract', async ({ world }) => {
  makeConfigs(world);
  for (const { args, status, stderr } of CALLS) {
    const called = world.monitor(args);
    expect({ args, status: await called.ended }, called.stderr()).toEqual({ args, status });
    expect(called.stderr()).toMatch(stderr);
  }
});

worldTest.for([
  { signal: 'SIGINT', status: 130 },
  { signal: 'SIGTERM', status: 143 },
  { signal: 'SIGHUP', status: 143 },
] as const)(
  'once interrupted by $signal: $status, the client has ended, no row',
  async ({ signal, status }, { world }) => {
    const moment = momentNamed('it waits for CONNECT');
    await prepareMoment(moment, world);
    const once = world.monitor(['once']);
    await awaitMoment(moment, world);
    once.signal(signal);
    expect(await once.ended, once.stderr()).toBe(status);
    expect(once.stderr()).toMatch(/^interrupted: 0 of 1 sites tested\n$/m);
    expect(once.stdout()).toBe('');
    expect(clients(world)).toEqual([]);
    expect(world.read('resolv.conf')).toBe('nameserver 192.0.2.53\n');
    expect(world.csv()).toEqual([]);
  },
);
