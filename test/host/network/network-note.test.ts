import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { networkNotes } from '../../../src/host/network/network-note.ts';
import { machine } from '../../support/machine.ts';
import { recordingLog } from '../../support/recording-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const NOTE = {
  bootId: 'boot',
  devices: ['lo', 'eth0'],
  routes: ['-4 default via 192.0.2.1'],
  gateways: ['198.51.100.9'],
  unmarked: ['#@VPNC'],
};

let folder: string;
beforeEach(() => {
  folder = path.join(temporaryFolder(), '.state');
});

test('a note is what another process reads, until it is taken away', () => {
  const log = recordingLog();
  const [mine, other] = [networkNotes(folder, machine, log), networkNotes(folder, machine, log)];
  expect(mine.last).toBeNull();
  mine.last = NOTE;
  expect(other.last).toEqual(NOTE);
  expect(fs.readdirSync(folder)).toEqual(['network.json']);
  expect(fs.statSync(path.join(folder, 'network.json')).mode & 0o777).toBe(0o600);
  expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
  other.last = null;
  expect(mine.last).toBeNull();
  expect(fs.readdirSync(folder)).toEqual([]);
  expect(log.lines).toEqual([]);
});

test.for(['', '{"bootId":', 'null', '{"bootId":"b","devices":[1]}'])('damaged as %j it is none', (text) => {
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'network.json'), text);
  expect(networkNotes(folder, machine, recordingLog()).last).toBeNull();
});

test('one that can not be written is kept in memory, said once, and written again when it can be', () => {
  const log = recordingLog();
  const notes = networkNotes(folder, machine, log);
  fs.writeFileSync(folder, 'no folder');
  notes.last = NOTE;
  notes.last = { ...NOTE, devices: [] };
  expect(notes.last).toEqual({ ...NOTE, devices: [] });
  expect(log.lines).toEqual([
    expect.stringMatching(/^WARNING The note of the network can't be written: .*A kill would lose it$/),
  ]);
  fs.rmSync(folder);
  notes.last = NOTE;
  expect(networkNotes(folder, machine, log).last).toEqual(NOTE);
});
