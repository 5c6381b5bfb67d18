const two = (value: number): string => String(value).padStart(2, '0');

/** `2026-11-23 14:02:07` in the machine's own time, as the predecessor wrote times. */
export function formatLocal(at: number): string {
  const d = new Date(at);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** ISO 8601 in the machine's own time with its offset, e.g. `2026-11-23T14:02:07.120+01:00`. */
export function formatIsoLocal(at: number): string {
  const offset = -new Date(at).getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return new Date(at + offset * 60_000).toISOString().replace('Z', zone);
}

/** `14:02` for today, `21 Nov 14:02` for other days: how a sentence names a moment. */
export function formatMoment(at: number, now: number): string {
  const d = new Date(at);
  const time = `${two(d.getHours())}:${two(d.getMinutes())}`;
  if (d.toDateString() === new Date(now).toDateString()) return time;
  return `${d.getDate()} ${d.toLocaleString('en', { month: 'short' })} ${time}`;
}
