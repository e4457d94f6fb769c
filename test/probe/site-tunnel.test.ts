import { expect, test } from 'vitest';
import type { ClientProfile } from '../../src/clients/profile.ts';
import { cleanHost, openHostKeeper } from '../../src/host/keeper.ts';
import { DONE, failed } from '../../src/model/result.ts';
import { testLimits } from '../../src/monitor/deadlines.ts';
import { probeSite } from '../../src/probe/site.ts';
import { type FakeMachine, fakeMachine } from '../support/fake-machine.ts';
import { memoryNotes } from '../support/host-notes.ts';
import { never } from '../support/never.ts';
import {
  CLEAN_HOST,
  CLEAN_PARTS,
  PROFILE,
  PROGRAMS,
  probeConfig,
  probeContext,
  SILENT_INSIDE,
} from '../support/probe.ts';
import { recordingLog } from '../support/recording-log.ts';
import { simulatedSite } from '../support/site.ts';

interface Run {
  readonly tunnel?: ClientProfile['tunnel'];
  readonly gateway?: string;
  readonly inside?: string;
  /** The device that the route inside leaves through once the client is logged in. */
  readonly device?: string;
  /** The addresses of `inside`; those that begin with 10. are behind {@link device}, others behind lo. */
  readonly addresses?: readonly string[];
  /** Other texts that mean success than those that the client prints. */
  readonly success?: ClientProfile['success'];
  /** The route inside is gone when it is asked for so many times. */
  readonly loses?: number;
  /** ip does not answer in time when it is asked for so many times. */
  readonly late?: number;
  /** Where the network stays as the client left it. */
  readonly staying?: string;
}

/** What is noted of resolv.conf where there is none. */
const NOTHING = { unmarked: [], resolvConf: { records: [], nameservers: null } };

/** A test with a client whose tunnel is a device. `notes` are those that were kept, in order. */
function probe(run: Run) {
  const { tunnel = 'device', gateway = 'works', inside = '10.0.0.1', device = 'tun0' } = run;
  const { addresses = [], staying, success = PROFILE.success, loses = Number.POSITIVE_INFINITY, late } = run;
  const profile: ClientProfile = { ...PROFILE, tunnel, success };
  const asked: string[] = [];
  const machine: FakeMachine = fakeMachine({
    programs: { ...PROGRAMS, ip: () => [] },
    system: {
      listFolder: (folder) =>
        folder !== '/sys/class/net' ? [] : machine.typed.length === 0 ? ['lo'] : ['lo', 'tun0'],
      resolve: async (host) => (host === 'gw.example.com' ? ['198.51.100.9', '2001:db8::9'] : addresses),
      run: async (_, args) => {
        if (args.includes('show')) return { code: 0, output: '' };
        asked.push(args.join(' '));
        if (asked.length === late) return { code: null, output: '' };
        const isThere = args.at(-1)?.startsWith('10.') && asked.length < loses;
        const through = isThere ? device : 'lo';
        return { code: 0, output: `10.0.0.1 dev ${through} src 10.0.0.99\n` };
      },
    },
  });
  const notes = memoryNotes();
  const { system } = machine;
  const keeper = openHostKeeper({
    place: system,
    log: recordingLog(),
    redact: (text) => text,
    dns: { file: '/etc/resolv.conf', restore: ['true'] },
    notes,
    measure: () => undefined,
  });
  const restoreNetwork = async () => (staying === undefined ? DONE : failed(staying));
  const { context, log } = probeContext(system, {
    config: probeConfig({ clients: new Map([[profile.name, profile]]) }),
    host: {
      ...keeper,
      clean: (traces, settleSeconds, signal) =>
        cleanHost(traces, { ...CLEAN_PARTS, restoreNetwork, notes }, settleSeconds, signal),
    },
  });
  const site = simulatedSite(gateway, { client: profile, internalIp: inside });
  return {
    result: probeSite(site, testLimits(context.config, site.client), context, never),
    machine,
    log,
    notes: () => notes.changes.map(({ network }) => network),
    asked,
  };
}

test('the network is noted before the log-in, with all addresses of the gateway, until the host is clean', async () => {
  const { result, notes, asked } = probe({ gateway: 'gw.example.com' });
  expect((await result).stages.map((stage) => stage.outcome)).toEqual(['ok', 'ok', 'ok']);
  expect(notes()).toEqual([
    { bootId: 'boot', devices: ['lo'], routes: [], gateways: ['198.51.100.9', '2001:db8::9'], ...NOTHING },
    null,
  ]);
  // Before the ping and after it.
  expect(asked).toEqual(['-o route get 10.0.0.1', '-o route get 10.0.0.1']);
});

test('what stays of the network is said, and kept for the next test', async () => {
  const { result, notes } = probe({ staying: 'the device tun0 could not be removed' });
  const { host, stages } = await result;
  expect(stages.map((stage) => stage.outcome)).toEqual(['ok', 'ok', 'ok']);
  expect(host.get('cleaning')).toBe('the device tun0 could not be removed');
  expect(notes()).toHaveLength(1);
});

test('a tunnel that carries no traffic: stage 3 is an error, nothing is pinged, and the client logs out', async () => {
  const { result, machine } = probe({ device: 'lo' });
  const { stages } = await result;
  expect(stages[1]).toMatchObject({ outcome: 'ok', ms: 400 });
  expect(stages[2]).toEqual({
    outcome: 'error',
    cause: 'tunnel-no-traffic',
    detail: 'tunnel up but no traffic: the route to 10.0.0.1 leaves through lo',
  });
  expect(machine.started.filter((command) => command.startsWith('/usr/bin/ping'))).toHaveLength(1);
  expect(machine.typed.at(-1)).toBe('quit\n');
});

test('without a log-in there is no tunnel to wait for: the ping goes outside', async () => {
  const { result, asked } = probe({ gateway: 'rejects', device: 'lo' });
  expect((await result).stages[2].outcome).toBe('ok');
  expect(asked).toEqual([]);
});

test('resolv.conf is compared after a log-in that failed, while the client still runs', async () => {
  const machine = fakeMachine({ programs: PROGRAMS });
  const client = { ...PROFILE, success: { expect: /words of another version/ } };
  const clientEnded: boolean[] = [];
  const { context } = probeContext(machine.system, {
    config: probeConfig({ clients: new Map([[client.name, client]]) }),
    host: {
      ...CLEAN_HOST,
      observe: async () => void clientEnded.push(machine.signals.length > 0),
    },
  });
  const site = simulatedSite('works', { client });
  const { stages } = await probeSite(site, testLimits(context.config, client), context, never);
  expect(stages[1]).toMatchObject({ outcome: 'error', cause: 'step-timed-out' });
  expect(clientEnded).toEqual([false]);
});

test('of a tunnel that nobody can tell no route is asked for: only resolv.conf is compared', async () => {
  const { result, notes, asked } = probe({ tunnel: 'unknown' });
  expect((await result).stages[2].outcome).toBe('ok');
  expect(notes()).toEqual([{ bootId: 'boot', devices: null, routes: [], gateways: [], ...NOTHING }, null]);
  expect(asked).toEqual([]);
});

test('of a name inside only the addresses behind the tunnel are pinged', async () => {
  const addresses = ['2001:db8::80', '10.0.0.80', '192.0.2.80'];
  const { result, machine, asked } = probe({ inside: 'intranet.example.com', addresses });
  expect((await result).stages[2]).toMatchObject({
    outcome: 'ok',
    detail: expect.stringContaining('(10.0.0.80)'),
  });
  expect(asked).toEqual([...addresses, '10.0.0.80'].map((address) => `-o route get ${address}`));
  expect(machine.started.at(-1)).toBe('/usr/bin/ping -n -c 5 10.0.0.80');
});

test('a name inside that has addresses only outside the tunnel: nothing is pinged', async () => {
  const { result, machine } = probe({ inside: 'intranet.example.com', addresses: ['192.0.2.80'] });
  expect((await result).stages[2]).toMatchObject({
    cause: 'tunnel-no-traffic',
    detail: 'tunnel up but no traffic: the route to intranet.example.com leaves through lo',
  });
  expect(machine.started.filter((command) => command.startsWith('/usr/bin/ping'))).toHaveLength(1);
});

test('a success whose words are not known is proven by the route, which gives it its time', async () => {
  const { result, log } = probe({ success: { expect: /words of another version/ } });
  const { stages } = await result;
  expect(stages.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
  // The last answer is typed after 300 ms, and the route is looked for 100 ms after that.
  expect(stages[1]).toMatchObject({ ms: 400 });
  expect(log.lines).toContain('INFO site1: no text of simulated told of the log-in, its route did');
});

test('no route, no success: a device that leads elsewhere proves nothing', async () => {
  const { result } = probe({ success: { expect: /words of another version/ }, device: 'lo' });
  expect((await result).stages[1]).toMatchObject({ outcome: 'error', cause: 'step-timed-out' });
});

test('a client whose tunnel can not be seen needs its words', async () => {
  const { result, asked } = probe({ success: { expect: /words of another version/ }, tunnel: 'unknown' });
  expect((await result).stages[1]).toMatchObject({ outcome: 'error', cause: 'step-timed-out' });
  expect(asked).toEqual([]);
});

test('a tunnel whose route is gone after the ping has thrown people out', async () => {
  const { result } = probe({ loses: 2 });
  const { stages } = await result;
  expect(stages[1].outcome).toBe('ok');
  expect(stages[2]).toEqual({
    outcome: 'error',
    cause: 'client-exited',
    loss: 0,
    detail: 'the inside answered, then the session was over: the route to 10.0.0.1 leaves through lo',
  });
});

test('an overloaded host, whose ip does not answer after the ping, has thrown nobody out', async () => {
  const { result } = probe({ late: 2 });
  expect((await result).stages.map((stage) => stage.outcome)).toEqual(['ok', 'ok', 'ok']);
});

test('a client that takes its tunnel down before it ends is heard out', async () => {
  const { result } = probe({ gateway: 'kicks, told late', loses: 2 });
  const { stages } = await result;
  expect(stages[2]).toMatchObject({
    cause: 'client-exited',
    detail:
      'the inside answered, then the session was over: the client ended (exit status 1): Session terminated',
  });
});

test('a ping that fails because the client takes its tunnel down: the reason comes a moment later', async () => {
  const { result } = probe({ gateway: 'kicks, told late', inside: SILENT_INSIDE, loses: 2 });
  expect((await result).stages[2]).toMatchObject({
    outcome: 'timeout',
    cause: 'client-exited',
    detail: expect.stringMatching(/^no reply to .*; the client ended \(exit status 1\): Session terminated$/),
  });
});

test('a ping that fails and a tunnel whose route is still there: the inside is silent', async () => {
  const { result } = probe({ inside: SILENT_INSIDE });
  expect((await result).stages[2]).toMatchObject({ outcome: 'timeout', cause: 'inside-unreachable' });
});
