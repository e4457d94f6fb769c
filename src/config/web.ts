import { BlockList } from 'node:net';
import type { WebConfig } from './config.ts';
import { type Credential, readSecretOf } from './credential.ts';
import type { Reading } from './reading.ts';
import { type Listen, sharesAddress } from './schema/address.ts';
import type { Settings } from './schema/config-schema.ts';
import { MISSING } from './yaml/problem.ts';
import { child } from './yaml/tree.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** All addresses of this host, in the forms that a config may have. */
const ALL = [undefined, '0.0.0.0', '::'];

/** Reads the password of the page, also if other keys are wrong. Reports each problem. */
export function readWebPassword(reading: Reading): Credential | undefined {
  const web = child(reading.root, 'web');
  return web?.value.kind === 'mapping' ? readSecretOf('password', web, ['web'], reading) : undefined;
}

/** Reports an address of the page that is for others without a password, or that overlaps with the one of the metrics without being the same. */
export function checkWeb({ root, report }: Reading, settings: Settings | undefined): void {
  const web = child(root, 'web');
  const { listen, passwordFile } = settings?.web ?? {};
  if (web === undefined || listen === undefined) return;
  const at = (child(web.value, 'listen') ?? web).at;
  if (!isLoopback(listen) && passwordFile === undefined) {
    const text = `${MISSING}: everybody who reaches this address could read the page`;
    report({ at, path: ['web', 'password_file'], text });
  }
  const metrics = settings?.metrics?.listen;
  if (metrics !== undefined && overlap(listen, metrics) && !sharesAddress(listen, metrics)) {
    const text = 'expected the address of metrics.listen, or another port';
    report({ at, path: ['web', 'listen'], text });
  }
}

/** Returns `web` as the program needs it. */
export function webConfig(
  { listen, hosts }: NonNullable<Settings['web']>,
  password: Credential | undefined,
): WebConfig {
  return { listen, hosts, password: password?.secret };
}

function isLoopback({ host }: Listen): boolean {
  return host !== undefined && LOOPBACK.check(host.replace(/%.*/, ''), host.includes(':') ? 'ipv6' : 'ipv4');
}

function overlap(a: Listen, b: Listen): boolean {
  return a.port === b.port && (a.host === b.host || ALL.includes(a.host) || ALL.includes(b.host));
}
