import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { writeOutput } from '../../src/files/write-output.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

test('writes a new file, and replaces an existing one', () => {
  const file = path.join(folder, 'report.html');
  expect(writeOutput(fs, file, ['one ', 'zwei: ü'])).toBe(12);
  expect(writeOutput(fs, file, ['two'])).toBe(3);
  expect(fs.readFileSync(file, 'utf8')).toBe('two');
  expect(fs.readdirSync(folder)).toEqual(['report.html']);
});

test('keeps the old file if the new one cannot be completed', () => {
  const file = path.join(folder, 'report.html');
  fs.writeFileSync(file, 'old');
  function* torn() {
    yield 'new';
    throw new Error('cut');
  }
  expect(() => writeOutput(fs, file, torn())).toThrow('cut');
  expect(fs.readFileSync(file, 'utf8')).toBe('old');
  expect(fs.readdirSync(folder)).toEqual(['report.html']);
});

test('writes all bytes, even if each write accepts only a few', () => {
  const file = path.join(folder, 'report.html');
  const writeSync = (fd: number, bytes: Buffer, done: number) =>
    fs.writeSync(fd, bytes, done, Math.min(2, bytes.length - done));
  writeOutput({ ...fs, writeSync: writeSync as typeof fs.writeSync }, file, ['hello']);
  expect(fs.readFileSync(file, 'utf8')).toBe('hello');
});

test('replaces a link, and keeps the file that it points to', () => {
  const elsewhere = path.join(folder, 'elsewhere');
  fs.writeFileSync(elsewhere, 'old');
  fs.symlinkSync(elsewhere, path.join(folder, 'report.html'));
  writeOutput(fs, path.join(folder, 'report.html'), ['new']);
  expect(fs.lstatSync(path.join(folder, 'report.html')).isFile()).toBe(true);
  expect(fs.readFileSync(elsewhere, 'utf8')).toBe('old');
});

test('writes directly to a descriptor of this process, also to that of a regular file', () => {
  const file = path.join(folder, 'redirected');
  const fd = fs.openSync(file, 'w');
  writeOutput(fs, `/proc/self/fd/${fd}`, ['hello']);
  fs.closeSync(fd);
  expect(fs.readFileSync(file, 'utf8')).toBe('hello');
  expect(fs.readdirSync(folder)).toEqual(['redirected']);
});

test('writes directly to a file that is not regular', () => {
  expect(writeOutput(fs, '/dev/null', ['hello'])).toBe(5);
  expect(fs.statSync('/dev/null').isCharacterDevice()).toBe(true);
  expect(() => writeOutput(fs, folder, ['hello'])).toThrow('EISDIR');
});
