import type fs from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { checkPrivateFolder, makePrivateFolder } from '../files/private-folder.ts';
import { reason } from '../files/reason.ts';
import { replaceFile } from '../files/replace-file.ts';
import type { Log } from '../log/log.ts';
import { count, time } from './fields.ts';

const dnsNote = v.object({
  /** The boot it was taken in: under another one it is stale. */
  bootId: v.string(),
  takenAt: time,
  /** The path of the file; `null`: an older program did not note it. */
  file: v.optional(v.nullable(v.string()), null),
  /** The original content, without a client's mark; `null`: a link that led nowhere. */
  content: v.nullable(v.string()),
  /** The target of the link that was at this path, `null` if there was none; not there if an older program took the note. */
  link: v.optional(v.nullable(v.string())),
  /** The permission bits of the file. */
  mode: v.optional(count, 0o644),
  /**
   * The version of a file that was changed during a test, not by the client as far as is known. It is left as it is, but it is not
   * noted before somebody writes it again.
   */
  unsure: v.optional(v.nullable(v.string()), null),
});

const resolvConfNote = v.object({
  /** The records of resolvconf. */
  records: v.array(v.string()),
  /** The name servers that the client was seen to set; `null`: it was not seen to change resolv.conf. */
  nameservers: v.nullable(v.array(v.string())),
});

const ipsecNote = v.object({
  /** Policies and associations, each as ip-xfrm(8) names it. */
  transforms: v.array(v.string()),
  /** The addresses of devices: `eth0 10.99.0.1/32`. */
  addresses: v.array(v.string()),
});

const networkNote = v.object({
  /** The boot it was taken in: under another one it is stale. */
  bootId: v.string(),
  /** The network devices; `null`: only resolv.conf is compared, for a client whose tunnel is no device. */
  devices: v.nullable(v.array(v.string())),
  /** The routes, as ip prints them. */
  routes: v.array(v.string()),
  /** The rules of routing, for a client that makes some. */
  rules: v.optional(v.array(v.string())),
  /** IPsec of the kernel, for a client whose tunnel may be that. */
  ipsec: v.optional(ipsecNote),
  /** The addresses of the gateway. */
  gateways: v.array(v.string()),
  /** The clients' marks that resolv.conf did not contain. */
  unmarked: v.array(v.string()),
  /** Of resolv.conf, what only this test says; not there if an older program took the note. */
  resolvConf: v.optional(resolvConfNote),
});

const hostNote = v.object({
  version: v.literal(1),
  dns: v.nullable(dnsNote),
  network: v.nullable(networkNote),
});

/** The parts of the state file of vpn-monitor 1.0.0 that are read. */
const stateVersion1 = v.object({ version: v.literal(1), dns: v.nullable(dnsNote) });

/** The resolv.conf of this boot without a client's mark. */
export type DnsNote = Readonly<v.InferOutput<typeof dnsNote>>;
/** What the note of a test says of resolv.conf. */
export type ResolvConfNote = v.InferOutput<typeof resolvConfNote>;
/** What a client whose tunnel is policies of the kernel may add to. */
export type IpsecNote = v.InferOutput<typeof ipsecNote>;
/** The network as it was before the test that runs, or ran when a monitor was killed. */
export type NetworkNote = Readonly<v.InferOutput<typeof networkNote>>;

/** The state of a host before a test, for the clean-up after it. `null`: not known. */
export interface HostNote {
  readonly dns: DnsNote | null;
  readonly network: NetworkNote | null;
}

/** Stores the note of a host. */
export interface HostNotes {
  /** The note as it is now. Never throws. */
  read(): HostNote;
  /** Changes parts of the note. Never throws. */
  change(parts: Partial<HostNote>): void;
}

/** The note of a host about which nothing is known. */
export const NO_NOTE: HostNote = { dns: null, network: null };

/**
 * The note in a file of its own. `run` and `once` both write it, each while it holds the host, so that either cleans up
 * after the other was killed. A note that can't be written is kept in memory, and the log says so. A damaged file, and one
 * in a folder that another user has put there, counts as none.
 *
 * Takes over what vpn-monitor 1.0.0 noted: the network in a file of its own, and resolv.conf in the state file. So it must
 * be opened before the state is saved.
 *
 * @param folder of the state
 */
export function openHostNotes(folder: string, files: typeof fs, log: Log): HostNotes {
  const file = path.join(folder, 'host.json');
  const networkBefore = path.join(folder, 'network.json');
  const dnsBefore = parsed(stateVersion1, path.join(folder, 'state.json'), files)?.dns ?? null;
  /** The note that could not be written to the file yet. */
  let unwritten: HostNote | undefined;

  const stored = (): HostNote => {
    // Routes and resolv.conf are restored as the note says.
    if (!checkPrivateFolder(files, folder).ok) return NO_NOTE;
    const note = parsed(hostNote, file, files);
    if (note !== undefined) return { dns: note.dns, network: note.network };
    return { dns: dnsBefore, network: parsed(networkNote, networkBefore, files) ?? null };
  };
  const read = () => unwritten ?? stored();

  return {
    read,
    change: (parts) => {
      const note = { ...read(), ...parts };
      try {
        makePrivateFolder(files, folder);
        replaceFile(files, file, `${JSON.stringify({ ...note, version: 1 })}\n`, 0o600);
        files.rmSync(networkBefore, { force: true });
        unwritten = undefined;
      } catch (error) {
        if (unwritten === undefined) {
          log.warning(`The note of this host can't be written: ${reason(error)}. A kill would lose it`);
        }
        unwritten = note;
      }
    },
  };
}

function parsed<S extends v.GenericSchema>(
  schema: S,
  file: string,
  files: typeof fs,
): v.InferOutput<S> | undefined {
  try {
    const result = v.safeParse(schema, JSON.parse(files.readFileSync(file, 'utf8')));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
