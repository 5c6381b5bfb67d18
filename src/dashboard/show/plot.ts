import type uPlot from 'uplot';
import type { JournalView } from '../../model/api.ts';
import { chooseWindow, leaveWindow, range } from '../data/range.ts';
import type { Drawing } from '../data/series.ts';
import { text, type Unit } from './format.ts';
import { drawOverlays, type Overlays } from './overlays.ts';
import { palette } from './palette.ts';
import { timeAxis, timeSplits } from './time-axis.ts';

/** What a chart shows besides its lines. */
export interface PlotSettings {
  readonly unit: Unit | string | null;
  readonly height: number;
  /** Fill below the line; only sensible for one line. */
  readonly fill: boolean;
  readonly overlays: Overlays;
  /** Index of the point under the cursor, in the joined data; null when the cursor is elsewhere. */
  readonly onCursor: (index: number | null, marker: JournalView | null, left: number) => void;
}

export interface Plot {
  show(drawing: Drawing, overlays: Overlays): void;
  resize(width: number): void;
  redraw(): void;
  /** Moves the cursor by whole points: the arrow keys. */
  step(by: number): void;
  readonly data: uPlot.AlignedData;
  destroy(): void;
}

/** Charts with one key share their cursor. */
const together = 'time';
const dashes: (number[] | undefined)[] = [undefined, undefined, [5, 3], [2, 2], [8, 3, 2, 3], [1, 3]];

/** A pause of more than this many usual distances is a gap, and is drawn as one. */
const gapFactor = 3.5;

/** Puts a null where points are missing, so that no line is drawn over a time nobody measured. */
export function withGaps(at: readonly number[], values: readonly (number | null)[]): [number[], (number | null)[]] {
  const distances = at.slice(1).map((time, index) => time - at[index]!);
  const usual = distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0;
  const times: number[] = [];
  const out: (number | null)[] = [];
  at.forEach((time, index) => {
    const before = at[index - 1];
    if (before !== undefined && usual > 0 && time - before > usual * gapFactor) {
      times.push((before + usual) / 1000);
      out.push(null);
    }
    times.push(time / 1000);
    out.push(values[index] ?? null);
  });
  return [times, out];
}

/** Room above the highest value; a threshold that is near is shown, one that is far does not flatten the line. */
export function scaleTop(highest: number, unit: string | null, limits: readonly number[]): number {
  if (unit === 'ratio' && highest <= 1) {
    const near = limits.filter((limit) => limit <= 1);
    if (near.length > 0 || highest > 0.35) return 1;
  }
  const top = limits.reduce((max, limit) => (limit <= highest * 2.2 ? Math.max(max, limit) : max), highest);
  return top > 0 ? top * 1.12 : 1;
}

/** Round numbers of bytes: 1, 2, 5, 10… of each power of 1024. */
const byteSteps = Array.from({ length: 5 }, (_, power) =>
  [1, 2, 5, 10, 20, 50, 100, 200, 500].map((step) => step * 1024 ** power),
).flat();

/** Makes a uPlot chart in `element`. The library is passed in: it is loaded after the first paint. */
export function createPlot(Library: typeof uPlot, element: HTMLElement, first: Drawing, settings: PlotSettings): Plot {
  let overlays = settings.overlays;
  let window = { from: first.from, to: first.to };
  const colours = () => palette.value!;
  const join = (drawing: Drawing): uPlot.AlignedData =>
    drawing.lines.length === 0
      ? [[drawing.from / 1000, drawing.to / 1000]]
      : Library.join(drawing.lines.map(({ at, values }) => withGaps(at, values) as uPlot.AlignedData));
  const lineSeries = (index: number): uPlot.Series => ({
    width: 1.5,
    stroke: () => colours().lines[index % colours().lines.length]!,
    ...(dashes[index] ? { dash: dashes[index] } : {}),
    ...(settings.fill && index === 0 ? { fill: () => colours().fill } : {}),
    points: { show: (u, i) => isLonely(u, i) },
  });
  const font = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
  let dragged = false;
  const u = new Library(
    {
      width: element.clientWidth || 300,
      height: settings.height,
      padding: [6, 8, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        sync: {
          key: together,
          setSeries: false,
          filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' },
        },
        drag: { x: true, y: false, setScale: false, dist: 6 },
        points: { size: 7, width: 2, stroke: (_, i) => colours().lines[(i - 1) % 6]!, fill: () => colours().surface },
        bind: {
          dblclick: () => () => {
            if (range.value.kind === 'fixed') leaveWindow();
            return null;
          },
        },
      },
      scales: {
        x: { time: true, range: () => [window.from / 1000, window.to / 1000] },
        y: {
          range: (_, min, max) => [
            Math.min(0, min ?? 0),
            scaleTop(
              max ?? 0,
              settings.unit,
              overlays.limits.map(({ value }) => value),
            ),
          ],
        },
      },
      axes: [
        {
          font,
          size: 24,
          gap: 4,
          stroke: () => colours().label,
          ticks: { show: false },
          grid: { show: false },
          splits: (self, _, min, max) => timeSplits(min, max, self.width),
          values: (_, splits) => timeAxis(splits),
        },
        {
          font,
          gap: 6,
          space: 34,
          size: (_, values) => Math.max(34, ...(values ?? []).map((label) => label.length * 6.3 + 12)),
          ...(settings.unit?.startsWith('bytes') ? { incrs: byteSteps } : {}),
          stroke: () => colours().label,
          ticks: { show: false },
          grid: { stroke: () => colours().grid, width: 1 },
          values: (_, splits) => splits.map((value) => (value === 0 ? '0' : text(value, settings.unit))),
        },
      ],
      series: [{}, ...first.lines.map((_, index) => lineSeries(index))],
      hooks: {
        drawAxes: [(self) => drawOverlays(self, overlays, colours(), 'below')],
        draw: [(self) => drawOverlays(self, overlays, colours(), 'above')],
        setCursor: [
          (self) => {
            const left = self.cursor.left ?? -1;
            settings.onCursor(
              left < 0 ? null : (self.cursor.idx ?? null),
              left < 0 ? null : markerAt(self, overlays.markers, left),
              left,
            );
          },
        ],
        setSelect: [
          (self) => {
            if (self.select.width < 6 || dragged) return;
            const from = self.posToVal(self.select.left, 'x') * 1000;
            const to = self.posToVal(self.select.left + self.select.width, 'x') * 1000;
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            chooseWindow(from, to);
          },
        ],
      },
    },
    join(first),
    element,
  );
  const endPan = panning(
    u,
    () => window,
    (next) => (window = next),
    (is) => (dragged = is),
  );
  let count = first.lines.length;
  return {
    get data() {
      return u.data;
    },
    show(drawing, next) {
      overlays = next;
      window = { from: drawing.from, to: drawing.to };
      for (; count < drawing.lines.length; count += 1) u.addSeries(lineSeries(count), count + 1);
      for (; count > drawing.lines.length; count -= 1) u.delSeries(count);
      u.setData(join(drawing));
    },
    resize: (width) => width > 0 && width !== u.width && u.setSize({ width, height: settings.height }),
    redraw: () => u.redraw(false, true),
    step(by) {
      const index = Math.max(0, Math.min(u.data[0].length - 1, (u.cursor.idx ?? u.data[0].length - 1) + by));
      u.setCursor({ left: u.valToPos(u.data[0][index]!, 'x'), top: 1 });
    },
    destroy() {
      endPan();
      u.destroy();
    },
  };
}

/** A point without neighbours would be invisible as a line. */
function isLonely(u: uPlot, series: number): boolean {
  const values = u.data[series] as (number | null | undefined)[];
  return values.filter((value) => value !== null && value !== undefined).length < 2;
}

function markerAt(u: uPlot, markers: readonly JournalView[], left: number): JournalView | null {
  let best: JournalView | null = null;
  let distance = 7;
  for (const marker of markers) {
    const away = Math.abs(u.valToPos(marker.at / 1000, 'x') - left);
    if (away < distance) {
      best = marker;
      distance = away;
    }
  }
  return best;
}

/** Shift and drag moves the window; the others follow when the button is let go. */
function panning(
  u: uPlot,
  get: () => { from: number; to: number },
  set: (window: { from: number; to: number }) => void,
  busy: (is: boolean) => void,
): () => void {
  const down = (event: PointerEvent) => {
    if (!event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    busy(true);
    const start = event.clientX;
    const origin = get();
    const perPixel = (origin.to - origin.from) / u.over.clientWidth;
    const move = (moved: PointerEvent) => {
      const by = (start - moved.clientX) * perPixel;
      set({ from: origin.from + by, to: origin.to + by });
      u.setScale('x', { min: (origin.from + by) / 1000, max: (origin.to + by) / 1000 });
    };
    const up = (last: PointerEvent) => {
      removeEventListener('pointermove', move);
      busy(false);
      const by = (start - last.clientX) * perPixel;
      if (Math.abs(by) > 0) chooseWindow(origin.from + by, origin.to + by);
    };
    addEventListener('pointermove', move);
    addEventListener('pointerup', up, { once: true });
  };
  const mouse = (event: MouseEvent) => event.shiftKey && event.stopImmediatePropagation();
  u.over.addEventListener('pointerdown', down, true);
  u.over.addEventListener('mousedown', mouse, true);
  return () => {
    u.over.removeEventListener('pointerdown', down, true);
    u.over.removeEventListener('mousedown', mouse, true);
  };
}
