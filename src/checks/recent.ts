import type { CheckState } from '../model/check.ts';

type Recent = CheckState['recent'][number];

const letters = { ok: 'o', warning: 'w', error: 'e', unknown: 'u' } as const;
const statuses = { o: 'ok', w: 'warning', e: 'error', u: 'unknown' } as const;

/**
 * The ring of recent results as a short text: about 9 bytes a result instead of 60, because it is written often.
 * One result is a letter (capital when inconclusive), the ms since the one before and the duration in tenths of ms, in base 36,
 * and `!m` or `!p` when a maintenance or a parent excuses it.
 */
export function packRecent(recent: readonly Recent[]): string {
  let before = 0;
  return recent
    .map(({ at, status, durationMs, inconclusive, excuse }) => {
      const letter = inconclusive ? letters[status].toUpperCase() : letters[status];
      const mark = excuse === undefined ? '' : `!${excuse[0]}`;
      const text = `${letter}${Math.round(at - before).toString(36)}:${Math.round(durationMs * 10).toString(36)}${mark}`;
      before = Math.round(at);
      return text;
    })
    .join(' ');
}

/** The results in a packed text; leaves out what it cannot read. */
export function unpackRecent(packed: unknown): Recent[] {
  if (typeof packed !== 'string') return [];
  const recent: Recent[] = [];
  let at = 0;
  for (const part of packed.split(' ')) {
    const match = /^([oweu])(-?[0-9a-z]+):([0-9a-z]+)(?:!([mp]))?$/i.exec(part);
    if (!match) continue;
    const letter = match[1]!.toLowerCase() as keyof typeof statuses;
    at += Number.parseInt(match[2]!, 36);
    recent.push({
      at,
      status: statuses[letter],
      durationMs: Number.parseInt(match[3]!, 36) / 10,
      ...(match[1] === letter ? {} : { inconclusive: true }),
      ...(match[4] ? { excuse: match[4] === 'm' ? 'maintenance' : 'parent' } : {}),
    });
  }
  return recent;
}
