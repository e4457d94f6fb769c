import { resolve } from 'node:path';
import type { Target } from '../targets/target.ts';
import { checkNamedFile } from './named-file.ts';
import type { Reading } from './reading.ts';
import { type TargetSettings, targetsOf } from './schema/target-schema.ts';
import type { SiteClient } from './site-client.ts';
import { MISSING, type Path } from './yaml/problem.ts';
import { child, type Item, stringOf } from './yaml/tree.ts';

/**
 * Returns what stage 3 of a site asks; nothing if it pings `internal_ip`. Reports a problem if not exactly one of the two
 * keys is there, and each file that can't be read. An own client may declare a key `inside`: its sites need `internal_ip`.
 *
 * @param settings the value of `inside`; `undefined` if it is not there or not valid
 */
export function readInside(
  site: Item,
  settings: TargetSettings | undefined,
  path: Path,
  { client: { keys } }: SiteClient,
  reading: Reading,
): readonly Target[] {
  const { report } = reading;
  const isOffered = !Object.hasOwn(keys, 'inside');
  const internalIp = child(site.value, 'internal_ip');
  const inside = isOffered ? child(site.value, 'inside') : undefined;
  if (inside === undefined) {
    const text = isOffered ? `${MISSING} (or inside)` : MISSING;
    if (internalIp === undefined) report({ at: site.at, path: [...path, 'internal_ip'], text });
    return [];
  }
  if (internalIp !== undefined) {
    const text = 'expected only one of internal_ip, inside: internal_ip is there as well';
    report({ at: inside.at, path: [...path, 'inside'], text });
    return [];
  }
  if (settings === undefined) return [];
  checkAuthorities(inside, [...path, 'inside'], reading);
  return targetsOf(settings, (file) => resolve(reading.folder, file));
}

/** Reports each `ca` of targets that can't be read. */
export function checkAuthorities(inside: Item, path: Path, reading: Reading): void {
  if (reading.configOnly) return;
  const { value } = inside;
  const all: readonly (readonly [Item, Path])[] =
    value.kind === 'sequence' ? value.items.map((item, index) => [item, [...path, index]]) : [[inside, path]];
  for (const [item, at] of all) {
    const ca = child(item.value, 'ca');
    const name = stringOf(ca);
    if (ca === undefined || name === undefined) continue;
    const file = checkNamedFile(name, reading);
    if (!file.ok) reading.report({ at: ca.at, path: [...at, 'ca'], text: file.why });
  }
}
