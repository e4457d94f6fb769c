import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import type { ClientHome } from '../clients/profile.ts';
import type { Config } from '../config/config.ts';
import { enabledClients } from '../config/used-clients.ts';
import { existingPart } from '../files/folder.ts';
import { reason } from '../files/reason.ts';
import { homeOf, userName } from '../rights/user-name.ts';
import type { System } from '../system/system.ts';
import { printableLine } from '../words/printable.ts';
import { type Finding, warning } from './finding.ts';
import { remedyFor, tryToWrite } from './try-to-write.ts';

/** More files than a client keeps, and levels of folders. */
const MOST_FILES = 500;
const MOST_LEVELS = 4;
/** Larger than a file with certificates, in bytes. */
const LARGEST = 1024 * 1024;

/**
 * Warns about the folder that a client of an enabled site keeps in the home folder of this user: one that can't be written, and
 * certificates in it that the client trusts whatever the config says. No finding for a user who is not in /etc/passwd.
 */
export function checkHomes(config: Config, system: System): readonly Finding[] {
  const home = homeOf(system, system.uid);
  if (home === undefined) return [];
  return enabledClients(config).flatMap(({ name, home: kept }) => {
    if (kept === undefined) return [];
    const folder = path.join(home, kept.folder);
    return [...checkWriting(name, folder, system), ...checkStored(name, folder, kept, config, system)];
  });
}

function checkWriting(client: string, folder: string, system: System): readonly Finding[] {
  const existing = existingPart(folder, system.files);
  try {
    tryToWrite(existing, system);
    return [];
  } catch (error) {
    const user = userName(system, system.uid);
    return [
      warning(
        `client ${client}: ${user} can't write to ${existing}: ${reason(error)}; the client keeps its lock and settings in ${folder}`,
        remedyFor(
          error,
          existing,
          'another home folder in /etc/passwd',
          `give ${user} a home folder that it may write to (the one in /etc/passwd counts, not HOME)`,
        ),
      ),
    ];
  }
}

function checkStored(
  client: string,
  folder: string,
  { trustKey }: ClientHome,
  { sites }: Config,
  system: System,
): readonly Finding[] {
  const isPinned = sites.some(
    (site) => site.enabled && site.client.name === client && site.clientKeys.has(trustKey ?? ''),
  );
  if (!isPinned) return [];
  return filesBelow(folder, system).flatMap((file) => {
    const certificates = certificatesIn(file, system);
    if (certificates.length === 0) return [];
    return [
      warning(
        `client ${client}: trusts the certificate in ${file}, whatever ${trustKey} says: ${certificates.join(', ')}`,
        'a user once answered Always; remove the file if this is not the certificate of a gateway',
      ),
    ];
  });
}

/** The regular files below a folder, sorted; what can't be read is left out. */
function filesBelow(folder: string, { files }: System): readonly string[] {
  const found: string[] = [];
  const look = (in_: string, levels: number) => {
    try {
      for (const entry of files.readdirSync(in_, { withFileTypes: true })) {
        if (found.length >= MOST_FILES) return;
        const file = path.join(in_, entry.name);
        if (entry.isDirectory() && levels > 1) look(file, levels - 1);
        if (entry.isFile()) found.push(file);
      }
    } catch {
      // A folder that this user can't read, the client can't read either.
    }
  };
  look(folder, MOST_LEVELS);
  return found.sort();
}

/** The certificates in a file, PEM or DER, by subject and SHA1 fingerprint. */
function certificatesIn(file: string, { files }: System): readonly string[] {
  try {
    if (files.statSync(file).size > LARGEST) return [];
    const bytes = files.readFileSync(file);
    const pem = bytes.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
    return (pem ?? [bytes]).flatMap(described);
  } catch {
    return [];
  }
}

function described(bytes: string | Buffer): readonly string[] {
  try {
    const { subject, fingerprint } = new X509Certificate(bytes);
    return [`${printableLine(subject)} (SHA1 ${fingerprint})`];
  } catch {
    return [];
  }
}
