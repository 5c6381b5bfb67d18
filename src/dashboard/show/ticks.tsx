import type { CheckView } from '../../model/api.ts';

/** Height says the same as colour: full for failing, half for warning, low for fine, a dash for nothing known. */
const heights: Record<string, number> = { ok: 11, warning: 15, error: 20, unknown: 3, stale: 3 };

/**
 * One tick for each of the last results, oldest first; room on the left is time before the first one.
 * A path per status, not an element per tick: 500 rows of 60 ticks stay light.
 */
export function Ticks({ recent, count = 60 }: { recent: CheckView['recent']; count?: number }) {
  const shown = recent.slice(-count);
  const paths: Record<string, string> = {};
  shown.forEach((result, index) => {
    const status = result.inconclusive ? 'unknown' : result.status;
    const x = (count - shown.length + index) * 4 + 0.5;
    const height = heights[status] ?? 3;
    paths[status] = `${paths[status] ?? ''}M${x} ${20 - height}h3v${height}h-3z`;
  });
  const bad = shown.filter(({ status }) => status === 'error').length;
  const weak = shown.filter(({ status }) => status === 'warning').length;
  const label =
    shown.length === 0
      ? 'No results yet'
      : `Last ${shown.length} results: ${shown.length - bad - weak} fine, ${weak} warning, ${bad} failing`;
  return (
    <svg class="ticks" viewBox={`0 0 ${count * 4} 20`} preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      <path class="base" d={`M0 19.5h${count * 4}`} />
      {Object.entries(paths).map(([status, d]) => (
        <path key={status} class={status} d={d} />
      ))}
    </svg>
  );
}
