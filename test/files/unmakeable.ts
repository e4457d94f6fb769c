import fs from 'node:fs';

/** A folder that can't be created although the one above it exists: mkdir(2) answers ENOENT. */
export const UNMAKEABLE = '/proc/vpn-monitor-none/results';

/** node:fs without `recursive`, which would loop there without end instead of failing the test. */
export const noRecursion = {
  ...fs,
  mkdirSync: (folder: fs.PathLike, options?: fs.MakeDirectoryOptions) => {
    if (options?.recursive) throw new Error('mkdir would never end');
    return fs.mkdirSync(folder, options);
  },
} as typeof fs;
