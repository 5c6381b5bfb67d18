import { hour, hourSeconds } from './format.ts';

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const steps = [
  5, 10, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 345_600,
  604_800,
];

/** Times to label, in seconds: round ones in local time, about 80 px apart. */
export function timeSplits(min: number, max: number, width: number): number[] {
  const wanted = (max - min) / Math.max(2, width / 68);
  const step = steps.find((size) => size >= wanted) ?? 604_800;
  const shift = new Date(min * 1000).getTimezoneOffset() * 60;
  const out: number[] = [];
  for (let at = Math.ceil((min - shift) / step) * step + shift; at <= max - ((max - min) / width) * 18; at += step)
    out.push(at);
  return out;
}

/** `14:05`; `14:05:30` when closer than a minute; `23 Nov` at midnight. */
export function timeAxis(splits: readonly number[]): string[] {
  const step = (splits[1] ?? 0) - (splits[0] ?? 0);
  return splits.map((at) => {
    const date = new Date(at * 1000);
    if (date.getHours() === 0 && date.getMinutes() === 0 && step >= 1800) return day.format(date);
    return step < 60 && step > 0 ? hourSeconds(at * 1000) : hour(at * 1000);
  });
}
