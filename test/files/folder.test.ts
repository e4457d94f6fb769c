import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openForAppend } from '../../src/files/append.ts';
import { makeFolder, syncFolder } from '../../src/files/folder.ts';
import { replaceFile } from '../../src/files/replace-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { noRecursion, UNMAKEABLE } from './unmakeable.ts';

let dir: string;
beforeEach(() => {
  dir = temporaryFolder();
});

describe('makeFolder', () => {
  test('creates the folders above too; only the folder itself gets the mode', () => {
    const before = process.umask(0o022);
    try {
      makeFolder(fs, path.join(dir, 'a', 'b'), 0o700);
    } finally {
      process.umask(before);
    }
    const mode = (name: string) => (fs.statSync(path.join(dir, name)).mode & 0o777).toString(8);
    expect([mode('a'), mode('a/b')]).toEqual(['755', '700']);
  });

  test('accepts a relative path', () => {
    const relative = path.relative(process.cwd(), path.join(dir, 'a', 'b'));
    makeFolder(fs, relative);
    expect(fs.statSync(path.join(dir, 'a', 'b')).isDirectory()).toBe(true);
  });

  test('leaves an existing folder as it is, also behind a link', () => {
    fs.mkdirSync(path.join(dir, 'a'), { mode: 0o700 });
    fs.symlinkSync('a', path.join(dir, 'link'));
    makeFolder(fs, path.join(dir, 'link'));
    expect((fs.statSync(path.join(dir, 'a')).mode & 0o777).toString(8)).toBe('700');
  });

  test('accepts a folder that another process creates at the same moment', () => {
    const mkdirSync = (folder: fs.PathLike) => {
      fs.mkdirSync(folder);
      return fs.mkdirSync(folder);
    };
    makeFolder({ ...fs, mkdirSync } as typeof fs, path.join(dir, 'a', 'b'));
    expect(fs.statSync(path.join(dir, 'a', 'b')).isDirectory()).toBe(true);
  });

  test('syncs the entry of each folder to disk', () => {
    const open = new Map<number, string>();
    const synced: string[] = [];
    const files = {
      ...fs,
      openSync: (name: string, flags: string) => {
        const fd = fs.openSync(name, flags);
        open.set(fd, path.relative(dir, name));
        return fd;
      },
      fsyncSync: (fd: number) => {
        synced.push(open.get(fd) ?? '?');
        fs.fsyncSync(fd);
      },
    } as typeof fs;
    makeFolder(files, path.join(dir, 'a', 'b'));
    expect(synced).toEqual(['', 'a']);
  });

  test('throws once for a folder that cannot be created', () => {
    expect(() => makeFolder(noRecursion, UNMAKEABLE)).toThrow('ENOENT');
  });

  test.each([
    ['a file in its place', 'file', 'EEXIST'],
    // Since Node 22 such a path is none that throws, but one that is not there.
    ['a file above it', 'file/b', /ENOTDIR|EEXIST/],
    ['a dangling link', 'link', 'EEXIST'],
  ])('throws for %s', (_, name, code) => {
    fs.writeFileSync(path.join(dir, 'file'), '');
    fs.symlinkSync('nowhere', path.join(dir, 'link'));
    expect(() => makeFolder(fs, path.join(dir, name))).toThrow(code);
  });
});

test.each(['EINVAL', 'ENOTSUP', 'ENOSYS', 'EBADF'])(
  'syncFolder ignores a folder that answers fsync with %s',
  (code) => {
    const fsyncSync = () => {
      throw Object.assign(new Error(code), { code });
    };
    syncFolder({ ...fs, fsyncSync }, dir);
  },
);

test('what root makes in the folder of a user is the user’s, all else is root’s', ({ skip }) => {
  skip(process.getuid?.() !== 0, 'needs root, to be two users');
  const owner = (name: string) => fs.lstatSync(path.join(dir, name)).uid;
  const make = () => {
    makeFolder(fs, path.join(dir, 'a', 'b'));
    fs.closeSync(openForAppend(fs, path.join(dir, 'a', 'b', 'rows'), 0o644));
    replaceFile(fs, path.join(dir, 'a', 'b', 'state'), '', 0o600);
    const owners = ['a', 'a/b', 'a/b/rows', 'a/b/state'].map(owner);
    fs.rmSync(path.join(dir, 'a'), { recursive: true });
    return owners;
  };
  expect(make()).toEqual([0, 0, 0, 0]);
  fs.chownSync(dir, 12_345, 12_345);
  expect(make()).toEqual([12_345, 12_345, 12_345, 12_345]);
});
