import { formatDuration } from '../../model/duration.ts';

/** Numbers and times for people. Nothing here computes what the server should. */

export type Unit = 'ratio' | 'bytes' | 'bytes_per_second' | 'seconds' | 'ms' | 'count' | 'per_second';

/** A number and its unit apart, so that they can be set apart. */
export interface Parts {
  readonly number: string;
  readonly unit: string;
}

const nothing: Parts = { number: '–', unit: '' };
const grouped = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** Three digits that mean something: 0.04, 3.2, 31, 12,400. */
export function digits(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 99.95) return grouped.format(value);
  if (size >= 9.995) return value.toFixed(size % 1 < 0.05 ? 0 : 1);
  return String(Number(value.toFixed(size >= 0.095 ? 2 : 3)));
}

const binary = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

function bytes(value: number): Parts {
  const step = Math.min(binary.length - 1, Math.max(0, Math.floor(Math.log(Math.abs(value) || 1) / Math.log(1024))));
  const scaled = value / 1024 ** step;
  return { number: step === 0 ? grouped.format(value) : scaled.toFixed(scaled >= 99.5 ? 0 : 1), unit: binary[step]! };
}

function seconds(value: number): Parts {
  const size = Math.abs(value);
  if (size === 0) return { number: '0', unit: 'ms' };
  if (size < 0.001) return { number: digits(Number((value * 1e6).toPrecision(2))), unit: 'µs' };
  if (size < 0.9995) {
    const ms = value * 1000;
    return { number: ms >= 9.95 ? grouped.format(ms) : ms.toFixed(1), unit: 'ms' };
  }
  if (size < 100)
    return { number: size < 9.995 && !Number.isInteger(value) ? value.toFixed(2) : digits(value), unit: 's' };
  return { number: formatDuration(value * 1000), unit: '' };
}

/** A value in its unit. `null` is a dash: never a zero that nobody measured. */
export function parts(value: number | null | undefined, unit: Unit | string | null): Parts {
  if (value === null || value === undefined || !Number.isFinite(value)) return nothing;
  switch (unit) {
    case 'ratio': {
      const percent = value * 100;
      const size = Math.abs(percent);
      return {
        number: size >= 9.95 || size === 0 ? percent.toFixed(0) : percent.toFixed(size < 0.095 ? 2 : 1),
        unit: '%',
      };
    }
    case 'percent':
      return { number: digits(value), unit: '%' };
    case 'bytes':
      return bytes(value);
    case 'bytes_per_second': {
      const { number, unit: size } = bytes(value);
      return { number, unit: `${size}/s` };
    }
    case 'ms':
      return seconds(value / 1000);
    case 'seconds':
      return seconds(value);
    case 'per_second':
      return { number: digits(value), unit: '/s' };
    case 'count':
    case null:
      return { number: digits(value), unit: '' };
    default:
      return { number: digits(value), unit };
  }
}

/** The same as one text, with a narrow no-break space between number and unit. */
export function text(value: number | null | undefined, unit: Unit | string | null): string {
  const { number, unit: name } = parts(value, unit);
  return name ? `${number}\u202f${name}` : number;
}

/** Uptime needs its nines: 99.98 %, 100 %. Never rounded up to 100. */
export function uptime(ratio: number | null): string {
  if (ratio === null) return '–';
  if (ratio >= 1) return '100\u202f%';
  const percent = ratio * 100;
  const decimals = percent >= 99.9 ? 3 : percent >= 99 ? 2 : 1;
  return `${(Math.floor(percent * 10 ** decimals) / 10 ** decimals).toFixed(decimals)}\u202f%`;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const full = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** `14:02` */
export const hour = (at: number): string => clock.format(at);
/** `14:02:11` */
export const hourSeconds = (at: number): string => clockSeconds.format(at);
/** `Mon, 23 Nov 2026, 14:02:11`: for titles. */
export const moment = (at: number): string => full.format(at);

/** `14:02` today, `22 Nov 14:02` on another day. */
export function when(at: number, now: number): string {
  return new Date(at).toDateString() === new Date(now).toDateString()
    ? clock.format(at)
    : `${day.format(at)} ${clock.format(at)}`;
}

/** A window in words: `14:00–15:30`, `21 Nov 14:00 – 23 Nov 09:00`. */
export function window(from: number, to: number, now: number): string {
  const start = when(from, now);
  const end = new Date(from).toDateString() === new Date(to).toDateString() ? clock.format(to) : when(to, now);
  return start.length > 5 ? `${start} – ${end}` : `${start}–${end}`;
}

/** How long, in at most two units: `4 m 12 s`, `3 d 2 h`. */
export function span(ms: number): string {
  return ms < 1000 ? '0 s' : formatDuration(ms < 60_000 ? Math.floor(ms / 1000) * 1000 : ms);
}

/** How long ago, coarse: `just now`, `40 s ago`, `3 min ago`, `2 h ago`, `5 d ago`. */
export function ago(at: number | null, now: number): string {
  if (at === null) return 'never';
  const ms = now - at;
  if (ms < 5000) return 'just now';
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s ago`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ago`;
  if (ms < 172_800_000) return `${Math.floor(ms / 3_600_000)} h ago`;
  return `${Math.floor(ms / 86_400_000)} d ago`;
}

/** `1 check`, `3 checks`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped.format(count)} ${count === 1 ? one : many}`;
}

/** A machine's word for people: `high_cpu_usage` -> `high cpu usage`. */
export const words = (name: string): string => name.replaceAll(/[_-]+/g, ' ');

/** Any JSON value on one line. */
export function inline(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return digits(value);
  return JSON.stringify(value);
}
