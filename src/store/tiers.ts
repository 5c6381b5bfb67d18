import type { Tier } from '../model/store.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Which tiers have what of a day. */
export interface DayState {
  /** The finest tier that has the whole day. */
  readonly finest: Tier;
  /** True when there are values that the coarser tiers do not know of (yet). */
  readonly late: boolean;
  readonly minutes: boolean;
  readonly hours: boolean;
}

/** A stretch of a day and where it is read from. */
export interface Piece {
  readonly tier: Tier;
  readonly from: number;
  readonly to: number;
}

/**
 * From where [from, to) of one day is read: the coarsest tier whose slots fit into the steps, the edges that do not fill a slot from the
 * finest there is. Pieces are in order of time and do not overlap, except that late values come on top of a tier that does not know them.
 */
export function piecesOf(
  day: DayState,
  from: number,
  to: number,
  fits: (slotMs: number) => boolean,
  rawOnly: boolean,
): Piece[] {
  if (rawOnly) return day.finest === 'raw' || day.late ? [{ tier: 'raw', from, to }] : [];
  if (day.finest === 'raw') {
    // With something late, only the values as they came are complete.
    const coarse = day.late
      ? undefined
      : day.hours && fits(HOUR)
        ? 'hour'
        : day.minutes && fits(MINUTE)
          ? 'minute'
          : undefined;
    return coarse ? withEdges(coarse, from, to, 'raw') : [{ tier: 'raw', from, to }];
  }
  const pieces =
    day.hours && fits(HOUR) && day.finest === 'minute'
      ? withEdges('hour', from, to, 'minute')
      : [{ tier: day.finest, from, to }];
  if (day.late) pieces.push({ tier: 'raw', from, to });
  return pieces;
}

/** The whole slots inside from the coarse tier, what is left at both ends from the fine one. */
function withEdges(coarse: 'minute' | 'hour', from: number, to: number, fine: Tier): Piece[] {
  const slotMs = coarse === 'hour' ? HOUR : MINUTE;
  const start = Math.ceil(from / slotMs) * slotMs;
  const end = Math.floor(to / slotMs) * slotMs;
  if (start >= end) return [{ tier: fine, from, to }];
  const pieces: Piece[] = [
    { tier: fine, from, to: start },
    { tier: coarse, from: start, to: end },
    { tier: fine, from: end, to },
  ];
  return pieces.filter((piece) => piece.from < piece.to);
}
