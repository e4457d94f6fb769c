import type UPlot from 'uplot';
import { shortMs } from '../../words/time.ts';
import type { Clock } from '../clock.ts';
import { ticksOf } from '../ticks.ts';
import { drawAreas, drawCrosses } from './marks.ts';
import { readout } from './readout.ts';
import { readTheme, type Theme } from './theme.ts';
import type { Site, Stage } from './unpack.ts';
import type { View } from './view.ts';

// Defined by the library's script, which runs first.
declare const uPlot: typeof UPlot;

/** The three charts of one site. */
export interface Charts {
  /** Applies the time range of the view. */
  follow(): void;
  /** Applies the width and colours of the page. `paper`: whether for printing, where charts are lower. */
  restyle(paper: boolean): void;
}

/** Heights of the charts of ping outside, log in and ping inside, in CSS pixels. The time axis is below the last one. */
const HEIGHTS = [84, 168, 84];
const TIME_AXIS = 28;
/** How high a chart is on paper: a site should fit on a page. */
const ON_PAPER = 0.65;
const VALUE_AXIS = 62;
/** Space to the right of a chart. */
const RIGHT = 12;
/** How much of a time label is beyond that space if it stands at the end. */
const HALF_LABEL = 12;
const NO_VALUES: Stage = { median: [], min: [], max: [] };
/** A chart reaches up to this multiple of the 99th percentile of the medians. */
const HEADROOM = 1.6;
/** Width of a label of the time axis, in CSS pixels. */
const TICK_WIDTH = 64;

/** Draws a site's charts in `element`: one for each stage, and a line with the values under the mouse. */
export function createCharts(element: HTMLElement, site: Site, view: View, clock: Clock): Charts {
  const words = element.querySelector('.readout');
  const idle = words?.textContent ?? '';
  const panes = [...element.querySelectorAll<HTMLElement>('.pane')];
  let theme = readTheme();
  const say = (plot: UPlot) => {
    const index = plot.cursor.idx;
    const pointed = typeof index === 'number' && (plot.cursor.left ?? -1) >= 0;
    words?.replaceChildren(...(pointed ? readout(site, index, clock).map(item) : [idle]));
  };
  const plots = panes.map((pane, stage) => {
    const values = site.stages[stage] ?? NO_VALUES;
    const isLast = stage === panes.length - 1;
    const options: UPlot.Options = {
      width: pane.clientWidth,
      height: heightOf(stage),
      padding: [6, RIGHT, isLast ? 0 : 6, 0],
      legend: { show: false },
      cursor: {
        sync: { key: element.id },
        drag: { x: true, y: false, setScale: false },
        points: { size: 7 },
        y: false,
      },
      scales: {
        x: { time: false, range: () => [view.from, view.to] },
        y: { range: () => [0, topOf(values, site.times, view) * 1.12] },
      },
      series: [{}, line(values.median), edge(), edge()],
      bands: [{ series: [2, 3], fill: () => theme.band }],
      axes: [timeAxis(isLast, () => theme, clock), valueAxis(() => theme)],
      hooks: {
        drawClear: [(plot) => drawAreas(plot, site, stage, theme)],
        draw: [(plot) => drawCrosses(plot, site, stage, theme)],
        setCursor: stage === 0 ? [say] : [],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width < 4) return;
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            view.show(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
          },
        ],
      },
    };
    const data: UPlot.AlignedData = [[...site.times], [...values.median], [...values.max], [...values.min]];
    const plot = new uPlot(options, data, pane);
    plot.over.addEventListener('dblclick', () => view.show(view.whole.from, view.whole.to));
    return plot;
  });
  return {
    follow: () => {
      for (const plot of plots) plot.setScale('x', { min: view.from, max: view.to });
    },
    restyle: (paper) => {
      theme = readTheme();
      for (const [index, plot] of plots.entries()) {
        const height = heightOf(index) * (paper ? ON_PAPER : 1);
        plot.setSize({ width: panes[index]?.clientWidth ?? plot.width, height });
        plot.redraw(true, true);
      }
    },
  };

  function line(values: readonly (number | null)[]): UPlot.Series {
    return {
      stroke: () => theme.line,
      width: 1.25,
      points: {
        // A test between two failures has no line, so it is drawn as a dot.
        show: true,
        size: 4,
        fill: () => theme.line,
        filter: (_plot, _series, shown) => (shown ? alone(values) : null),
      },
    };
  }
}

/** The height of a stage's chart, in CSS pixels. */
function heightOf(stage: number): number {
  return (HEIGHTS[stage] ?? 0) + (stage === HEIGHTS.length - 1 ? TIME_AXIS : 0);
}

function item(text: string): HTMLElement {
  const element = document.createElement('span');
  element.textContent = text;
  return element;
}

/** Minimum and maximum have no line: the band between them is filled. */
function edge(): UPlot.Series {
  return { width: 0, points: { show: false } };
}

/** Returns the highest visible value. Cuts off rare peaks, which would flatten the rest. */
function topOf({ median, max }: Stage, times: readonly number[], { from, to }: View): number {
  const shown = (values: readonly (number | null)[]) =>
    values
      .filter((_, index) => (times[index] ?? 0) >= from && (times[index] ?? 0) <= to)
      .filter((value) => value !== null)
      .sort((a, b) => a - b);
  const medians = shown(median);
  const usual = medians[Math.floor(0.99 * (medians.length - 1))] ?? 1;
  return Math.max(0.01, Math.min(shown(max).at(-1) ?? 1, HEADROOM * usual));
}

/** Returns the indexes of values without a neighbour. */
function alone(values: readonly (number | null)[]): number[] {
  const found: number[] = [];
  for (const [index, value] of values.entries()) {
    if (value !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null)
      found.push(index);
  }
  return found;
}

function timeAxis(shown: boolean, theme: () => Theme, clock: Clock): UPlot.Axis {
  const ticks = (plot: UPlot, from: number, to: number) =>
    ticksOf(clock, from * 1000, to * 1000, Math.max(2, Math.floor(plot.width / TICK_WIDTH)));
  return {
    size: shown ? TIME_AXIS : 0,
    gap: 6,
    font: theme().font,
    stroke: () => theme().quiet,
    grid: { stroke: () => theme().rule, width: 1 },
    ticks: { show: false },
    splits: (plot, _axis, from, to) => ticks(plot, from, to).map(({ time }) => time / 1000),
    values: (plot, splits) => {
      if (!shown) return splits.map(() => null);
      const labels = new Map(
        ticks(plot, view(plot).from, view(plot).to).map(({ time, label }) => [time / 1000, label]),
      );
      const { from, to } = view(plot);
      // A label near the right edge would be cut off.
      const last = to - ((to - from) * HALF_LABEL) / Math.max(1, plot.width - VALUE_AXIS - RIGHT);
      return splits.map((split) => (split > last ? '' : (labels.get(split) ?? '')));
    },
  };
}

function view(plot: UPlot): { readonly from: number; readonly to: number } {
  return { from: plot.scales['x']?.min ?? 0, to: plot.scales['x']?.max ?? 0 };
}

function valueAxis(theme: () => Theme): UPlot.Axis {
  return {
    size: VALUE_AXIS,
    gap: 8,
    space: 34,
    font: theme().font,
    stroke: () => theme().quiet,
    grid: { stroke: () => theme().rule, width: 1 },
    ticks: { show: false },
    values: (_plot, splits) =>
      // `2.50 s` becomes `2.5 s`, `5.00 s` becomes `5 s`.
      splits.map((value) => (value === 0 ? '0' : shortMs(value).replace(/\.?(?<=\.\d*)0+(?= )/, ''))),
  };
}
