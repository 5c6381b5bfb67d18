import type uPlot from 'uplot';
import type { JournalView } from '../../model/api.ts';
import type { Palette } from './palette.ts';

/** What lies on a chart besides its lines. */
export interface Overlays {
  /** Horizontal lines at which something would be said. */
  readonly limits: readonly { readonly value: number; readonly tone: 'warning' | 'error'; readonly label: string }[];
  /** Vertical lines for what happened. */
  readonly markers: readonly JournalView[];
  /** Stretches of time that are meant: the life of an alert. Open end = until now. */
  readonly shades: readonly { readonly from: number; readonly to: number | null }[];
}

function drawShades(u: uPlot, shades: Overlays['shades'], colours: Palette): void {
  const { ctx, bbox } = u;
  for (const { from, to } of shades) {
    const left = Math.max(bbox.left, u.valToPos(from / 1000, 'x', true));
    const right = Math.min(
      bbox.left + bbox.width,
      to === null ? bbox.left + bbox.width : u.valToPos(to / 1000, 'x', true),
    );
    if (right <= left) continue;
    ctx.fillStyle = colours.shade;
    ctx.fillRect(left, bbox.top, Math.max(right - left, 2), bbox.height);
  }
}

function drawLimits(u: uPlot, limits: Overlays['limits'], colours: Palette, ratio: number): void {
  const { ctx, bbox } = u;
  ctx.font = `${10.5 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = 'right';
  for (const { value, tone, label } of limits) {
    const y = Math.round(u.valToPos(value, 'y', true)) + 0.5;
    if (y < bbox.top - 1 || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = colours[tone];
    ctx.lineWidth = ratio;
    ctx.setLineDash(tone === 'error' ? [6 * ratio, 3 * ratio] : [2 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    // A warning is written below its line, an error above it: two lines that are near do not write over each other.
    const room = tone === 'error' && y - bbox.top > 13 * ratio;
    ctx.textBaseline = room ? 'bottom' : 'top';
    const at = bbox.left + bbox.width - 2 * ratio;
    const edge = room ? y - 2 * ratio : y + 3 * ratio;
    ctx.setLineDash([]);
    ctx.lineWidth = 3 * ratio;
    ctx.strokeStyle = colours.surface;
    ctx.lineJoin = 'round';
    ctx.strokeText(label, at, edge);
    ctx.fillStyle = colours[tone];
    ctx.fillText(label, at, edge);
  }
  ctx.setLineDash([]);
}

function drawMarkers(u: uPlot, markers: Overlays['markers'], colours: Palette, ratio: number): void {
  const { ctx, bbox } = u;
  let last = Number.NEGATIVE_INFINITY;
  for (const { at, severity } of markers.toSorted((a, b) => a.at - b.at)) {
    const x = Math.round(u.valToPos(at / 1000, 'x', true)) + 0.5;
    // Lines that would touch each other are one line; the list of changes has them all.
    if (x < bbox.left || x > bbox.left + bbox.width || x - last < 3 * ratio) continue;
    last = x;
    const colour = colours[severity];
    ctx.strokeStyle = colour;
    ctx.fillStyle = colour;
    ctx.lineWidth = ratio;
    ctx.globalAlpha = 0.55;
    ctx.setLineDash([ratio, 2 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.setLineDash([]);
    ctx.beginPath();
    const size = 3.5 * ratio;
    ctx.moveTo(x - size, bbox.top - size);
    ctx.lineTo(x + size, bbox.top - size);
    ctx.lineTo(x, bbox.top + size * 0.6);
    ctx.fill();
  }
}

/** Draws them in two goes: what explains the time lies below the lines, what must be read above them. */
export function drawOverlays(u: uPlot, overlays: Overlays, colours: Palette, where: 'below' | 'above'): void {
  const ratio = devicePixelRatio || 1;
  u.ctx.save();
  if (where === 'below') {
    drawShades(u, overlays.shades, colours);
    drawMarkers(u, overlays.markers, colours, ratio);
  } else drawLimits(u, overlays.limits, colours, ratio);
  u.ctx.restore();
}
