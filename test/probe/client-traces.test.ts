import { expect, test } from 'vitest';
import { judgeHost } from '../../src/alerts/host-policy.ts';
import { demoClient } from '../../src/clients/demo-client.ts';
import type { ClientProfile } from '../../src/clients/profile.ts';
import { type CleanupParts, cleanHost, tracesOf } from '../../src/host/keeper.ts';
import { DONE, failed } from '../../src/model/result.ts';
import type { HostReport } from '../../src/model/test-result.ts';
import { testLimits } from '../../src/monitor/deadlines.ts';
import { clientTraces, needsHost } from '../../src/probe/client-traces.ts';
import { probeSite } from '../../src/probe/site.ts';
import type { NetworkNote } from '../../src/state/host-note.ts';
import type { HostFaultState } from '../../src/state/store.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { memoryNotes } from '../support/host-notes.ts';
import {
  CLEAN_HOST,
  CLEAN_PARTS,
  MARK,
  PROFILE,
  PROGRAMS,
  probeConfig,
  probeContext,
} from '../support/probe.ts';
import { simulatedSite } from '../support/site.ts';

const never = new AbortController().signal;
const NOTE: NetworkNote = {
  bootId: 'boot',
  devices: null,
  routes: [],
  gateways: [],
  unmarked: ['SonicWall'],
};
/** A client of many things on the host. */
const vpn: ClientProfile = {
  ...PROFILE,
  name: 'vpn',
  tunnel: 'unknown',
  own: { by: 'name', processes: [{ name: 'AvConnect' }] },
};
/** A client as the config may describe one: it changes nothing of the network. */
const { dns: _, ...simple } = { ...PROFILE, name: 'simple', own: { by: 'mark' }, tunnel: 'none' } as const;

const clients = new Map<string, ClientProfile>([vpn, simple, PROFILE].map((one) => [one.name, one]));
const sites = [...clients.values()].map((client) => simulatedSite(`with ${client.name}`, { client }));
const config = probeConfig({ clients, sites });

test.each([vpn, simple])(
  'the test of a site with $name looks for what any client may have left',
  (profile) => {
    expect(needsHost(profile)).toBe(true);
    expect(clientTraces(config, profile, MARK)).toEqual(tracesOf([vpn, simple], MARK));
  },
);

test.each([PROFILE, demoClient])(
  'a client that needs nothing of the host looks for nothing on it: $name',
  (profile) => {
    expect(needsHost(profile)).toBe(false);
    expect(clientTraces(config, profile, MARK)).toBeNull();
  },
);

/** Connect Tunnel's word stays in resolv.conf. */
const restoreDns: CleanupParts['restoreDns'] = async (marks) =>
  marks.includes('SonicWall') ? failed('resolv.conf stays') : DONE;

/** Tests each site with one of `profiles` three times over; what a clean-up finds is up to `parts`. */
async function threeCycles(profiles: readonly ClientProfile[], parts: Partial<CleanupParts>) {
  const { system } = fakeMachine({ programs: PROGRAMS });
  const notes = memoryNotes({ network: NOTE });
  const { context } = probeContext(system, {
    config,
    host: {
      ...CLEAN_HOST,
      clean: (traces, settleSeconds, signal) =>
        cleanHost(traces, { ...CLEAN_PARTS, notes, ...parts }, settleSeconds, signal),
    },
  });
  const reports: HostReport[] = [];
  const events: string[] = [];
  let state: HostFaultState | null = null;
  for (let cycle = 0; cycle < 3; cycle += 1) {
    for (const profile of profiles) {
      const site = simulatedSite('works', { client: profile });
      const result = await probeSite(site, testLimits(context.config, site.client), context, never);
      const judged = judgeHost(state, result.host, system.now());
      state = judged.state;
      reports.push(result.host);
      events.push(...judged.events.map(({ kind }) => kind));
    }
  }
  return { reports, events, note: notes.read().network };
}

test.each<[string, Partial<CleanupParts>]>([
  [
    'a process',
    {
      killLeftovers: async ({ processes }) =>
        processes.some((own) => 'name' in own && own.name === 'AvConnect')
          ? { ok: false, fault: 'cleaning', why: 'AvConnect with pid 9 belongs to root' }
          : DONE,
    },
  ],
  ['its mark in resolv.conf', { restoreDns }],
])(
  '%s that a client leaves and that can not be removed: one mail, whatever other clients are tested',
  async (_, parts) => {
    expect((await threeCycles([vpn, simple, PROFILE], parts)).events).toEqual(['host-fault']);
  },
);

test('the note stays until everything is restored, whatever other clients are tested', async () => {
  const { note } = await threeCycles([vpn, simple, PROFILE], { restoreDns });
  expect(note).toBe(NOTE);
});

test('a host that is not checked: no report, and its note stays', async () => {
  const { reports, note } = await threeCycles([PROFILE], {
    killLeftovers: async () => ({ ok: false, fault: 'ps', why: 'looked' }),
  });
  for (const report of reports) {
    expect(report.has('ps')).toBe(false);
    expect(report.has('cleaning')).toBe(false);
  }
  expect(note).toBe(NOTE);
});
