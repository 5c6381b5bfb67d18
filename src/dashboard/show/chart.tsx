import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { JournalView } from '../../model/api.ts';
import { onCharts, useMarkers } from '../data/markers.ts';
import { range } from '../data/range.ts';
import { type Drawing, type Line, newest, useSeries } from '../data/series.ts';
import { serverNow } from '../data/time.ts';
import { hourSeconds, parts, text, type Unit, when } from './format.ts';
import type { Overlays } from './overlays.ts';
import { palette } from './palette.ts';
import { createPlot, type Plot } from './plot.ts';

export interface ChartProps {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly unit: Unit | string | null;
  readonly warning?: number | null;
  readonly error?: number | null;
  /** What the number means and when to worry. */
  readonly help?: string;
  readonly height?: number;
  readonly shades?: Overlays['shades'];
  /** Shown instead of an empty frame when there are no numbers in the range. */
  readonly empty?: string;
  readonly level?: 2 | 3;
  /** Most points across; more on wide charts. */
  readonly points?: number;
  /** Most lines of one metric; the highest ones are drawn. */
  readonly most?: number;
  /** Address of the page that says more. */
  readonly link?: string;
}

/** The chart in words, for those who do not see it. */
export function describe(
  title: string,
  drawing: Drawing,
  unit: string | null,
  words: string,
  limits: Overlays['limits'],
): string {
  const sentences = drawing.lines.map(({ label, at, values }) => {
    const known = values.flatMap((value, index) => (value === null ? [] : [{ value, at: at[index]! }]));
    if (known.length === 0) return `${label}: no numbers.`;
    const high = known.reduce((a, b) => (b.value > a.value ? b : a));
    const low = known.reduce((a, b) => (b.value < a.value ? b : a));
    const name = drawing.lines.length > 1 ? `${label}: ` : '';
    return `${name}now ${text(newest({ label, at, values }, drawing.to), unit)}, lowest ${text(low.value, unit)}, highest ${text(high.value, unit)} at ${when(high.at, serverNow())}.`;
  });
  const lines = limits.map(({ label, tone }) => `${tone === 'error' ? 'Error' : 'Warning'} from ${label}.`);
  return [`${title}, ${words}.`, ...(sentences.length > 0 ? sentences : ['No numbers in this time.']), ...lines].join(
    ' ',
  );
}

/** A chart with its title, its newest number, its legend, and everything that explains it. */
export function Chart(props: ChartProps) {
  const identity = props.lines
    .map(({ metric, labels, aggregate }) => `${metric}${JSON.stringify(labels ?? {})}${aggregate}`)
    .join();
  return <Body key={identity} {...props} />;
}

function Body(props: ChartProps) {
  const { title, lines, unit, height = 132, points = 240, level = 3 } = props;
  const { drawing, failed } = useSeries(lines, points, props.most ?? 6);
  const markers = useMarkers();
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const cursor = useSignal<{ index: number; marker: JournalView | null; left: number } | null>(null);
  const limits = [
    ...(props.warning != null
      ? [{ value: props.warning, tone: 'warning' as const, label: text(props.warning, unit) }]
      : []),
    ...(props.error != null ? [{ value: props.error, tone: 'error' as const, label: text(props.error, unit) }] : []),
  ];
  const overlays: Overlays = { limits, markers: onCharts(markers.data.value?.journal), shades: props.shades ?? [] };
  const current = drawing.value;
  const isEmpty = current?.lines.every(({ values }) => values.every((value) => value === null));
  const latest = useRef({ current, overlays });
  latest.current = { current, overlays };

  const draws = current !== undefined && !isEmpty;
  useEffect(() => {
    if (!draws || !frame.current) return;
    const element = frame.current;
    let gone = false;
    const observer = new ResizeObserver(() => plot.current?.resize(element.clientWidth));
    void import('uplot').then(({ default: Library }) => {
      const now = latest.current;
      if (gone || !now.current) return;
      plot.current = createPlot(Library, element, now.current, {
        unit,
        height,
        fill: now.current.lines.length === 1,
        overlays: now.overlays,
        onCursor: (index, marker, left) => (cursor.value = index === null ? null : { index, marker, left }),
      });
      observer.observe(element);
    });
    return () => {
      gone = true;
      observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [draws]);
  useEffect(() => {
    if (current) plot.current?.show(current, overlays);
  }, [current, markers.data.value, props.warning, props.error]);
  useEffect(() => plot.current?.redraw(), [palette.value]);

  const words = range.value.kind === 'last' ? range.value.words : 'the chosen time';
  const Heading = `h${level}` as 'h3';
  return (
    <figure class="chart">
      <figcaption>
        <Heading title={props.help}>{props.link ? <a href={props.link}>{title}</a> : title}</Heading>
        <Readout drawing={current} plot={plot.current} at={cursor.value?.index ?? null} unit={unit} />
      </figcaption>
      <div
        ref={frame}
        class={`plot${draws ? '' : ' blank'}`}
        style={{ height: `${height}px` }}
        role="img"
        tabIndex={draws ? 0 : undefined}
        aria-label={current ? describe(title, current, unit, words, limits) : `${title}: loading`}
        onKeyDown={(event) => {
          const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
          if (!by) return;
          event.preventDefault();
          plot.current?.step(by);
        }}
      >
        {current === undefined && failed.value && <p class="note">These numbers could not be read.</p>}
        {isEmpty && <p class="note">{props.empty ?? `No numbers in ${words}.`}</p>}
        {cursor.value?.marker && (
          <div
            class={`flag ${cursor.value.marker.severity}`}
            style={{ insetInlineStart: `${cursor.value.left + 50}px` }}
          >
            <b>{when(cursor.value.marker.at, serverNow())}</b> {cursor.value.marker.text}
          </div>
        )}
      </div>
      {props.help && <p class="help">{props.help}</p>}
    </figure>
  );
}

/** The number at the cursor, else the newest; with several lines it is also the legend. */
function Readout({
  drawing,
  plot,
  at,
  unit,
}: {
  drawing: Drawing | undefined;
  plot: Plot | null;
  at: number | null;
  unit: Unit | string | null;
}) {
  if (!drawing || drawing.lines.length === 0) return <div class="readout" />;
  const joined = at === null ? null : plot?.data;
  const values = drawing.lines.map((line, index) =>
    joined ? ((joined[index + 1]?.[at!] as number | null | undefined) ?? null) : newest(line, drawing.to),
  );
  const time = joined?.[0][at!];
  const single = drawing.lines.length === 1 ? parts(values[0], unit) : null;
  return (
    <div class={`readout${single ? ' single' : ''}`}>
      {time !== undefined && time !== null && <time>{hourSeconds(time * 1000)}</time>}
      {single ? (
        <span class="big">
          {single.number}
          <small>{single.unit}</small>
        </span>
      ) : (
        <ul class="legend">
          {drawing.lines.map((line, index) => (
            <li key={line.label}>
              <i class={`key key-${index + 1}`} />
              <span>{line.label}</span> <b>{text(values[index], unit)}</b>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
