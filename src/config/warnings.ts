import type { Credential } from './credential.ts';
import type { Reading } from './reading.ts';
import { child, find, isExtension, type Node, ownEntries } from './yaml/tree.ts';

/** The group or others may read. */
const READABLE = 0o044;
/** Others may read. */
const READABLE_BY_ALL = 0o004;
/** The group or others may write. */
const WRITABLE = 0o022;

/** Returns what is valid but unwise in a config, one line each. */
export function warningsOf(reading: Reading, credentials: readonly Credential[]): string[] {
  const { root, file, mode } = reading;
  const warnings: string[] = [];
  if ((mode & READABLE) !== 0 && credentials.some(({ from }) => from === 'config')) {
    warnings.push(`${file} holds passwords and others may read it: ${shouldBe(mode)}`);
  }
  if ((mode & WRITABLE) !== 0) {
    const octal = mode.toString(8).padStart(4, '0');
    warnings.push(
      `others may write to ${file} and so choose what is run: its mode is ${octal}, chmod go-w it`,
    );
  }
  for (const { path, mode = 0 } of credentials) {
    // A group may be right: for the user of a service, or as the mask of an access control list (systemd's credentials).
    if ((mode & READABLE_BY_ALL) === 0) continue;
    warnings.push(`${path.join('.')}: everybody may read the file it names: ${shouldBe(mode)}`);
  }
  for (const { path, commented } of credentials) {
    if (!commented) continue;
    warnings.push(`${path.join('.')}: what follows # is a comment: put the password in quotes`);
  }
  if (find(root, 'logging', 'email') === undefined && find(root, 'channels') === undefined) {
    warnings.push('logging.email is left out: no mail is sent');
  }
  const sites = child(root, 'sites')?.value;
  if (sites?.kind !== 'mapping') return warnings;
  if (ownEntries(sites).every(([, { value }]) => isDisabled(value))) {
    warnings.push('no site is enabled: nothing is tested');
  }
  for (const [name, { value }] of sites.entries) {
    if (isExtension(name) && child(value, 'vpn_gw') && child(value, 'external_ip')) {
      warnings.push(
        `sites.${name} looks like a site and is not tested: names that begin with x- are ignored`,
      );
    }
  }
  return warnings;
}

function shouldBe(mode: number): string {
  return `its mode is ${mode.toString(8).padStart(4, '0')} and should be 0600`;
}

function isDisabled(site: Node): boolean {
  const enabled = child(site, 'enabled')?.value;
  return enabled?.kind === 'scalar' && enabled.value === false;
}
