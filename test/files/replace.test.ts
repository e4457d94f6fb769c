import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replaceFile } from '../../src/files/replace.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'replace-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

test('a new file, and one in the place of another', () => {
  const file = path.join(folder, 'report.html');
  expect(replaceFile(fs, file, ['one ', 'zwei: ü'])).toBe(12);
  expect(replaceFile(fs, file, ['two'])).toBe(3);
  expect(fs.readFileSync(file, 'utf8')).toBe('two');
  expect(fs.readdirSync(folder)).toEqual(['report.html']);
});

test('the old one stays where the new one can not be made whole', () => {
  const file = path.join(folder, 'report.html');
  fs.writeFileSync(file, 'old');
  function* torn() {
    yield 'new';
    throw new Error('cut');
  }
  expect(() => replaceFile(fs, file, torn())).toThrow('cut');
  expect(fs.readFileSync(file, 'utf8')).toBe('old');
  expect(fs.readdirSync(folder)).toEqual(['report.html']);
});

test('a disk that takes little at a time', () => {
  const file = path.join(folder, 'report.html');
  const writeSync = (fd: number, bytes: Buffer, done: number) =>
    fs.writeSync(fd, bytes, done, Math.min(2, bytes.length - done));
  replaceFile({ ...fs, writeSync: writeSync as typeof fs.writeSync }, file, ['hello']);
  expect(fs.readFileSync(file, 'utf8')).toBe('hello');
});

test('what is no regular file is written to', () => {
  expect(replaceFile(fs, '/dev/null', ['hello'])).toBe(5);
  expect(fs.statSync('/dev/null').isCharacterDevice()).toBe(true);
  expect(() => replaceFile(fs, folder, ['hello'])).toThrow('EISDIR');
});
