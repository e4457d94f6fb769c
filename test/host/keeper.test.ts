import { expect, test } from 'vitest';
import type { ClientProfile } from '../../src/clients/profile.ts';
import { startct } from '../../src/clients/startct.ts';
import { type CleanupParts, cleanHost, openHostKeeper, tracesOf } from '../../src/host/keeper.ts';
import { DONE, failed } from '../../src/model/result.ts';
import type { NetworkNote } from '../../src/state/host-note.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { memoryNotes } from '../support/host-notes.ts';
import { never } from '../support/never.ts';
import { MARK, PROFILE } from '../support/probe.ts';
import { recordingLog } from '../support/recording-log.ts';
import { connectTunnel } from './programs.ts';

const NOTE: NetworkNote = { bootId: 'boot', devices: ['lo'], routes: [], gateways: [], unmarked: [] };
const marked: ClientProfile = { ...PROFILE, own: { by: 'mark' }, tunnel: 'device', dns: { mark: '#@VPNC' } };

test('the traces of clients: their programs in order, one mark of the environment, and their marks in resolv.conf', () => {
  expect(tracesOf([], MARK)).toEqual({ processes: [], dnsMarks: [], devices: [], tables: [] });
  expect(tracesOf([PROFILE], MARK)).toEqual({
    processes: [],
    dnsMarks: [{ mark: 'SonicWall', ours: true }],
    devices: [],
    tables: [],
  });
  expect(tracesOf([marked, startct, { ...marked, name: 'another' }, startct], MARK, ['wg0'])).toEqual({
    processes: [...connectTunnel, { mark: MARK }],
    dnsMarks: [
      { mark: '#@VPNC', ours: false },
      { mark: 'SonicWall', ours: true },
    ],
    devices: ['wg0'],
    tables: [],
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
      return DONE;
    },
    restoreDns: async (marks, test) => {
      calls.push(`dns ${marks.join(' ')} ${test === null ? 'without' : 'with'} a note`);
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

test('a clean-up does processes, network and DNS, in this order, and removes the note of the network', async () => {
  const { parts, calls } = host();
  expect(await cleanHost(traces, parts, 10, never)).toEqual(
    new Map([
      ['ps', null],
      ['cleaning', null],
    ]),
  );
  expect(calls).toEqual(['kill 4 10', 'network', 'dns SonicWall with a note']);
  expect(parts.notes.read().network).toBeNull();
});

test('a mark that others may use counts only after a test that began without it', async () => {
  const { parts, calls } = host({ notes: memoryNotes({ network: { ...NOTE, unmarked: ['#@VPNC'] } }) });
  await cleanHost(traces, parts, 10, never);
  expect(calls).toContain('dns #@VPNC SonicWall with a note');
});

test('a network without a note is not checked', async () => {
  const { parts, calls } = host({ notes: memoryNotes() });
  await cleanHost(traces, parts, 10, never);
  expect(calls).toEqual(['kill 4 10', 'dns SonicWall without a note']);
});

test('a clean-up does all parts, reports all faults, and keeps the note for the next one', async () => {
  const { parts } = host({
    killLeftovers: async () => ({ ok: false, fault: 'cleaning', why: 'java is stuck' }),
    restoreDns: async (marks) => failed(`${marks} stays`),
    staying: 'the device tun0 could not be removed',
  });
  const report = await cleanHost(traces, parts, 10, never);
  expect(report.get('ps')).toBeNull();
  expect(report.get('cleaning')).toBe('java is stuck; the device tun0 could not be removed; SonicWall stays');
  expect(parts.notes.read().network).toBe(NOTE);
});

test('network and DNS of a host without ps are restored', async () => {
  const { parts, calls } = host({
    killLeftovers: async () => ({ ok: false, fault: 'ps', why: 'no ps' }),
  });
  expect(await cleanHost(traces, parts, 10, never)).toEqual(
    new Map([
      ['ps', 'no ps'],
      ['cleaning', null],
    ]),
  );
  expect(calls).toEqual(['network', 'dns SonicWall with a note']);
});

test('an interrupted clean-up keeps the note', async () => {
  const { parts } = host({
    restoreNetwork: () => Promise.reject(new Error('stop')),
  });
  await expect(cleanHost(traces, parts, 10, never)).rejects.toThrow('stop');
  expect(parts.notes.read().network).toBe(NOTE);
});

test('ps is asked once a minute before tests, again at once while it does not answer, and never after a test', async () => {
  let asked = 0;
  let answers = true;
  let isThere = true;
  const { system } = fakeMachine({
    system: {
      findCommand: (command) => (command === 'ps' && !isThere ? undefined : `/usr/bin/${command}`),
      listPids: async () => {
        asked += 1;
        if (!answers) throw new Error('ps is broken');
        return [];
      },
    },
  });
  const keeper = openHostKeeper({
    place: system,
    log: recordingLog(),
    redact: (text) => text,
    dns: { file: '/etc/resolv.conf', restore: ['true'] },
    notes: memoryNotes(),
    measure: () => undefined,
  });
  const before = async () => (await keeper.clean(tracesOf([startct], MARK), 0, never)).get('ps');
  expect([await before(), await before(), asked]).toEqual([null, null, 1]);
  await keeper.clean(tracesOf([startct], MARK), 0, never, () => undefined);
  expect(asked).toBe(1);
  isThere = false;
  expect([await before(), asked]).toEqual([null, 2]);
  isThere = true;
  await system.sleep(60_000);
  answers = false;
  const broken = "ps can't list the processes: ps is broken";
  expect([await before(), await before(), asked]).toEqual([broken, broken, 4]);
  answers = true;
  expect([await before(), await before(), asked]).toEqual([null, null, 5]);
});
