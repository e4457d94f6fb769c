import fs from 'node:fs';

/** A folder that can't be made though the one above it is there: mkdir(2) answers ENOENT. */
export const UNMAKEABLE = '/proc/vpn-monitor-none/results';

/** The files, less what would spin for ever there and with it the test that should say so. */
export const noRecursion = {
  ...fs,
  mkdirSync: (folder: fs.PathLike, options?: fs.MakeDirectoryOptions) => {
    if (options?.recursive) throw new Error('mkdir would never end');
    return fs.mkdirSync(folder, options);
  },
} as typeof fs;
