import path from 'node:path';
import * as v from 'valibot';
import { makePrivateFolder, whyNotOurs } from '../../files/private-folder.ts';
import { reason } from '../../files/reason.ts';
import { replaceFile } from '../../files/replace-file.ts';
import type { Log } from '../../log/log.ts';
import type { System } from '../../system/system.ts';

const networkNote = v.object({
  /** The boot it was taken in: under another one it is stale. */
  bootId: v.string(),
  /** `null`: only resolv.conf is looked at, for a client whose tunnel is no device. */
  devices: v.nullable(v.array(v.string())),
  routes: v.array(v.string()),
  /** Addresses of the gateway. */
  gateways: v.array(v.string()),
  /** The clients' words that resolv.conf did not hold. */
  unmarked: v.array(v.string()),
});

/** The network as it was before the test that runs, for whoever cleans up after it. */
export type NetworkNote = Readonly<v.InferOutput<typeof networkNote>>;

/** Where the note of the test that runs is kept. */
export interface NetworkNotes {
  /** The network before the test that runs, or ran when a monitor was killed; `null`: there is nothing to restore. */
  last: NetworkNote | null;
}

/**
 * The note in a file of its own: `run` and `once` both write it, each while it holds the host, and either cleans up after the other
 * was killed. One that can't be written is kept in memory, and the log says so. A damaged one is none,
 * and so is one in a folder that another user has put there.
 *
 * @param folder of the state
 */
export function networkNotes(folder: string, system: System, log: Log): NetworkNotes {
  const file = path.join(folder, 'network.json');
  const { files } = system;
  /** What the file should hold, while it can't. */
  let unwritten: { readonly note: NetworkNote | null } | undefined;
  return {
    get last() {
      return unwritten === undefined ? read(file, system) : unwritten.note;
    },
    set last(note) {
      try {
        if (note === null) {
          if (whyNotOurs(files, folder) === null) files.rmSync(file, { force: true });
        } else {
          makePrivateFolder(files, folder);
          replaceFile(files, file, `${JSON.stringify(note)}\n`, 0o600);
        }
        unwritten = undefined;
      } catch (error) {
        if (unwritten === undefined) {
          log.warning(`The note of the network can't be written: ${reason(error)}. A kill would lose it`);
        }
        unwritten = { note };
      }
    },
  };
}

function read(file: string, { files }: System): NetworkNote | null {
  // Routes are put back as the note says.
  if (whyNotOurs(files, path.dirname(file)) !== null) return null;
  try {
    const parsed = v.safeParse(networkNote, JSON.parse(files.readFileSync(file, 'utf8')));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
