import type { Config, SiteConfig } from '../config/config.ts';
import { failed, good, type Result } from '../model/result.ts';
import { nearest } from '../words/nearest.ts';

/** Returns the sites with these names, in the order of the config. Fails if a name is unknown. */
export function sitesNamed({ sites }: Config, names: readonly string[]): Result<readonly SiteConfig[]> {
  const known = sites.map((site) => site.name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const guess = nearest(name, known);
    return failed(`unknown site '${name}'${guess === undefined ? '' : `, did you mean ${guess}?`}`);
  }
  return good(sites.filter((site) => names.includes(site.name)));
}
