import {
  type Check,
  type CheckOutcome,
  type CheckResult,
  type CheckState,
  type CheckStatus,
  excuseOf,
} from '../model/check.ts';
import type { Clock } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';
import { packRecent, unpackRecent } from './recent.ts';

type Recent = CheckState['recent'][number];
const recentLimit = 120;

/** A check with its history: what the scheduler knows about it. */
export interface WatchedCheck {
  readonly check: Check;
  /** Takes a result in. True when something changed that must survive a crash. */
  absorb(result: CheckResult): boolean;
  state(running: boolean, nextAt: number): CheckState;
  /** Small and JSON-safe. */
  snapshot(): unknown;
  restore(value: unknown): void;
}

/** The last result that counts. */
interface Verdict {
  readonly status: CheckOutcome['status'];
  readonly reason: string;
  /** Monotonic ms: its age must not depend on a wall clock that jumps. */
  readonly seenAt: number;
  readonly at: number;
}

/** Past this count a longer row of failures is no news worth a write of its own. */
const promptFailures = 10;

/** Starts watching a check that has no history yet. */
export function watchCheck(check: Check, clock: Clock): WatchedCheck {
  const staleAfterMs = 2 * check.info.intervalMs + check.info.timeoutMs;
  const recent: Recent[] = [];
  let last: CheckResult | undefined;
  let verdict: Verdict | undefined;
  let since = clock.now();
  let failures = 0;
  let remembered = '';

  function absorb(result: CheckResult): boolean {
    last = result;
    const excuse = excuseOf(result);
    recent.push({
      at: result.at,
      status: result.status,
      durationMs: result.durationMs,
      ...(result.inconclusive ? { inconclusive: true } : {}),
      ...(excuse ? { excuse } : {}),
    });
    if (recent.length > recentLimit) recent.shift();
    const memory = JSON.stringify(check.memory?.() ?? null);
    let news = memory !== remembered;
    remembered = memory;
    if (result.inconclusive) return news;

    if (verdict?.status !== result.status || isOld(verdict)) {
      since = result.at;
      news = true;
    }
    verdict = { status: result.status, reason: result.reason, seenAt: clock.monotonic(), at: result.at };
    const before = failures;
    // What fails as planned is shown as it is, but is no failure to count.
    if (excuse === 'maintenance') return news;
    if (result.status === 'error') failures += 1;
    else if (result.status !== 'unknown') failures = 0;
    return news || (failures !== before && failures <= promptFailures);
  }

  const isOld = (one: Verdict) => clock.monotonic() - one.seenAt > staleAfterMs;

  function status(): { status: CheckStatus; reason: string; since: number } {
    if (!verdict) {
      const reason = last ? `no result that counts yet: ${last.reason}` : 'has not been checked yet';
      return { status: 'unknown', reason, since };
    }
    const ageMs = clock.monotonic() - verdict.seenAt;
    if (ageMs > staleAfterMs) {
      const why = last?.inconclusive ? `; ${last.reason}` : '';
      return {
        status: 'stale',
        reason: `no result that counts for ${formatDuration(ageMs)}${why}; before that ${verdict.status}: ${verdict.reason}`,
        since: clock.now() - (ageMs - staleAfterMs),
      };
    }
    return { status: verdict.status, reason: verdict.reason, since };
  }

  return {
    check,
    absorb,
    state: (running, nextAt) => ({
      check: check.info,
      ...status(),
      ...(last ? { last } : {}),
      consecutiveFailures: failures,
      running,
      nextAt,
      recent: recent.slice(),
    }),
    snapshot: () => ({
      v: 1,
      since,
      failures,
      ...(verdict ? { status: verdict.status, reason: verdict.reason, at: verdict.at } : {}),
      recent: packRecent(recent),
      memory: check.memory?.() ?? null,
    }),
    restore(value) {
      const kept = asSnapshot(value);
      if (!kept) return;
      recent.unshift(...unpackRecent(kept.recent));
      recent.splice(0, recent.length - recentLimit);
      failures = kept.failures;
      since = kept.since;
      check.recall?.(kept.memory);
      remembered = JSON.stringify(check.memory?.() ?? null);
      if (kept.status === undefined) return;
      // A result from the future means the clock went back while we were away: its age is unknown, so it is old.
      const ageMs = kept.at > clock.now() ? Number.POSITIVE_INFINITY : clock.now() - kept.at;
      verdict = {
        status: kept.status,
        reason: kept.reason,
        at: kept.at,
        seenAt: clock.monotonic() - Math.min(ageMs, 1e15),
      };
    },
  };
}

interface Snapshot {
  readonly since: number;
  readonly failures: number;
  readonly status: Verdict['status'] | undefined;
  readonly reason: string;
  readonly at: number;
  readonly recent: unknown;
  readonly memory: unknown;
}

/** What was written by this version or another; undefined when it cannot be read. */
function asSnapshot(value: unknown): Snapshot | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const raw = value as Record<string, unknown>;
  if (raw.v !== 1 || typeof raw.since !== 'number') return undefined;
  const known = raw.status === 'ok' || raw.status === 'warning' || raw.status === 'error' || raw.status === 'unknown';
  return {
    since: raw.since,
    failures: typeof raw.failures === 'number' ? raw.failures : 0,
    status: known && typeof raw.at === 'number' ? (raw.status as Verdict['status']) : undefined,
    reason: typeof raw.reason === 'string' ? raw.reason : '',
    at: typeof raw.at === 'number' ? raw.at : 0,
    recent: raw.recent,
    memory: raw.memory,
  };
}
