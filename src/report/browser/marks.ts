import type UPlot from 'uplot';
import type { Theme } from './theme.ts';
import type { Site } from './unpack.ts';

/** Narrower marks could not be seen, in CSS pixels. */
const LEAST_WIDTH = 2;
/** Crosses stand at least so far apart, in CSS pixels. */
const CROSS_APART = 14;

/** Draws behind the lines where nothing was measured, and where this stage failed. Each has a pattern of its own, for who sees no colours. */
export function drawMarks(plot: UPlot, site: Site, stage: number, theme: Theme): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const pattern = { gap: dots(ctx, theme.quiet, scale), outage: stripes(ctx, theme.bad, scale) };
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const area = (from: number, to: number) => {
    const left = plot.valToPos(from, 'x', true);
    return { left, width: Math.max(LEAST_WIDTH * scale, plot.valToPos(to, 'x', true) - left) };
  };
  const isShown = (from: number, to: number) =>
    to > (plot.scales['x']?.min ?? 0) && from < (plot.scales['x']?.max ?? 0);
  for (const { from, to } of site.gaps) {
    if (!isShown(from, to)) continue;
    const { left, width } = area(from, to);
    fill(ctx, theme.empty, left, bbox.top, width, bbox.height);
    fill(ctx, moved(pattern.gap, left), left, bbox.top, width, bbox.height);
  }
  let lastCross = Number.NEGATIVE_INFINITY;
  for (const outage of site.outages) {
    // An outage without a stage is one whose row says nothing else than that it failed.
    if (outage.stages !== 0 && (outage.stages & (1 << stage)) === 0) continue;
    const [from, to] = [outage.from / 1000, outage.to / 1000];
    if (!isShown(from, to)) continue;
    const { left, width } = area(from, to);
    fill(ctx, moved(pattern.outage, left), left, bbox.top, width, bbox.height);
    fill(ctx, theme.bad, left, bbox.top, width, 3 * scale);
    const middle = left + width / 2;
    if (middle - lastCross < CROSS_APART * scale) continue;
    lastCross = middle;
    cross(ctx, middle, bbox.top + 11 * scale, 3.5 * scale, theme.bad);
  }
  ctx.restore();
}

/** A pattern that begins where the mark does: else a narrow one may lie between two dots. */
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
    // At its left, to be seen in the narrowest gap.
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
