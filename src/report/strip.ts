import type { Availability } from '../history/availability.ts';
import type { Range } from '../history/spans.ts';
import { HOUR_MS, roundedDuration } from '../words/time.ts';
import { type Clock, dateOf, momentOf } from './clock.ts';
import { type Html, html } from './html.ts';

const WIDTH = 6;
const HEIGHT = 24;
/** Lowest bar of an outage, so that one of a minute is visible too. */
const MIN_HEIGHT = 3;

/**
 * Returns the availability of a site as a row of columns, readable without colours: a pale bar for the share of the time that it
 * was up, below it a dark bar for the share that it was down, and a dot where nothing was measured.
 */
export function strip(parts: readonly Availability[], ranges: readonly Range[], clock: Clock): Html {
  const columns = parts.map((part, index) => column(part, index, when(ranges[index], clock)));
  return html`<svg viewBox="0 0 ${parts.length * WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="availability over time">${columns}</svg>`;
}

function column({ up, down, unknown }: Availability, index: number, time: string): Html {
  const whole = up + down + unknown;
  const x = index * WIDTH;
  const width = WIDTH - 1;
  if (whole === 0 || up + down === 0) {
    return html`<g><title>${time}: not measured</title><rect class="none" x="${x + 1.5}" y="${HEIGHT - 3}" width="2" height="2"/></g>`;
  }
  const dark = down === 0 ? 0 : Math.max(MIN_HEIGHT, Math.round((HEIGHT * down) / whole));
  const pale = Math.min(HEIGHT - dark, Math.round((HEIGHT * up) / whole));
  const words = [
    down > 0 ? `down ${roundedDuration(down)}` : 'up',
    ...(unknown > 0 ? [`not measured ${roundedDuration(unknown)}`] : []),
  ];
  const bars = [
    ...(pale > 0
      ? [html`<rect class="up" x="${x}" y="${HEIGHT - dark - pale}" width="${width}" height="${pale}"/>`]
      : []),
    ...(dark > 0
      ? [html`<rect class="down" x="${x}" y="${HEIGHT - dark}" width="${width}" height="${dark}"/>`]
      : []),
  ];
  return html`<g><title>${time}: ${words.join(', ')}</title>${bars}</g>`;
}

/** A part in words: an hour, a day, or several. */
function when(range: Range | undefined, clock: Clock): string {
  if (range === undefined) return '';
  const [first, last] = [clock.at(range.from), clock.at(range.to - 1)];
  if (range.to - range.from <= HOUR_MS) return momentOf(first);
  return dateOf(first) === dateOf(last) ? dateOf(first) : `${dateOf(first)} to ${dateOf(last)}`;
}
