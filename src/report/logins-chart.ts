import { shortMs } from '../words/time.ts';
import type { SiteReport } from './gather.ts';
import { type Html, html } from './html.ts';

const WIDTH = 1000;
const HEIGHT = 100;

/** Returns what a page without scripts shows in place of the charts: log-in times over the range. */
export function loginsChart({ logins }: SiteReport): Html {
  const highest = Math.max(0, ...logins.map((ms) => ms ?? 0));
  const step = WIDTH / logins.length;
  let path = '';
  let open = false;
  for (const [index, ms] of logins.entries()) {
    if (ms !== null) {
      const y = Math.round(HEIGHT - (HEIGHT * ms) / (highest * 1.05));
      // A value without a neighbour is a short line.
      path += `${open ? 'L' : 'M'}${Math.round((index + 0.5) * step)} ${y}h1`;
    }
    open = ms !== null;
  }
  const line =
    highest === 0
      ? html`<p class="quiet">No log-in succeeded.</p>`
      : html`<svg class="logins" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="log-in times, at most ${shortMs(highest)}"><path d="${path}"/></svg>`;
  return html`<div class="card"><h3>Log in, median: 0 to ${shortMs(highest)}</h3>${line}<p class="small quiet">The charts of each stage need JavaScript, which is off here.</p></div>`;
}
