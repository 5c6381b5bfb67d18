const units: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/**
 * Milliseconds of a text like `90s`, `5m`, `1h30m`, `2d`, `250ms`; undefined when it is none.
 * A bare number is taken in `bareUnitMs`.
 */
export function parseDuration(text: string, bareUnitMs = 1000): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed) * bareUnitMs;
  if (!/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(trimmed)) return undefined;
  let total = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    total += Number(amount) * units.find(([name]) => name === unit)![1];
  }
  return total;
}

/** A duration for people, with at most two units: `850 ms`, `4.2 s`, `3 m 20 s`, `2 h 5 m`, `4 d 6 h`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return 'unknown';
  const absolute = Math.abs(ms);
  if (absolute < 1000) return `${absolute < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
  if (absolute < 60_000) return `${Math.round(ms / 100) / 10} s`;
  let rest = Math.round(absolute / 1000) * 1000;
  const parts: string[] = [];
  for (const [name, size] of units) {
    if (parts.length === 2) break;
    const amount = Math.floor(rest / size);
    if (amount > 0) parts.push(`${amount} ${name}`);
    else if (parts.length === 1) break;
    rest -= amount * size;
  }
  return `${ms < 0 ? '-' : ''}${parts.join(' ')}`;
}
