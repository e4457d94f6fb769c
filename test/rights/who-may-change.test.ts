import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { whoElseMayChange } from '../../src/rights/who-may-change.ts';
import { machine } from '../support/machine.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let dir: string;
beforeEach(() => {
  dir = temporaryFolder();
  fs.mkdirSync(path.join(dir, 'folder'));
  fs.writeFileSync(path.join(dir, 'folder', 'file'), '');
});

const at = (name: string) => path.join(dir, name);

test('a file that only its owner may change is safe, also below a folder with a sticky bit', () => {
  expect(whoElseMayChange(at('folder/file'), machine)).toBeNull();
  expect(whoElseMayChange(at('folder'), machine, true)).toBeNull();
  fs.chmodSync(at('folder'), 0o1777);
  expect(whoElseMayChange(at('folder/file'), machine)).toBeNull();
});

test.each([
  ['the file', 'folder/file', 'folder/file', 0o666],
  ['its folder', 'folder', 'folder/file', 0o757],
  ['its folder, though it is not there itself', 'folder', 'folder/none/deeper', 0o757],
])('everybody may write to %s', (_, open, file, mode) => {
  fs.chmodSync(at(open), mode);
  expect(whoElseMayChange(at(file), machine)).toBe(`everybody may write to ${at(open)}`);
});

test('in a folder for files of ours a sticky bit keeps nobody from making them first', () => {
  fs.chmodSync(at('folder'), 0o1777);
  expect(whoElseMayChange(at('folder'), machine, true)).toBe(`everybody may write to ${at('folder')}`);
});

test('a link leads to what counts as well', () => {
  fs.symlinkSync('folder/file', at('link'));
  expect(whoElseMayChange(at('link'), machine)).toBeNull();
  fs.chmodSync(at('folder/file'), 0o666);
  expect(whoElseMayChange(at('link'), machine)).toBe(`everybody may write to ${at('folder/file')}`);
});

test('a group, and another owner', ({ skip }) => {
  skip(process.getuid?.() !== 0, 'needs root, to be two users');
  fs.chownSync(at('folder'), 0, 12_345);
  fs.chmodSync(at('folder'), 0o775);
  expect(whoElseMayChange(at('folder/file'), machine)).toBe(`the group 12345 may write to ${at('folder')}`);
  fs.chownSync(at('folder'), 0, 0);
  expect(whoElseMayChange(at('folder/file'), machine)).toBeNull();
  fs.chownSync(at('folder'), 12_345, 0);
  expect(whoElseMayChange(at('folder/file'), machine)).toBe(`${at('folder')} belongs to uid 12345`);
  expect(whoElseMayChange(at('folder/file'), { ...machine, uid: 12_345 })).toBeNull();
});
