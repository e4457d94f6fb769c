import { expect, test } from 'vitest';
import type { ClientProfile } from '../../src/clients/profile.ts';
import { startct } from '../../src/clients/startct.ts';
import { type CleanupParts, cleanHost, tracesOf } from '../../src/host/keeper.ts';
import { DONE, failed } from '../../src/model/result.ts';
import type { NetworkNote } from '../../src/state/host-note.ts';
import { memoryNotes } from '../support/host-notes.ts';
import { never } from '../support/never.ts';
import { MARK, PROFILE } from '../support/probe.ts';
import { connectTunnel } from './programs.ts';

const NOTE: NetworkNote = { bootId: 'boot', devices: ['lo'], routes: [], gateways: [], unmarked: [] };
const marked: ClientProfile = { ...PROFILE, own: { by: 'mark' }, tunnel: 'device', dns: { mark: '#@VPNC' } };

test('the traces of clients are their programs in order, one mark for all that have one, and their words in DNS', () => {
  expect(tracesOf([], MARK)).toEqual({ processes: [], dnsMarks: [] });
  expect(tracesOf([PROFILE], MARK)).toEqual({ processes: [], dnsMarks: [{ mark: 'SonicWall', ours: true }] });
  expect(tracesOf([marked, startct, { ...marked, name: 'another' }, startct], MARK)).toEqual({
    processes: [...connectTunnel, { mark: MARK }],
    dnsMarks: [
      { mark: '#@VPNC', ours: false },
      { mark: 'SonicWall', ours: true },
    ],
  });
});

/** The parts of a clean-up, and their calls in order. */
function host(more: Partial<CleanupParts> & { readonly staying?: string } = {}) {
  const calls: string[] = [];
  const { staying, ...others } = more;
  const notes = memoryNotes({ network: NOTE });
  const parts: CleanupParts = {
    killLeftovers: async ({ processes, settleSeconds }) => {
      calls.push(`kill ${processes.length} ${settleSeconds}`);
      return { clean: true };
    },
    checkDns: async (mark) => {
      calls.push(`dns ${mark}`);
      return DONE;
    },
    restoreNetwork: async () => {
      calls.push('network');
      return staying === undefined ? DONE : failed(staying);
    },
    notes,
    ...others,
  };
  return { parts, calls };
}

const traces = tracesOf([marked, startct], MARK);

test('a clean host: processes, network, DNS, in this order; the note of the network has served', async () => {
  const { parts, calls } = host();
  expect(await cleanHost(traces, parts, 10, never)).toEqual(
    new Map([
      ['ps', null],
      ['cleaning', null],
    ]),
  );
  expect(calls).toEqual(['kill 4 10', 'network', 'dns #@VPNC', 'dns SonicWall']);
  expect(parts.notes.read().network).toBeNull();
});

test('a network that was not noted is not looked at', async () => {
  const { parts, calls } = host({ notes: memoryNotes() });
  await cleanHost(traces, parts, 10, never);
  expect(calls).not.toContain('network');
});

test('all is tried, all faults are said, and the note is kept for the next time', async () => {
  const { parts } = host({
    killLeftovers: async () => ({ clean: false, fault: 'cleaning', why: 'java is stuck' }),
    checkDns: async (mark) => failed(`${mark} stays`),
    staying: 'the device tun0 could not be removed',
  });
  const report = await cleanHost(traces, parts, 10, never);
  expect(report.get('ps')).toBeNull();
  expect(report.get('cleaning')).toBe(
    'java is stuck; the device tun0 could not be removed; #@VPNC stays; SonicWall stays',
  );
  expect(parts.notes.read().network).toBe(NOTE);
});

test('a host without ps is put right all the same', async () => {
  const { parts, calls } = host({
    killLeftovers: async () => ({ clean: false, fault: 'ps', why: 'no ps' }),
  });
  expect(await cleanHost(traces, parts, 10, never)).toEqual(
    new Map([
      ['ps', 'no ps'],
      ['cleaning', null],
    ]),
  );
  expect(calls).toEqual(['network', 'dns #@VPNC', 'dns SonicWall']);
});

test('a stop in the middle keeps the note', async () => {
  const { parts } = host({
    restoreNetwork: () => Promise.reject(new Error('stop')),
  });
  await expect(cleanHost(traces, parts, 10, never)).rejects.toThrow('stop');
  expect(parts.notes.read().network).toBe(NOTE);
});
