import { twoDigits } from '../words/numbers.ts';
import { shortMs } from '../words/time.ts';
import type { HourFigures } from './gather.ts';
import { type Html, html } from './html.ts';

const WIDTH = 420;
const LEFT = 54;
const STEP = (WIDTH - LEFT) / 24;
// The upper part shows the time to log in, the lower part failures.
const TOP = 8;
const BASE = 120;
const FAILED_TOP = 142;
const FAILED_BASE = 178;

/** Returns a chart of log-in times and failures by hour of the day. */
export function hoursChart(hours: readonly HourFigures[]): Html {
  const highest = Math.max(1, ...hours.map(({ p95 }) => p95 ?? 0)) * 1.05;
  const worst = Math.max(0, ...hours.map(share));
  const y = (ms: number) => round(BASE - ((BASE - TOP) * ms) / highest);
  const columns = hours.map((hour, index) => {
    const x = round(LEFT + index * STEP + 1.5);
    const width = round(STEP - 3);
    const { p5, p50, p95 } = hour;
    const login =
      p5 === null || p50 === null || p95 === null
        ? html``
        : html`<rect class="spread" x="${x}" y="${y(p95)}" width="${width}" height="${round(Math.max(1, y(p5) - y(p95)))}"/><line class="middle" x1="${x}" x2="${round(x + width)}" y1="${y(p50)}" y2="${y(p50)}"/>`;
    const height = worst === 0 ? 0 : round(((FAILED_BASE - FAILED_TOP) * share(hour)) / worst);
    const failed =
      height === 0
        ? html``
        : html`<rect class="failed" x="${x}" y="${round(FAILED_BASE - height)}" width="${width}" height="${height}"/>`;
    return html`<g><title>${words(hour, index)}</title><rect x="${x}" y="${TOP}" width="${width}" height="${FAILED_BASE - TOP}" fill="transparent"/>${login}${failed}</g>`;
  });
  const labels = [0, 6, 12, 18].map(
    (hour) => html`<text x="${round(LEFT + hour * STEP)}" y="194">${twoDigits(hour)}:00</text>`,
  );
  return html`<svg class="hours" viewBox="0 0 ${WIDTH} 200" role="img" aria-label="log-in times and failures by hour of day">
<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${y(highest / 1.05)}" y2="${y(highest / 1.05)}"/><line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${BASE}" y2="${BASE}"/><line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${FAILED_BASE}" y2="${FAILED_BASE}"/>
<text x="${LEFT - 8}" y="${y(highest / 1.05) + 4}" text-anchor="end">${shortMs(highest / 1.05)}</text><text x="${LEFT - 8}" y="${BASE}" text-anchor="end">0</text>
<text x="${LEFT - 8}" y="${FAILED_TOP + 8}" text-anchor="end">${worst === 0 ? '' : percent(worst)}</text><text x="${LEFT - 8}" y="${FAILED_BASE}" text-anchor="end">0</text>
${columns}${labels}</svg>`;
}

function share({ tests, failed }: HourFigures): number {
  return tests === 0 ? 0 : failed / tests;
}

function words(hour: HourFigures, index: number): string {
  const time = `${twoDigits(index)}:00 to ${twoDigits(index + 1)}:00`;
  if (hour.tests === 0) return `${time}: not measured`;
  const failed = `${hour.failed} of ${hour.tests} tests failed`;
  if (hour.p50 === null) return `${time}: ${failed}`;
  return `${time}: log in ${shortMs(hour.p50)} (${shortMs(hour.p5 ?? 0)} to ${shortMs(hour.p95 ?? 0)}), ${failed}`;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(part < 0.1 ? 1 : 0)} %`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
