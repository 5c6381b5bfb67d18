/** A moment as people write it: `2026-12-24T22:00`, with or without seconds; without an offset it is the zone's own time. */
const form = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?$/;

/** Epoch ms of a written moment; undefined when it is none. A time of day that the zone skips is taken as after the gap. */
export function momentOf(text: string, timeZone: string): number | undefined {
  const [, day, time, offset] = form.exec(text.trim()) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const asUtc = Date.parse(`${day}T${time}${offset ?? 'Z'}`);
  // `Date.parse` takes 31 February for March: what comes back must be what was written.
  if (Number.isNaN(asUtc) || !new Date(Date.parse(`${day}T00:00Z`)).toISOString().startsWith(day)) return undefined;
  if (offset !== undefined) return asUtc;
  const first = asUtc - offsetAt(asUtc, timeZone);
  return asUtc - offsetAt(first, timeZone);
}

/** How far the zone's clock is ahead of UTC at a moment, ms. */
function offsetAt(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - Math.floor(at / 1000) * 1000;
}
