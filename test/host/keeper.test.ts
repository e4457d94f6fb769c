import { expect, test } from 'vitest';
import type { ClientProfile } from '../../src/clients/profile.ts';
import { startct } from '../../src/clients/startct.ts';
import { cleanHost, type HostKeeper, tracesOf } from '../../src/host/keeper.ts';
import type { NetworkNote } from '../../src/host/network/network-note.ts';
import { never } from '../support/never.ts';
import { CLEAN_HOST, MARK, PROFILE } from '../support/probe.ts';
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

/** A host, and the calls of its parts in order. */
function host(parts: Partial<HostKeeper> & { readonly staying?: string | null }) {
  const calls: string[] = [];
  const { staying = null, ...more } = parts;
  const keeper: HostKeeper = {
    ...CLEAN_HOST,
    killLeftovers: async ({ processes, settleSeconds }) => {
      calls.push(`kill ${processes.length} ${settleSeconds}`);
      return { clean: true };
    },
    checkDns: async (mark) => {
      calls.push(`dns ${mark}`);
      return null;
    },
    network: {
      ...CLEAN_HOST.network,
      restore: async () => {
        calls.push('network');
        return staying;
      },
    },
    networkNotes: { last: NOTE },
    ...more,
  };
  return { keeper, calls };
}

const traces = tracesOf([marked, startct], MARK);

test('a clean host: processes, network, DNS, in this order; the note of the network has served', async () => {
  const { keeper, calls } = host({});
  expect(await cleanHost(traces, keeper, 10, never)).toEqual(
    new Map([
      ['ps', null],
      ['cleaning', null],
    ]),
  );
  expect(calls).toEqual(['kill 4 10', 'network', 'dns #@VPNC', 'dns SonicWall']);
  expect(keeper.networkNotes.last).toBeNull();
});

test('a network that was not noted is not looked at', async () => {
  const { keeper, calls } = host({ networkNotes: { last: null } });
  await cleanHost(traces, keeper, 10, never);
  expect(calls).not.toContain('network');
});

test('all is tried, all faults are said, and the note is kept for the next time', async () => {
  const { keeper } = host({
    killLeftovers: async () => ({ clean: false, fault: 'cleaning', why: 'java is stuck' }),
    checkDns: async (mark) => `${mark} stays`,
    staying: 'the device tun0 could not be removed',
  });
  const report = await cleanHost(traces, keeper, 10, never);
  expect(report.get('ps')).toBeNull();
  expect(report.get('cleaning')).toBe(
    'java is stuck; the device tun0 could not be removed; #@VPNC stays; SonicWall stays',
  );
  expect(keeper.networkNotes.last).toBe(NOTE);
});

test('a host without ps is put right all the same', async () => {
  const { keeper, calls } = host({
    killLeftovers: async () => ({ clean: false, fault: 'ps', why: 'no ps' }),
  });
  expect(await cleanHost(traces, keeper, 10, never)).toEqual(
    new Map([
      ['ps', 'no ps'],
      ['cleaning', null],
    ]),
  );
  expect(calls).toEqual(['network', 'dns #@VPNC', 'dns SonicWall']);
});

test('a stop in the middle keeps the note', async () => {
  const { keeper } = host({
    network: { ...CLEAN_HOST.network, restore: () => Promise.reject(new Error('stop')) },
  });
  await expect(cleanHost(traces, keeper, 10, never)).rejects.toThrow('stop');
  expect(keeper.networkNotes.last).toBe(NOTE);
});
