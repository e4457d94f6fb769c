import path from 'node:path';
import type { Config } from '../config/config.ts';
import { existingPart } from '../files/folder.ts';
import { reason } from '../files/reason.ts';
import type { System } from '../system/system.ts';
import { type Finding, missing, ok, warning } from './finding.ts';
import { remedyFor, tryToWrite } from './try-to-write.ts';

/** The minimum free space in the results folder, in bytes: a day's rows and a full set of logs. */
const LITTLE_ROOM = 64 * 1024 * 1024;

/** The results folder, and the folder of the log if that is another one. */
export function checkResults({ logging }: Config, system: System): readonly Finding[] {
  const log = path.dirname(logging.log);
  return [
    checkFolder('results', logging.dir, 'logging.dir', system),
    ...(log === logging.dir ? [] : [checkFolder('log', log, 'logging.log', system)]),
  ];
}

/** Whether this user can create and write a folder, and whether there is enough free space. */
function checkFolder(what: string, wanted: string, setting: string, system: System): Finding {
  const { files } = system;
  try {
    const folder = existingPart(wanted, files);
    tryToWrite(folder, system);
    const made = folder === wanted ? '' : ', it will be made';
    const { bavail, bsize } = files.statfsSync(folder);
    const room = bavail * bsize;
    if (room >= LITTLE_ROOM) return ok(`${what}: ${wanted} can be written${made}`);
    const megabytes = (room / 1024 / 1024).toFixed(0);
    return warning(`${what}: only ${megabytes} MB are free in ${wanted}`);
  } catch (error) {
    return missing(
      `${what}: ${wanted} can't be written: ${reason(error)}`,
      remedyFor(
        error,
        existingPart(wanted, files),
        setting,
        `give this user the folder (chown), or choose another one: ${setting}`,
      ),
    );
  }
}
