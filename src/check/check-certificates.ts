import type { Config } from '../config/config.ts';
import { uncheckedSites } from '../config/unchecked-sites.ts';
import { type Finding, warning } from './finding.ts';

/** The enabled sites at which the gateway's certificate is not checked. */
export function checkCertificates(config: Pick<Config, 'sites'>): readonly Finding[] {
  return uncheckedSites(config).map(({ words, remedy }) => warning(words, remedy));
}
