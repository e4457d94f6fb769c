import type { PageNews } from './page-news.ts';

/**
 * What the page's program was told and has to know after a restart: the last transcript of each site (at most 4000 characters), the steps that
 * run, and when the next cycle begins.
 */
export class ToldNews {
  readonly #transcripts = new Map<string, PageNews>();
  readonly #steps = new Map<string, PageNews>();
  #cycle: PageNews | undefined;

  add(news: PageNews): void {
    switch (news.kind) {
      case 'step':
        this.#steps.set(news.site, news);
        break;
      case 'finished':
        this.#steps.delete(news.site);
        if (news.transcript !== null) this.#transcripts.set(news.site, news);
        break;
      case 'cycle':
      case 'idle':
        this.#steps.clear();
        this.#cycle = news;
        break;
      case 'end':
        break;
    }
  }

  /** In an order in which they lead to the present state. Forgets the transcripts of other sites. */
  all(sites: readonly string[]): readonly PageNews[] {
    for (const site of this.#transcripts.keys()) if (!sites.includes(site)) this.#transcripts.delete(site);
    const cycle = this.#cycle === undefined ? [] : [this.#cycle];
    return [...this.#transcripts.values(), ...cycle, ...this.#steps.values()];
  }
}
