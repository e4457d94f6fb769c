import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { logFilesAmong, logNames, pointLink } from '../../src/log/log-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const names = logNames('monitoring.log');

test('the names of a log', () => {
  expect(names).toEqual({ link: 'monitoring.log', stem: 'monitoring', extension: '.log' });
  expect(logNames('monitor')).toEqual({ link: 'monitor', stem: 'monitor', extension: '' });
  expect(logNames('VPN [a+b] (ü).txt')).toEqual({
    link: 'VPN [a+b] (ü).txt',
    stem: 'VPN__a_b_____',
    extension: '.txt',
  });
});

test('its files are found by their names, oldest first', () => {
  const entries = [
    'monitoring-2026.10.log',
    'monitoring-2026.9.log',
    'monitoring-2026.log',
    'monitoring-2025.2.log',
    'monitoring.log',
    'monitoring-script.log',
    'monitoring-2026.log.gz',
    'monitoring-2026.x.log',
    'result_261114.csv',
  ];
  expect(logFilesAmong(entries, names)).toEqual([
    'monitoring-2025.2.log',
    'monitoring-2026.log',
    'monitoring-2026.9.log',
    'monitoring-2026.10.log',
  ]);
});

describe('the link', () => {
  let dir: string;
  beforeEach(() => {
    dir = temporaryFolder();
  });
  const link = () => fs.readlinkSync(path.join(dir, 'monitoring.log'));

  test('is created, and pointed to another file', () => {
    expect(pointLink(fs, dir, names, 'monitoring-2026.log')).toBeNull();
    expect(link()).toBe('monitoring-2026.log');
    expect(pointLink(fs, dir, names, 'monitoring-2026.1.log')).toBeNull();
    expect(link()).toBe('monitoring-2026.1.log');
    expect(fs.readdirSync(dir)).toEqual(['monitoring.log']);
  });

  test('replaces the script’s log, which gets a free name', () => {
    fs.writeFileSync(path.join(dir, 'monitoring-script.log'), 'older');
    fs.writeFileSync(path.join(dir, 'monitoring.log'), 'the script’s');
    expect(pointLink(fs, dir, names, 'monitoring-2026.log')).toBe('monitoring-script-2.log');
    expect(fs.readFileSync(path.join(dir, 'monitoring-script.log'), 'utf8')).toBe('older');
    expect(fs.readFileSync(path.join(dir, 'monitoring-script-2.log'), 'utf8')).toBe('the script’s');
    expect(link()).toBe('monitoring-2026.log');
  });

  test('is created although an earlier try was killed', () => {
    fs.symlinkSync('nowhere', path.join(dir, '.monitoring-link'));
    pointLink(fs, dir, names, 'monitoring-2026.log');
    expect(link()).toBe('monitoring-2026.log');
  });
});
