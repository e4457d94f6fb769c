import { counted } from '../words/numbers.ts';
import type { Finding } from './finding.ts';

/** What was found about each site, to be printed together. */
export class BySite {
  readonly #found = new Map<string, Finding[]>();

  /** Notes a finding about a site. */
  add(site: string, finding: Finding): void {
    const found = this.#found.get(site) ?? [];
    found.push(finding);
    this.#found.set(site, found);
  }

  /** All findings, site by site, in the order of `sites`. */
  inOrder(sites: readonly string[]): readonly Finding[] {
    return sites.flatMap((site) => this.#found.get(site) ?? []);
  }

  /** How many sites there are of each verdict, by the worst of its findings; `undefined` for less than two sites. */
  summary(): string | undefined {
    const counts = { ok: 0, warning: 0, missing: 0 };
    for (const findings of this.#found.values()) {
      const verdicts = findings.map(({ verdict }) => verdict);
      counts[(['missing', 'warning'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'ok'] += 1;
    }
    const all = this.#found.size;
    if (all < 2) return undefined;
    return `${counted(all, 'site')}: ${counts.ok} ok, ${counts.warning} with warnings, ${counts.missing} with something missing`;
  }
}
