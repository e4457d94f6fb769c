import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { type DnsNote, NO_NOTE, openHostNotes } from '../../src/state/host-note.ts';
import { recordingLog } from '../support/recording-log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NETWORK = {
  bootId: 'boot',
  devices: ['lo', 'eth0'],
  routes: ['-4 default via 192.0.2.1'],
  gateways: ['198.51.100.9'],
  unmarked: ['#@VPNC'],
};
const DNS: DnsNote = {
  bootId: 'boot',
  takenAt: '2026-11-14T05:18:02.000Z',
  file: '/etc/resolv.conf',
  content: 'nameserver 192.0.2.53\n',
  link: null,
  mode: 0o644,
  unsure: null,
};

let folder: string;
beforeEach(() => {
  folder = path.join(temporaryFolder(), '.state');
});

const open = (log = recordingLog()) => openHostNotes(folder, fs, log);

test('one process reads what another has noted, each part by itself', () => {
  const log = recordingLog();
  const [mine, other] = [open(log), open(log)];
  expect(mine.read()).toEqual(NO_NOTE);
  mine.change({ network: NETWORK });
  other.change({ dns: DNS });
  expect(mine.read()).toEqual({ dns: DNS, network: NETWORK });
  expect(fs.readdirSync(folder)).toEqual(['host.json']);
  expect(fs.statSync(path.join(folder, 'host.json')).mode & 0o777).toBe(0o600);
  expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
  other.change({ network: null });
  expect(mine.read()).toEqual({ dns: DNS, network: null });
  expect(log.lines).toEqual([]);
});

test.for(['', '{"version":1', 'null', '{"version":1,"dns":null,"network":{"bootId":"b"}}', '{"version":2}'])(
  'damaged as %j it is none',
  (text) => {
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'host.json'), text);
    expect(open().read()).toEqual(NO_NOTE);
  },
);

test('a note that can not be written is kept in memory, logged once, and written when it can be', () => {
  const log = recordingLog();
  const notes = open(log);
  fs.writeFileSync(folder, 'no folder');
  notes.change({ network: NETWORK });
  notes.change({ network: { ...NETWORK, devices: [] } });
  expect(notes.read().network).toEqual({ ...NETWORK, devices: [] });
  expect(log.lines).toEqual([
    expect.stringMatching(/^WARNING The note of this host can't be written: .*A kill would lose it$/),
  ]);
  fs.rmSync(folder);
  notes.change({ dns: DNS });
  expect(open().read()).toEqual({ dns: DNS, network: { ...NETWORK, devices: [] } });
});

test('what vpn-monitor 1.0.0 noted is taken over, and the file of its own removed once it is', () => {
  fs.mkdirSync(folder);
  const state = { version: 1, sites: [], host: null, mails: [], dns: DNS };
  fs.writeFileSync(path.join(folder, 'network.json'), JSON.stringify(NETWORK));
  fs.writeFileSync(path.join(folder, 'state.json'), JSON.stringify(state));
  expect(open().read()).toEqual({ dns: DNS, network: NETWORK });
  open().change({ network: null });
  expect(fs.readdirSync(folder).sort()).toEqual(['host.json', 'state.json']);
  // From now on its own file counts.
  fs.writeFileSync(path.join(folder, 'state.json'), JSON.stringify({ ...state, dns: null }));
  expect(open().read()).toEqual({ dns: DNS, network: null });
});

test('a note of 1.0.0 that names no file is read', () => {
  const { file: _, ...dns } = DNS;
  fs.mkdirSync(folder);
  const state = { version: 1, sites: [], host: null, mails: [], dns };
  fs.writeFileSync(path.join(folder, 'state.json'), JSON.stringify(state));
  expect(open().read().dns).toEqual({ ...DNS, file: null });
});
