import type UPlot from 'uplot';
import type { Theme } from './theme.ts';
import type { Site, Stretch } from './unpack.ts';

/** Smallest width of a mark, to be visible, in CSS pixels. */
const MIN_WIDTH = 2;
/** Half the width of a cross and its line, in CSS pixels: it is never cut off. */
const CROSS = 5;
/** Smallest distance between two crosses, in CSS pixels. */
const CROSS_DISTANCE = 14;

/** Draws gaps and failures of this stage behind the lines, with different patterns, so that they differ without colours too. */
export function drawAreas(plot: UPlot, site: Site, stage: number, theme: Theme): void {
  const { ctx } = plot;
  const scale = devicePixelRatio;
  const pattern = { gap: dots(ctx, theme.quiet, scale), outage: stripes(ctx, theme.bad, scale) };
  inside(plot, ({ top, height }) => {
    for (const { left, width } of areas(plot, site.gaps)) {
      fill(ctx, theme.empty, left, top, width, height);
      fill(ctx, moved(pattern.gap, left), left, top, width, height);
    }
    for (const { left, width } of areas(plot, failures(site, stage))) {
      fill(ctx, moved(pattern.outage, left), left, top, width, height);
      fill(ctx, theme.bad, left, top, width, 3 * scale);
    }
  });
}

/** Draws crosses at the failures of this stage, above everything, if there is room. */
export function drawCrosses(plot: UPlot, site: Site, stage: number, theme: Theme): void {
  const scale = devicePixelRatio;
  let last = Number.NEGATIVE_INFINITY;
  inside(plot, (box) => {
    const [first, end] = [box.left + CROSS * scale, box.left + box.width - CROSS * scale];
    for (const { left, width } of areas(plot, failures(site, stage))) {
      const middle = Math.max(first, Math.min(end, left + width / 2));
      if (middle - last < CROSS_DISTANCE * scale) continue;
      last = middle;
      cross(plot.ctx, middle, box.top + 11 * scale, 3.5 * scale, theme.bad);
    }
  });
}

/** Returns the outages of a stage. An outage of no stage (its rows have only the summary FAILURE) counts for all stages. */
function failures({ outages }: Site, stage: number): readonly Stretch[] {
  return outages
    .filter(({ stages }) => stages === 0 || (stages & (1 << stage)) !== 0)
    .map(({ from, to }) => ({ from: from / 1000, to: to / 1000 }));
}

/** Returns where stretches of time are on the canvas, without those outside the view. */
function areas(
  plot: UPlot,
  stretches: readonly Stretch[],
): readonly { readonly left: number; readonly width: number }[] {
  const { min = 0, max = 0 } = plot.scales['x'] ?? {};
  return stretches
    .filter(({ from, to }) => to > min && from < max)
    .map(({ from, to }) => {
      const left = plot.valToPos(from, 'x', true);
      return { left, width: Math.max(MIN_WIDTH * devicePixelRatio, plot.valToPos(to, 'x', true) - left) };
    });
}

/** Draws inside the axes only. */
function inside({ ctx, bbox }: UPlot, draw: (box: UPlot['bbox']) => void): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw(bbox);
  ctx.restore();
}

/** Moves a pattern to the start of a mark, since a narrow mark could be between two dots. */
function moved(pattern: string | CanvasPattern, left: number): string | CanvasPattern {
  if (typeof pattern !== 'string') pattern.setTransform(new DOMMatrix().translate(left, 0));
  return pattern;
}

function fill(
  ctx: CanvasRenderingContext2D,
  style: string | CanvasPattern,
  left: number,
  top: number,
  width: number,
  height: number,
) {
  ctx.fillStyle = style;
  ctx.fillRect(left, top, width, height);
}

function cross(ctx: CanvasRenderingContext2D, x: number, y: number, size: number, colour: string): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = size * 0.6;
  ctx.beginPath();
  ctx.moveTo(x - size, y - size);
  ctx.lineTo(x + size, y + size);
  ctx.moveTo(x - size, y + size);
  ctx.lineTo(x + size, y - size);
  ctx.stroke();
}

function stripes(ctx: CanvasRenderingContext2D, colour: string, scale: number): string | CanvasPattern {
  return tile(ctx, 6 * scale, (tileContext, size) => {
    tileContext.strokeStyle = colour;
    tileContext.globalAlpha = 0.55;
    tileContext.lineWidth = 1.2 * scale;
    tileContext.beginPath();
    for (const shift of [-size, 0, size]) {
      tileContext.moveTo(shift, size);
      tileContext.lineTo(shift + size, 0);
    }
    tileContext.stroke();
  });
}

function dots(ctx: CanvasRenderingContext2D, colour: string, scale: number): string | CanvasPattern {
  return tile(ctx, 7 * scale, (tileContext, size) => {
    tileContext.fillStyle = colour;
    tileContext.globalAlpha = 0.6;
    tileContext.beginPath();
    // At the left, to be visible in the narrowest gap.
    tileContext.arc(0.3 * size, size / 2, 0.9 * scale, 0, 2 * Math.PI);
    tileContext.fill();
  });
}

function tile(
  ctx: CanvasRenderingContext2D,
  wanted: number,
  draw: (tileContext: CanvasRenderingContext2D, size: number) => void,
): string | CanvasPattern {
  const canvas = document.createElement('canvas');
  const size = Math.max(1, Math.round(wanted));
  canvas.width = size;
  canvas.height = size;
  const tileContext = canvas.getContext('2d');
  if (tileContext !== null) draw(tileContext, size);
  return ctx.createPattern(canvas, 'repeat') ?? 'transparent';
}
