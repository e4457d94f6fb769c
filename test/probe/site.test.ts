import { describe, expect, test } from 'vitest';
import { counts } from '../../src/alerts/policy.ts';
import type { ClientProfile } from '../../src/clients/profile.ts';
import type { SiteConfig } from '../../src/config/config.ts';
import { type CleanupParts, cleanHost } from '../../src/host/keeper.ts';
import type { Leftovers } from '../../src/host/leftovers/kill-leftovers.ts';
import { DONE, failed } from '../../src/model/result.ts';
import type { StageResult } from '../../src/model/test-result.ts';
import { testLimits } from '../../src/monitor/deadlines.ts';
import { probeSite } from '../../src/probe/site.ts';
import type { System } from '../../src/system/system.ts';
import { type FakeMachine, type FakeMachineOptions, fakeMachine } from '../support/fake-machine.ts';
import { memoryNotes } from '../support/host-notes.ts';
import { never } from '../support/never.ts';
import {
  CLEAN_HOST,
  CLEAN_PARTS,
  PING_MS,
  PROFILE,
  PROGRAMS,
  probeConfig,
  probeContext,
} from '../support/probe.ts';
import { PASSWORD, simulatedSite } from '../support/site.ts';

const CLIENT = 'client simulated';
/** The host is cleaned around its tests. */
const TAKES_HOST: ClientProfile = { ...PROFILE, tunnel: 'unknown' };

/** Processes are gone before their end is told. */
const TOLD_LATE: Partial<System> = { readStat: () => undefined };

interface Run {
  readonly gateway?: string;
  readonly outside?: string;
  readonly inside?: string;
  /** All sites of the config; by default one. */
  readonly sites?: readonly SiteConfig[];
  /** What the clean-ups do, in order; those that are not listed find nothing. */
  readonly cleanUps?: readonly CleanUp[];
  readonly restoreDns?: CleanupParts['restoreDns'];
  readonly client?: ClientProfile;
  readonly programs?: FakeMachineOptions['programs'];
  readonly stop?: AbortSignal;
  readonly force?: AbortSignal;
  readonly system?: Partial<System>;
  readonly onTyped?: (text: string) => void;
}

type CleanUp = (signal: AbortSignal, machine: FakeMachine) => Promise<Leftovers>;

const CLEAN: Leftovers = DONE;

/** One test of a simulated site on a simulated machine. */
function probe(run: Run = {}) {
  const machine = fakeMachine({
    programs: run.programs ?? PROGRAMS,
    ...(run.system && { system: run.system }),
    ...(run.onTyped && { onTyped: run.onTyped }),
  });
  let cleanUps = 0;
  let looks = 0;
  const notes = memoryNotes();
  const { context, log, progress } = probeContext(machine.system, {
    host: {
      ...CLEAN_HOST,
      clean: (traces, settleSeconds, signal, onFinding) => {
        looks += 1;
        onFinding?.(`found in clean-up ${looks}`);
        const killLeftovers = async () => run.cleanUps?.[cleanUps++]?.(signal, machine) ?? CLEAN;
        const restoreDns = run.restoreDns ?? CLEAN_PARTS.restoreDns;
        return cleanHost(traces, { ...CLEAN_PARTS, killLeftovers, restoreDns, notes }, settleSeconds, signal);
      },
    },
    force: run.force ?? never,
    ...(run.sites && { config: probeConfig({ sites: run.sites }) }),
  });
  const site = simulatedSite(run.gateway ?? 'works', {
    externalIp: run.outside ?? '192.0.2.10',
    internalIp: run.inside ?? '10.0.0.1',
  });
  const client = run.client ?? TAKES_HOST;
  const result = probeSite(
    { ...site, client },
    testLimits(context.config, client),
    context,
    run.stop ?? never,
  );
  return { result, machine, log, progress };
}

const cleanly: CleanUp = async () => CLEAN;

const finding =
  (why: string, fault: 'ps' | 'cleaning' = 'cleaning'): CleanUp =>
  async () => ({ ok: false, fault, why });

const hanging: CleanUp = (signal) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

test('a site that works: three numbers, a clean host, and the words that the script logged', async () => {
  const { result, machine, log, progress } = probe();
  expect(await result).toEqual({
    site: 'site1',
    time: new Date('2018-11-14T05:18:00.000Z'),
    stages: [
      { outcome: 'ok', ms: 5.002, loss: 0, detail: expect.stringContaining('avg 5.002 ms') },
      { outcome: 'ok', ms: 400, detail: 'logged in after 400.000 ms' },
      { outcome: 'ok', ms: 5.002, loss: 0, detail: expect.stringContaining('avg 5.002 ms') },
    ],
    host: new Map([
      ['ps', null],
      ['cleaning', null],
      ['uplink', null],
      ['ping', null],
      ['ping site1', null],
      [CLIENT, null],
    ]),
    left: ['found in clean-up 2'],
    transcript: 'Username:\nPassword:\nEnter your choice [1]:\nCONNECTED\nDisconnected\n',
  });
  expect(log.lines).toEqual([
    'DEBUG Running external delay test for site1',
    'DEBUG Ping results: avg 5.002 ms, max 6.300 ms, mdev 0.700 ms, packet loss 0 % (192.0.2.10)',
    'DEBUG Running vpn gw delay test for site1',
    'DEBUG Running internal delay test for site1',
    'DEBUG Ping results: avg 5.002 ms, max 6.300 ms, mdev 0.700 ms, packet loss 0 % (10.0.0.1)',
    'DEBUG Stages results: 5.002, 400.000, 5.002',
  ]);
  expect(progress.calls).toEqual([
    'cleaning site1',
    'stage site1 1',
    'stage site1 2',
    'stage site1 3',
    'logging-out site1',
    'cleaning site1',
  ]);
  expect(machine.started).toEqual([
    '/usr/bin/ping -n -c 5 192.0.2.10',
    '/usr/bin/simulated -s works -r corp -y 60',
    '/usr/bin/ping -n -c 5 10.0.0.1',
  ]);
  expect(machine.typed).toEqual(['monitor\n', `${PASSWORD}\n`, '1\n', 'quit\n']);
  expect(machine.running()).toBe(0);
});

test.each([
  ['rejects', 'credentials-rejected', 'Login failed.'],
  [
    'hangs',
    'step-timed-out',
    'the prompt Enter your choice [1]: did not come within 30 s, the client said nothing more',
  ],
])(
  'a gateway that %s: the ping inside runs all the same, and nothing more is typed',
  async (gateway, cause, detail) => {
    const { result, machine, log } = probe({ gateway });
    const { stages, transcript } = await result;
    expect(stages[1]).toEqual({ outcome: 'error', cause, detail });
    expect(stages[2].outcome).toBe('ok');
    expect(log.lines).toContain('DEBUG not logged in: this ping goes outside the tunnel');
    expect(log.lines.at(-1)).toBe('DEBUG Stages results: 5.002, ERROR, 5.002');
    expect(transcript).toContain('Username:\nPassword:');
    expect(machine.typed).toEqual(['monitor\n', `${PASSWORD}\n`]);
    expect(machine.running()).toBe(0);
  },
);

test.for(['kicks', 'kicks, told late'])(
  'a gateway that %s: the end of the client is why nothing answers inside',
  async (gateway) => {
    const { result, machine, log } = probe({ gateway, inside: 'silent', system: TOLD_LATE });
    const detail = 'no reply to 5 echo requests; the client ended (exit status 1): Session terminated';
    const { stages } = await result;
    expect(stages[1]).toMatchObject({ outcome: 'ok' });
    expect(stages[2]).toEqual({ outcome: 'timeout', cause: 'client-exited', detail });
    expect(log.lines).toContain(`ERROR Ping failed: ${detail}`);
    expect(machine.typed).not.toContain('quit\n');
  },
);

test.for(['kicks', 'kicks, told late'])(
  'a gateway that %s, though the inside has answered: people are thrown out',
  async (gateway) => {
    const { stages } = await probe({ gateway, system: TOLD_LATE }).result;
    expect(stages.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'error']);
    expect(stages[2]).toEqual({
      outcome: 'error',
      cause: 'client-exited',
      loss: 0,
      detail:
        'the inside answered, then the session was over: the client ended (exit status 1): Session terminated',
    });
  },
);

test('a client that the config describes may return at once with status 0, while the inside answers', async () => {
  const simulated = (args: readonly string[]) =>
    (PROGRAMS['simulated']?.(args) ?? []).map((step) =>
      'exits' in step && step.exits.code === 1 ? { ...step, exits: { code: 0, signal: 0 } } : step,
    );
  const programs = { ...PROGRAMS, simulated };
  const outcomeOf = async (described: boolean, inside: string) => {
    const client = { ...TAKES_HOST, described };
    const { stages } = await probe({ gateway: 'kicks', inside, programs, client }).result;
    return [stages[2].outcome, stages[2].outcome === 'ok' ? '' : stages[2].cause];
  };
  expect(await outcomeOf(true, '10.0.0.1')).toEqual(['ok', '']);
  expect(await outcomeOf(false, '10.0.0.1')).toEqual(['error', 'client-exited']);
  expect(await outcomeOf(true, 'silent')).toEqual(['timeout', 'client-exited']);
});

test('no reply: outside the site is unreachable, inside it is only the inside', async () => {
  const { result, log } = probe({ outside: 'silent', inside: 'silent' });
  const { stages } = await result;
  const detail = 'no reply to 5 echo requests';
  expect(stages[0]).toEqual({ outcome: 'timeout', cause: 'unreachable', detail });
  expect(stages[2]).toEqual({ outcome: 'timeout', cause: 'inside-unreachable', detail });
  expect(log.lines).toContain(`ERROR Ping failed: ${detail}`);
  expect(log.lines.at(-1)).toBe('DEBUG Stages results: TIMEOUT, 400.000, TIMEOUT');
});

test.each([
  ['cleaning', 'AvConnect (pid 7 of root) may not be signalled', 'host-not-clean'],
  ['ps', "ps can't list the processes", 'ps-missing'],
] as const)(
  'a host with a fault of %s: three errors with its words, and no program is started',
  async (fault, why, cause) => {
    const { result, machine, log, progress } = probe({ cleanUps: [finding(why, fault)] });
    const stage: StageResult = { outcome: 'error', cause, detail: why };
    const { stages, host, transcript } = await result;
    expect(stages).toEqual([stage, stage, stage]);
    expect(transcript).toBe('');
    // Although the clean-up after it has found nothing any more.
    expect(host.get(fault)).toBe(why);
    // Whether ping and client are there was not looked at: nothing is said of them.
    expect([...host.keys()]).toEqual(['ps', 'cleaning']);
    expect(machine.started).toEqual([]);
    expect(log.lines).toEqual(['DEBUG Stages results: ERROR, ERROR, ERROR']);
    expect(progress.calls).not.toContain('stage site1 1');
  },
);

describe('an address without a route', () => {
  const end = { after: 0, exits: { code: 2, signal: 0 } };
  const noRoute = [{ after: 1, prints: 'ping: connect: Network is unreachable\n' }, end];
  const unresolved = [
    { after: 1, prints: 'ping: gw.example.com: Temporary failure in name resolution\n' },
    end,
  ];
  const others = ['192.0.2.11', '192.0.2.12', 'gw.example.com'].map((vpnGw, index) =>
    simulatedSite(vpnGw, { name: `site${index + 2}`, externalIp: vpnGw, client: PROFILE }),
  );
  /** Tests the first of four sites, at 192.0.2.10; `routed`: the addresses that have a route. */
  const probeFirst = (routed: readonly string[], outside = '192.0.2.10') => {
    const ping = (args: readonly string[]) => {
      const host = args.at(-1) ?? '';
      if (routed.includes(host)) return [...(PROGRAMS['ping']?.([...args, 'silent']) ?? [])];
      return host === 'gw.example.com' ? unresolved : noRoute;
    };
    const site = simulatedSite('192.0.2.10', {
      externalIp: outside,
      internalIp: '10.0.0.1',
      client: TAKES_HOST,
    });
    const sites = [site, ...others];
    return probe({ programs: { ...PROGRAMS, ping }, sites, outside, gateway: '192.0.2.10' });
  };

  test.each(['192.0.2.10', 'gw.example.com'])(
    'as all others (%s): this host has no uplink, and no client is started',
    async (outside) => {
      const { result, machine } = probeFirst([], outside);
      const tested = await result;
      const detail = 'it has no route to the gateways';
      const stage: StageResult = { outcome: 'error', cause: 'no-uplink', detail };
      expect(tested.stages).toEqual([stage, stage, stage]);
      expect([...tested.host]).toEqual([
        ['ps', null],
        ['cleaning', null],
        ['uplink', detail],
      ]);
      expect(counts(tested)).toBe(false);
      expect(machine.started.filter((line) => !line.includes('/ping '))).toEqual([]);
      expect(machine.started.slice(1).every((line) => line.includes('-c 1 '))).toBe(true);
    },
  );

  test('while another gateway has one: the fault is of this site', async () => {
    const { result, machine } = probeFirst(['192.0.2.11']);
    const tested = await result;
    expect(tested.stages[0]).toMatchObject({ outcome: 'error', cause: 'unreachable' });
    expect(tested.host.get('uplink')).toBeNull();
    expect(counts(tested)).toBe(true);
    expect(machine.started.some((line) => line.includes('/simulated '))).toBe(true);
    // Nothing more is asked once there is a route.
    expect(machine.started).not.toContain('/usr/bin/ping -n -c 1 192.0.2.12');
  });

  test('names alone that are not resolved prove nothing', async () => {
    const { result } = probeFirst(['192.0.2.10', '192.0.2.11', '192.0.2.12'], 'gw.example.com');
    const tested = await result;
    expect(tested.stages[0]).toMatchObject({ cause: 'name-not-resolved' });
    expect(tested.host.has('uplink')).toBe(false);
    expect(counts(tested)).toBe(true);
  });
});

test('what the clean-up after the test finds is reported too', async () => {
  const { result } = probe({ cleanUps: [cleanly, finding('java (pid 9) is stuck')] });
  const { stages, host } = await result;
  expect(stages.map((stage) => stage.outcome)).toEqual(['ok', 'ok', 'ok']);
  expect(host.get('cleaning')).toBe('java (pid 9) is stuck');
});

test('leftovers and DNS that both fail are both said', async () => {
  const { result } = probe({
    cleanUps: [finding('java is stuck'), finding('java is stuck')],
    restoreDns: async () => failed('resolv.conf is marked'),
  });
  expect((await result).host.get('cleaning')).toBe('java is stuck; resolv.conf is marked');
});

test.each([
  ['ping', 'ping', 'ping-missing', 'the command ping is not in PATH', [0, 2]],
  [
    'simulated',
    CLIENT,
    'client-missing',
    'the client simulated is not in PATH: name it in clients.simulated.command',
    [1],
  ],
] as const)('no %s on this host is a fault of the host', async (missing, kind, cause, detail, stages) => {
  const programs = Object.fromEntries(Object.entries(PROGRAMS).filter(([name]) => name !== missing));
  const { result } = probe({ programs });
  const tested = await result;
  for (const index of stages) expect(tested.stages[index]).toEqual({ outcome: 'error', cause, detail });
  expect(tested.host.get(kind)).toBe(detail);
});

test('a ping that may not be used is a fault of the host', async () => {
  const programs: Run['programs'] = {
    ...PROGRAMS,
    ping: () => [
      { after: 1, prints: 'ping: socktype: SOCK_RAW\nping: socket: Operation not permitted\n' },
      { after: 0, exits: { code: 2, signal: 0 } },
    ],
  };
  const { host, stages } = await probe({ programs }).result;
  expect(stages[0]).toMatchObject({ outcome: 'error', cause: 'ping-not-permitted' });
  expect(host.get('ping site1')).toContain('ping is not permitted');
  expect(host.get('ping')).toBeNull();
});

test.each([
  ['ping', 'ping', [0, 2]],
  ['simulated', CLIENT, [1]],
] as const)('a %s that can not be started is a fault of the host', async (name, kind, stages) => {
  const { system: whole } = fakeMachine({ programs: PROGRAMS });
  const spawnPty: System['spawnPty'] = (file, ...rest) => {
    if (file.endsWith(`/${name}`)) return failed('no terminal is left');
    return whole.spawnPty(file, ...rest);
  };
  const { monotonic, sleep, kill } = whole;
  const { result } = probe({ system: { spawnPty, monotonic, sleep, kill } });
  const tested = await result;
  const cause = kind === 'ping' ? 'ping-not-started' : 'client-not-started';
  tested.stages.forEach((stage, index) => {
    if (stages.some((wanted) => wanted === index)) expect(stage).toMatchObject({ outcome: 'error', cause });
    else expect(stage.outcome).toBe('ok');
  });
  expect(tested.host.get(kind)).toContain('could not be started: no terminal is left');
  expect(counts(tested)).toBe(false);
});

test('a test that takes too long is cut off at its deadline: stages not reached say so, the client is gone', async () => {
  const { testingMs: testing } = testLimits(probeConfig(), TAKES_HOST);
  // Left 6 s: 4 for the ping, and the client then hangs at a prompt.
  const slow: CleanUp = async (signal, { system }) => {
    await system.sleep(testing - 6000, signal);
    return CLEAN;
  };
  const { result, machine, log } = probe({ cleanUps: [slow], gateway: 'hangs' });
  const { stages } = await result;
  const cutOff = { outcome: 'error', cause: 'deadline', detail: 'the test was cut off at its deadline' };
  expect(stages).toEqual([{ outcome: 'ok', ms: 5.002, loss: 0, detail: expect.any(String) }, cutOff, cutOff]);
  expect(log.lines.slice(-2)).toEqual([
    `CRITICAL The test of site1 was cut off at its deadline of ${testing / 1000} s`,
    'DEBUG Stages results: 5.002, ERROR, ERROR',
  ]);
  expect(machine.system.monotonic()).toBeLessThan(testing + 1000);
  expect(machine.running()).toBe(0);
});

test('a clean-up that hangs before the test costs no more than its deadline, and says nothing of ping and client', async () => {
  const { result, machine } = probe({ cleanUps: [hanging] });
  const { stages, host: report } = await result;
  expect(stages.map((stage) => stage.outcome !== 'ok' && stage.cause)).toEqual(Array(3).fill('deadline'));
  expect([...report.keys()]).toEqual(['ps', 'cleaning']);
  expect(machine.started).toEqual([]);
});

test('a clean-up that hangs after the test is given up at its own deadline; the values count', async () => {
  const { result } = probe({ cleanUps: [cleanly, hanging] });
  const tested = await result;
  expect(tested.stages.map((stage) => stage.outcome)).toEqual(['ok', 'ok', 'ok']);
  expect(tested.host.get('cleaning')).toBe('the host was not cleaned after the test: it took too long');
});

test.each([
  ['and a host that is clean then', cleanly, null],
  [
    'and a clean-up that hangs again',
    hanging,
    'the host was not cleaned after the test: the stop was forced',
  ],
])(
  'forcing cuts the clean-up after the test short, %s: it is tried once more, in a force',
  async (_, last, why) => {
    const force = new AbortController();
    const forced: CleanUp = (signal, machine) => {
      machine.at(machine.system.monotonic() + 1, () => force.abort(new Error('force')));
      return hanging(signal, machine);
    };
    const { result } = probe({ cleanUps: [cleanly, forced, last], force: force.signal });
    expect((await result).host.get('cleaning')).toBe(why);
  },
);

test('a client that can be neither ended nor killed is said', async () => {
  const { result, log } = probe({ gateway: 'hangs', system: { kill: () => 'denied' } });
  await result;
  expect(log.lines).toContain('CRITICAL The client of site1 could not be ended');
});

test('a bug in a part is thrown, and the host is cleaned all the same', async () => {
  let looked = 0;
  const restoreDns = async () => {
    looked += 1;
    if (looked === 1) throw new TypeError('bug');
    return DONE;
  };
  await expect(probe({ restoreDns }).result).rejects.toThrow(TypeError);
  expect(looked).toBe(2);
});

test('a bug in the clean-up after the test is thrown', async () => {
  const buggy: CleanUp = async () => {
    throw new TypeError('bug');
  };
  await expect(probe({ cleanUps: [cleanly, buggy] }).result).rejects.toThrow(TypeError);
});

/** `when`: the time in ms at which it comes, or right after what was typed. */
test.each<[string, number | string, number, number]>([
  ['before it begins', 0, 0, 0],
  ['in the ping outside', 2000, 1, 0],
  ['before the username is typed', PING_MS + 50, 2, 0],
  ['while the client waits for the menu', `${PASSWORD}\n`, 2, 2],
  ['right before the success', '1\n', 2, 3],
  ['in the ping inside', PING_MS + 2000, 3, 4],
])(
  'a stop %s: no result, the client logged out or ended, the host cleaned',
  async (_, when, started, typed) => {
    const stop = new AbortController();
    const abort = () => stop.abort(new Error('stop'));
    let cleaned = 0;
    const counted: CleanUp = async (signal) => {
      signal.throwIfAborted();
      cleaned += 1;
      return CLEAN;
    };
    if (when === 0) abort();
    const { result, machine, log } = probe({
      cleanUps: [counted, counted],
      stop: stop.signal,
      onTyped: (text) => text === when && machine.at(machine.system.monotonic() + 10, abort),
    });
    if (typeof when === 'number') machine.at(when, abort);
    await expect(result).rejects.toThrow('stop');
    expect(log.lines.join()).not.toContain('Stages results');
    expect(machine.started).toHaveLength(started);
    expect(machine.typed).toHaveLength(typed);
    expect(machine.typed.includes('quit\n')).toBe(typed === 4);
    expect(machine.running()).toBe(0);
    // The second one is not cut short by the stop.
    expect(cleaned).toBe(when === 0 ? 1 : 2);
  },
);

test('a stop in the log-out does not cut it short: all values are there', async () => {
  const stop = new AbortController();
  const { result, machine } = probe({
    stop: stop.signal,
    onTyped: (text) => text === 'quit\n' && stop.abort(new Error('stop')),
  });
  expect((await result).stages.map((stage) => stage.outcome)).toEqual(['ok', 'ok', 'ok']);
  expect(machine.signals).toEqual([]);
});
