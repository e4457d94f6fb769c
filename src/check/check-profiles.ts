import type { Config } from '../config/config.ts';
import { uncheckedSites } from '../config/unchecked-sites.ts';
import { type Finding, warning } from './finding.ts';

/** Warns about enabled sites whose client does not check the gateway's certificate. */
export function checkCertificates(config: Pick<Config, 'sites'>): readonly Finding[] {
  return uncheckedSites(config).map(({ words, remedy }) => warning(words, remedy));
}
