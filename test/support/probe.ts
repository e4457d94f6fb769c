import { parse } from 'valibot';
import type { ClientProfile } from '../../src/clients/profile.ts';
import { startct } from '../../src/clients/startct.ts';
import { Codes } from '../../src/codes/codes.ts';
import { type Config, secretsOf } from '../../src/config/config.ts';
import { SettingsSchema } from '../../src/config/schema/config-schema.ts';
import { type CleanupParts, cleanHost, type HostKeeper } from '../../src/host/keeper.ts';
import { createRedactor } from '../../src/log/redact.ts';
import { BEFORE_TYPING_MS } from '../../src/model/limits.ts';
import type { Progress, ProgressEvent } from '../../src/model/progress.ts';
import { DONE } from '../../src/model/result.ts';
import type { ProbeContext } from '../../src/probe/context.ts';
import type { System } from '../../src/system/system.ts';
import type { FakeMachineOptions, ProgramStep } from './fake-machine.ts';
import { memoryNotes } from './host-notes.ts';
import { never } from './never.ts';
import { recordingLog } from './recording-log.ts';
import { PASSWORD, simulatedSite } from './site.ts';

/** A client with Connect Tunnel's dialogue that takes nothing of the host. */
export const PROFILE: ClientProfile = {
  ...startct,
  name: 'simulated',
  command: 'simulated',
  own: { by: 'name', processes: [] },
  tunnel: 'none',
};

/** How long a simulated ping takes, in ms. */
export const PING_MS = 4000;

/** How long one test of a simulated site that works takes, in ms: two pings, the log-in and its pauses, the log-out. */
export const TEST_MS = 2 * PING_MS + 400 + 3 * BEFORE_TYPING_MS + 2050;

/** Simulated programs: a ping (the host `silent` and {@link SILENT_INSIDE} never answer) and a client, whose gateways say what they do. */
export const PROGRAMS: NonNullable<FakeMachineOptions['programs']> = {
  ping: (args) => [
    {
      after: PING_MS,
      prints: args.some((arg) => arg === 'silent' || arg === SILENT_INSIDE)
        ? '5 packets transmitted, 0 received, 100% packet loss, time 4000ms\n'
        : '5 packets transmitted, 5 received, 0% packet loss, time 4000ms\nrtt min/avg/max/mdev = 4.1/5.002/6.3/0.7 ms\n',
    },
    { after: 0, exits: { code: 0, signal: 0 } },
  ],
  simulated: (args) => dialogue(args[args.indexOf('-s') + 1] ?? ''),
};

/** An address that no ping is answered from. */
export const SILENT_INSIDE = '10.0.0.66';

function dialogue(gateway: string): ProgramStep[] {
  const steps: ProgramStep[] = [
    { after: 100, prints: 'Username:' },
    { reads: 'monitor' },
    { after: 100, prints: '\r\nPassword:' },
    { reads: PASSWORD },
  ];
  if (gateway === 'rejects') return [...steps, { after: 100, prints: '\r\nLogin failed.\r\n' }];
  if (gateway === 'hangs') return steps;
  steps.push(
    { after: 100, prints: '\r\nEnter your choice [1]:' },
    { reads: '1' },
    { after: 100, prints: '\r\nCONNECTED\r\n' },
  );
  if (gateway === 'kicks' || gateway === 'kicks, told late') {
    return [
      ...steps,
      { after: 1000, prints: 'Session terminated\r\n' },
      // The end of a process may be told a little after it, and after that of the ping inside.
      { after: gateway === 'kicks' ? 0 : PING_MS - 900, exits: { code: 1, signal: 0 } },
    ];
  }
  return [
    ...steps,
    { reads: 'quit' },
    { after: 2050, prints: 'Disconnected\r\n' },
    { after: 0, exits: { code: 0, signal: 0 } },
  ];
}

/** A config for tests of probes: one simulated site that works, all else by default. */
export function probeConfig(more: Partial<Config> = {}): Config {
  const settings = parse(SettingsSchema, {
    frequency: 60,
    logging: { dir: '/results', file: 'result' },
    dns: { restore: ['true'] },
    sites: {},
  });
  return {
    ...settings,
    file: '/etc/vpn-monitor/config.yml',
    logging: { ...settings.logging, email: undefined },
    sites: [simulatedSite('works', { client: PROFILE })],
    clients: new Map([[PROFILE.name, PROFILE]]),
    controlGroup: null,
    channels: [],
    heartbeat: undefined,
    report: undefined,
    maintenance: [],
    uplink: [],
    web: undefined,
    metrics: undefined,
    warnings: [],
    ...more,
  };
}

/** A progress that keeps its events as `stage site1 1`. */
export function recordingProgress(): Progress & { readonly calls: string[] } {
  const calls: string[] = [];
  const note = ({ kind, ...event }: ProgressEvent) => {
    const values = 'result' in event ? [event.result.site] : Object.values(event);
    calls.push([kind, ...values].join(' '));
  };
  return Object.assign(note, { calls });
}

/** The mark of every client that is started in these tests. */
export const MARK = 'VPN_MONITOR_CLIENT=/results';

/** Clean-ups that find nothing. */
export const CLEAN_PARTS: Omit<CleanupParts, 'notes'> = {
  killLeftovers: async () => DONE,
  restoreDns: async () => DONE,
  restoreNetwork: async () => DONE,
};

/** A host on which there is nothing to clean. */
export const CLEAN_HOST: HostKeeper = {
  note: async () => undefined,
  observe: async () => undefined,
  devicesBefore: () => [],
  clean: (traces, settleSeconds, signal) =>
    cleanHost(traces, { ...CLEAN_PARTS, notes: memoryNotes() }, settleSeconds, signal),
};

/** The surroundings of a probe on `system`; log and progress are recorded. */
export function probeContext(system: System, more: Partial<ProbeContext> = {}) {
  const log = recordingLog();
  const progress = recordingProgress();
  const config = more.config ?? probeConfig();
  const context: ProbeContext & { readonly system: System } = {
    system,
    place: system,
    outside: system,
    log,
    resultLog: log,
    redact: createRedactor(secretsOf(config)),
    config,
    host: { ...CLEAN_HOST },
    progress,
    force: never,
    mark: MARK,
    codes: new Codes(system, log, '/codes'),
    rejectedAt: () => null,
    lookAtCertificates: async () => undefined,
    ...more,
  };
  return { context, log, progress };
}
