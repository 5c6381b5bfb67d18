import { formatDuration } from '../../model/duration.ts';

/** `2026-11-23 09:30:01 CET`: local, with the zone, so that it can be compared with other machines. */
export function time(at: number | null): string {
  if (at === null || at === 0) return 'never';
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en', {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'short',
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}:${parts.second} ${parts.timeZoneName}`;
}

/** `3 m 20 s ago`. */
export function ago(at: number | null, now: number): string {
  if (at === null || at === 0) return 'never';
  return now - at < 1000 ? 'just now' : `${formatDuration(now - at)} ago`;
}

/** Seconds for people; `–` for none. */
export function seconds(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : formatDuration(value * 1000);
}

/** Milliseconds for people; `–` for none. */
export function milliseconds(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : formatDuration(value);
}

/** A ratio as percent: 0.123 -> `12.3 %`. */
export function percent(ratio: number | null | undefined): string {
  return ratio === null || ratio === undefined ? '–' : `${(ratio * 100).toFixed(1)} %`;
}

/** Bytes in powers of 1024: `1.50 GB`. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let size = value;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(size) : size.toFixed(2)} ${units[unit]}`;
}

/** Whole numbers with thousands, others with as many digits as say something. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3).replace(/\.?0+$/, '');
}

/** A number with the unit it came with. */
export function quantity(value: number | null, unit: string | null): string {
  switch (unit) {
    case 'ratio':
      return percent(value);
    case 'percent':
      return value === null ? '–' : `${number(value)} %`;
    case 'ms':
      return milliseconds(value);
    case 'seconds':
      return seconds(value);
    case 'bytes':
      return bytes(value);
    case 'bytes_per_second':
      return value === null ? '–' : `${bytes(value)}/s`;
    case 'per_second':
      return value === null ? '–' : `${number(value)}/s`;
    default:
      return number(value);
  }
}

/** `1 alert`, `2 alerts`. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${number(amount)} ${amount === 1 ? one : many}`;
}
