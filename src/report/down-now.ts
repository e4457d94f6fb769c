import type { Outage } from '../history/outages.ts';
import { roundedDuration } from '../words/time.ts';
import { type Clock, momentOf } from './clock.ts';
import { type Html, html } from './html.ts';
import type { PlacedSite } from './overview.ts';

/**
 * Returns a list of the sites whose last test failed, the longest failure first; nothing if there are none.
 *
 * @param isNow whether the report ends when it is made
 */
export function downNow(placed: readonly PlacedSite[], isNow: boolean, clock: Clock): Html {
  const down = placed
    .flatMap(({ id, site }) => {
      const last = latest([site.outages.at(-1), site.shortFailures.at(-1)]);
      return last?.end === 'ongoing' ? [{ id, name: site.name, last }] : [];
    })
    .toSorted((a, b) => a.last.from - b.last.from);
  if (down.length === 0) return html``;
  const items = down.map(({ id, name, last }) => {
    const { from, to, earlier, causes, tests } = last;
    const since = `${earlier ? 'since before' : 'since'} ${momentOf(clock.at(from))}`;
    const how = `${earlier ? 'at least ' : ''}${roundedDuration(to - from)}`;
    const why = causes.length === 0 ? '' : `: ${causes.join(', ')}`;
    return html`<li><a href="#${id}"><bdi>${name}</bdi></a> ${since} (${how}, ${tests.toLocaleString('en-US')} failed ${tests === 1 ? 'test' : 'tests'})${why}</li>`;
  });
  return html`<section class="down-now"><h2>${isNow ? 'Down now' : 'Down at the end'}</h2><ul>${items}</ul></section>`;
}

function latest(outages: readonly (Outage | undefined)[]): Outage | undefined {
  return outages.filter((outage) => outage !== undefined).toSorted((a, b) => b.to - a.to)[0];
}
