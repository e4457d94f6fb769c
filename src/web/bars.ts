import type { Availability } from '../history/availability.ts';
import { type Html, html, raw } from '../report/html.ts';

const HEIGHT = 12;
/** Lowest bar of an outage, so that one of a minute is visible too. */
const MIN_HEIGHT = 3;

/**
 * Returns the availability as a row of columns, readable without colours: pale for the share of the time that the site was up, dark from the
 * ground for the share that it was down, empty where nothing was measured. Equal neighbours are one shape: a page has hundreds.
 */
export function columns(parts: readonly Availability[], label: string): Html {
  const heights = parts.map(heightsOf);
  const up = shapes(heights, ({ down, up }) => [HEIGHT - down - up, up]);
  const down = shapes(heights, ({ down }) => [HEIGHT - down, down]);
  return html`<svg class="bars" viewBox="0 0 ${parts.length} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${up === '' ? '' : html`<path class="up" d="${up}"/>`}${down === '' ? '' : html`<path class="down" d="${down}"/>`}</svg>`;
}

interface Heights {
  readonly up: number;
  readonly down: number;
}

function heightsOf({ up, down, unknown }: Availability): Heights {
  const whole = up + down + unknown;
  if (whole === 0) return { up: 0, down: 0 };
  const dark = down === 0 ? 0 : Math.max(MIN_HEIGHT, Math.round((HEIGHT * down) / whole));
  return { up: Math.min(HEIGHT - dark, Math.round((HEIGHT * up) / whole)), down: dark };
}

/** A path with a rectangle for each run of equal columns. */
function shapes(
  heights: readonly Heights[],
  place: (heights: Heights) => readonly [top: number, height: number],
): string {
  let path = '';
  for (let from = 0, to = 0; from < heights.length; from = to) {
    const [top, height] = place(heights[from] ?? { up: 0, down: 0 });
    for (to = from + 1; to < heights.length; to += 1) {
      const [nextTop, nextHeight] = place(heights[to] ?? { up: 0, down: 0 });
      if (nextTop !== top || nextHeight !== height) break;
    }
    if (height > 0) path += `M${from} ${top}h${to - from}v${height}h${from - to}z`;
  }
  return path;
}

/** Returns numbers as a line from left to right, from zero up; `null`: a gap. A number without a neighbour is a short line. */
export function line(numbers: readonly (number | null)[], label: string): Html {
  const highest = Math.max(0, ...numbers.map((number) => number ?? 0));
  let path = '';
  let open = false;
  for (const [index, number] of numbers.entries()) {
    if (number !== null) {
      const y = Number((HEIGHT - 1 - (number / (highest || 1)) * (HEIGHT - 2)).toFixed(1));
      path += open ? `L${index + 0.5} ${y}` : `M${index} ${y}h.5`;
    }
    open = number !== null;
  }
  return html`<svg class="bars" viewBox="0 0 ${numbers.length} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}"><path class="line" d="${raw(path)}"/></svg>`;
}
