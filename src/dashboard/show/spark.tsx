/**
 * A sparkline: the shape of a development without axes. Gaps stay gaps. Decorative: the number beside it is the fact.
 * It fills its box; the stroke keeps its width.
 */
export function Spark({
  points,
  tone = 'accent',
  fromZero = true,
}: {
  points: readonly (number | null)[];
  tone?: string;
  fromZero?: boolean;
}) {
  const known = points.filter((point): point is number => point !== null && Number.isFinite(point));
  if (known.length < 2) return <svg class="spark" aria-hidden="true" />;
  const low = fromZero ? Math.min(0, ...known) : Math.min(...known);
  const high = Math.max(...known);
  const height = high - low || 1;
  const last = points.length - 1;
  const place = (value: number, index: number) =>
    `${((index / last) * 100).toFixed(2)} ${(30 - ((value - low) / height) * 28).toFixed(2)}`;
  let line = '';
  let area = '';
  let run: string[] = [];
  const close = (end: number) => {
    if (run.length > 1) {
      line += `M${run.join('L')}`;
      const start = end - run.length + 1;
      area += `M${((start / last) * 100).toFixed(2)} 32L${run.join('L')}L${((end / last) * 100).toFixed(2)} 32z`;
    }
    run = [];
  };
  points.forEach((point, index) => {
    if (point === null || !Number.isFinite(point)) close(index - 1);
    else run.push(place(point, index));
  });
  close(last);
  return (
    <svg class={`spark ${tone}`} viewBox="0 0 100 32" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <path class="area" d={area} />
      <path class="line" d={line} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
