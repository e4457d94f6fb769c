import type { Config } from '../config/config.ts';
import { existingPart } from '../files/folder.ts';
import { reason } from '../files/reason.ts';
import type { System } from '../system/system.ts';
import { type Finding, missing, ok, warning } from './finding.ts';
import { remedyFor, tryToWrite } from './try-to-write.ts';

/** The minimum free space in the results folder, in bytes: a day's rows and a full set of logs. */
const LITTLE_ROOM = 64 * 1024 * 1024;

/** Whether this user can create and write the results folder, and whether there is enough free space. */
export function checkResults({ logging }: Config, system: System): Finding {
  const { files } = system;
  try {
    const folder = existingPart(logging.dir, files);
    tryToWrite(folder, system);
    const made = folder === logging.dir ? '' : ', it will be made';
    const { bavail, bsize } = files.statfsSync(folder);
    const room = bavail * bsize;
    if (room >= LITTLE_ROOM) return ok(`results: ${logging.dir} can be written${made}`);
    const megabytes = (room / 1024 / 1024).toFixed(0);
    return warning(`results: only ${megabytes} MB are free in ${logging.dir}`);
  } catch (error) {
    return missing(
      `results: ${logging.dir} can't be written: ${reason(error)}`,
      remedyFor(
        error,
        existingPart(logging.dir, files),
        'logging.dir',
        'give this user the folder (chown), or choose another one: logging.dir',
      ),
    );
  }
}
