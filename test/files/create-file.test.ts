import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createFile } from '../../src/files/create-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('creates a whole file with its mode, whatever the umask, and its folder if that is missing', () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'a', 'b', 'config.yml');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const umask = process.umask(0o277);
  try {
    createFile(fs, file, 'text\n', 0o600);
  } finally {
    process.umask(umask);
  }
  createFile(fs, path.join(folder, 'new', 'file'), '', 0o644);
  expect(fs.readFileSync(file, 'utf8')).toBe('text\n');
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(fs.readdirSync(path.dirname(file))).toEqual(['config.yml']);
  expect(fs.readdirSync(path.join(folder, 'new'))).toEqual(['file']);
});

test('never replaces a file, a folder or a dangling link', () => {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'file'), 'mine');
  fs.symlinkSync(path.join(folder, 'nowhere'), path.join(folder, 'link'));
  fs.mkdirSync(path.join(folder, 'folder'));
  for (const name of ['file', 'link', 'folder']) {
    expect(() => createFile(fs, path.join(folder, name), 'text', 0o600)).toThrow('EEXIST');
  }
  expect(fs.readFileSync(path.join(folder, 'file'), 'utf8')).toBe('mine');
  expect(fs.readdirSync(folder).sort()).toEqual(['file', 'folder', 'link']);
});

test('leaves nothing behind on a full disk', () => {
  const folder = temporaryFolder();
  const full = {
    ...fs,
    writeSync: () => {
      throw new Error('ENOSPC');
    },
  } as typeof fs;
  expect(() => createFile(full, path.join(folder, 'file'), 'text', 0o600)).toThrow('ENOSPC');
  expect(fs.readdirSync(folder)).toEqual([]);
});
