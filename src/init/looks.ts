import path from 'node:path';
import { certificateFaults, expiryInWords } from '../certificates/certificate-words.ts';
import { fingerprintForm, fingerprintOf } from '../certificates/fingerprint.ts';
import { readCertificateInTime, tlsAddressOf } from '../certificates/read-gateway.ts';
import { checkClient } from '../check/check-clients.ts';
import { checkMail } from '../check/check-mail.ts';
import { type Finding, inWords, ok, warning } from '../check/finding.ts';
import type { Config } from '../config/config.ts';
import { checkReadable } from '../files/small-file.ts';
import { addressesOf } from '../host/network/addresses.ts';
import { startDeadline } from '../system/deadline.ts';
import type { System } from '../system/system.ts';
import type { Screen } from '../ui/screen.ts';
import { oneLine } from '../words/printable.ts';
import type { Given } from './answers.ts';
import { clientOf, type Look } from './init-question.ts';

/** How long to wait for a name server, in ms. */
const RESOLVE_MS = 5000;
/** How long to wait for a mail server while somebody waits for the next question, in ms. */
const MAIL_MS = 8000;

/** What looking needs. */
export interface LookParts {
  readonly system: System;
  readonly screen: Screen;
  readonly version: string;
  /** Absolute path of the config. */
  readonly file: string;
}

/**
 * Looks at what an answer names. Rejects with the reason of `signal`.
 *
 * @param load loads the config with the answers; `undefined` if it is not valid yet.
 */
export async function lookAt(
  look: Look,
  load: () => Config | undefined,
  parts: LookParts,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { system, file } = parts;
  if (look.kind === 'client') return [checkClient(look.client, system)];
  if (look.kind === 'host') {
    const addresses = await addressesOf(system, look.host, RESOLVE_MS, signal);
    return addresses.length > 0 ? [] : [warning(`${look.host} can't be resolved`)];
  }
  if (look.kind === 'file') {
    const named = path.resolve(path.dirname(file), look.name);
    const readable = checkReadable(system.files, named);
    return readable.ok ? [] : [warning(`${named} can't be read yet: ${readable.why}`)];
  }
  const config = load();
  return config === undefined ? [] : lookAtMail(config, parts, signal);
}

async function lookAtMail(
  config: Config,
  { system, screen, version }: LookParts,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  screen.status('checking the mail server');
  const deadline = startDeadline(system, MAIL_MS, signal);
  try {
    return await checkMail(config, system, version, deadline.signal, (words) =>
      screen.status(`mail server ${words}`),
    );
  } catch (error) {
    if (!deadline.expired()) throw error;
    const { host, port } = config.logging.email ?? {};
    return [
      warning(
        `mail server ${host}:${port}: not ready within ${MAIL_MS / 1000} s`,
        'if it is only slow, mails arrive all the same: vpn-monitor test-notify waits longer',
      ),
    ];
  } finally {
    deadline.end();
    screen.status(null);
  }
}

/**
 * Prints the certificate of a site's gateway, and returns its fingerprint as the site's client writes it; `undefined` if there is none.
 * Rejects with the reason of `signal`.
 */
export async function showCertificate(
  site: Given,
  { system, screen }: LookParts,
  signal: AbortSignal,
): Promise<string | undefined> {
  const client = clientOf(site);
  const form = fingerprintForm(client);
  const address = client && tlsAddressOf(client, site.vpn_gw ?? '');
  if (form === undefined || address === undefined) return undefined;
  const what = `certificate of ${address.host}:${address.port}`;
  screen.status(`reading the ${what}`);
  const read = await readCertificateInTime(address, system, signal);
  screen.status(null);
  signal.throwIfAborted();
  if (!read.ok) {
    screen.print(inWords(warning(`${what} can't be read: ${oneLine(read.why)}`), screen));
    return undefined;
  }
  const { subject, issuer, validFrom, validTo } = read.value;
  const [from, until] = [new Date(validFrom), new Date(validTo)];
  const now = system.now().getTime();
  const by = issuer === subject ? 'itself' : oneLine(issuer ?? '', 100);
  const faults = certificateFaults({ from, until, wrongName: null }, now).map((fault) => `; it ${fault}`);
  const fingerprint = fingerprintOf(read.value, form);
  const words = `for ${oneLine(subject ?? '', 100)}, signed by ${by}, ${expiryInWords({ until }, now)}${faults.join('')}`;
  screen.print(inWords({ ...ok(`${what}: ${fingerprint}`), remedy: words }, screen));
  return fingerprint;
}
