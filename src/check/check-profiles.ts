import type nodeFs from 'node:fs';
import type { Config } from '../config/config.ts';
import { uncheckedSites } from '../config/unchecked-sites.ts';
import { unwatchedSites } from '../config/unwatched-sites.ts';
import { type Finding, warning } from './finding.ts';

/** Warns about enabled sites whose client does not check the gateway's certificate, or can't be watched. */
export function checkProfiles(config: Pick<Config, 'sites'>, files: typeof nodeFs): readonly Finding[] {
  const remarks = [...uncheckedSites(config), ...unwatchedSites(config, files)];
  return remarks.map(({ words, remedy, site }) => ({
    ...warning(words, remedy),
    ...(site === undefined ? {} : { site }),
  }));
}
