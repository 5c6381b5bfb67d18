import { formatDuration } from './duration.ts';
import type { PoolSnapshot } from './pool.ts';

/** From when on a wait or a hold is worth a word, ms. */
export interface PoolLimits {
  readonly waitMs: number;
  readonly holdMs: number;
}

/** The limits as the configuration has them. */
export function poolLimitsOf(section: {
  readonly pool_wait_threshold_ms: number;
  readonly pool_hold_threshold_ms: number;
}): PoolLimits {
  return { waitMs: section.pool_wait_threshold_ms, holdMs: section.pool_hold_threshold_ms };
}

/** How a pool is, in one sentence. */
export interface PoolVerdict {
  /** `error`: everything is in use and somebody has waited too long. `warning`: waits, or a connection that is not given back. */
  readonly level: 'ok' | 'warning' | 'error';
  readonly text: string;
}

/** Connections that every one of them has been held for a while are the story; the second is where it begins. */
const storyMs = 1000;

/** Says how a pool is, worst first: who holds the connections, who waits and how long. */
export function poolVerdict(snapshot: PoolSnapshot, limits: PoolLimits): PoolVerdict {
  const { used, max, waiting } = snapshot;
  const exhausted = max !== null && used >= max && (waiting > 0 || (snapshot.shortestHoldMs ?? 0) >= limits.holdMs);
  const waitedTooLong = (snapshot.longestWaitMs ?? 0) >= limits.waitMs;
  const held = (snapshot.longestHoldMs ?? 0) >= limits.holdMs;
  const parts = [
    exhausted ? allInUse(snapshot) : '',
    waiting > 0 ? waitsOf(snapshot) : '',
    !exhausted && held ? leak(snapshot) : '',
  ].filter((part) => part !== '');
  if (parts.length === 0) {
    const of = max === null ? '' : ` of ${max}`;
    return { level: 'ok', text: `${used}${of} in use, none waiting` };
  }
  const level = waitedTooLong ? (exhausted ? 'error' : 'warning') : held || exhausted ? 'warning' : 'ok';
  return { level, text: parts.join('; ') };
}

function allInUse(snapshot: PoolSnapshot): string {
  const { used, holders, shortestHoldMs, longestHoldMs } = snapshot;
  const all = used === 1 ? 'the only connection' : `all ${used} connections`;
  const [first, ...others] = holders.filter(({ site }) => site !== 'unknown');
  const by = first && others.length === 0 && first.count === used ? ` by ${first.site}` : '';
  if (shortestHoldMs !== null && shortestHoldMs >= storyMs) {
    const tail = by || (first ? `, ${first.count} of them by ${first.site}` : '');
    return `${all} held > ${wholeSeconds(shortestHoldMs)}${tail}`;
  }
  const most = by || (first ? `, ${first.count} by ${first.site}` : '');
  const longest = longestHoldMs === null ? '' : ` (longest ${formatDuration(longestHoldMs)})`;
  return `${all} in use${most}${longest}`;
}

function waitsOf({ waiting, longestWaitMs, shortestWaitMs }: PoolSnapshot): string {
  if (longestWaitMs === null) return `${waiting} waiting`;
  if (waiting === 1 || shortestWaitMs === null) return `${waiting} waiting since ${formatDuration(longestWaitMs)}`;
  return `${waiting} waiting since ${formatDuration(shortestWaitMs)}, longest ${formatDuration(longestWaitMs)}`;
}

function leak({ holders, longestHoldMs }: PoolSnapshot): string {
  const worst = holders.reduce((a, b) => (b.longestMs > a.longestMs ? b : a), { site: 'unknown', longestMs: 0 });
  const by = worst.site === 'unknown' ? '' : ` by ${worst.site}`;
  return `a connection is held for ${formatDuration(longestHoldMs ?? 0)}${by}`;
}

/** `5 s`, never more than it was. */
function wholeSeconds(ms: number): string {
  return formatDuration(ms < 60_000 ? Math.floor(ms / 1000) * 1000 : ms);
}
