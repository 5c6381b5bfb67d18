import type { CheckOutcome } from '../../model/check.ts';
import type { Clock } from '../../model/clock.ts';
import type { BlockedSession, ServerFacts, ServerSession, StatementUse } from './kind.ts';

/** What was seen in the moment in which a database got worse. Values of statements are not in it. */
export interface Evidence {
  /** Epoch ms. */
  readonly at: number;
  readonly status: 'warning' | 'error';
  readonly reason: string;
  /** What the server said of itself in that moment; absent when it could not be asked. */
  readonly observed?: Facts;
  /** What it had said before, while all was well. */
  readonly before?: Facts;
  /** Epoch ms of the first good result after it. */
  readonly recovered_at?: number;
}

interface Facts {
  readonly at: number;
  readonly figures: Readonly<Record<string, unknown>>;
  readonly blocking?: readonly BlockedSession[];
  readonly activity?: readonly ServerSession[];
  readonly statements?: readonly StatementUse[];
}

/** Statistics and when they were asked for. */
export interface DatedFacts {
  readonly at: number;
  readonly facts: ServerFacts;
}

/** Keeps the evidence of the last time that a database got worse, also through a restart. */
export interface EvidenceBook {
  /** True when this outcome is a step for the worse, so that the server should be asked now, before the traces are gone. */
  isNews(status: CheckOutcome['status']): boolean;
  /** A result is about to be told. `now`: statistics of this very run. */
  note(
    outcome: Pick<CheckOutcome, 'status' | 'reason'>,
    now: DatedFacts | undefined,
    good: DatedFacts | undefined,
  ): void;
  readonly last: Evidence | undefined;
  memory(): unknown;
  recall(value: unknown): void;
}

const ranks = { unknown: 0, ok: 0, warning: 1, error: 2 } as const;

/** Makes a book with nothing in it. */
export function createEvidenceBook(clock: Clock): EvidenceBook {
  let rank = 0;
  let last: Evidence | undefined;
  return {
    isNews: (status) => ranks[status] > rank,
    note({ status, reason }, now, good) {
      if (status === 'unknown') return;
      if (status !== 'ok' && ranks[status] > rank) {
        last = {
          at: clock.now(),
          status,
          reason,
          ...(now ? { observed: concise(now, 10) } : {}),
          ...(good && good !== now ? { before: concise(good, 3) } : {}),
        };
      }
      if (status === 'ok' && last && last.recovered_at === undefined) last = { ...last, recovered_at: clock.now() };
      rank = ranks[status];
    },
    get last() {
      return last;
    },
    memory: () => ({ rank, last: last ?? null }),
    recall(value) {
      const kept = value as { rank?: unknown; last?: Evidence | null } | null | undefined;
      if (typeof kept !== 'object' || kept === null) return;
      if (kept.rank === 1 || kept.rank === 2) rank = kept.rank;
      if (typeof kept.last === 'object' && kept.last !== null && typeof kept.last.at === 'number') last = kept.last;
    },
  };
}

function concise({ at, facts }: DatedFacts, most: number): Facts {
  return {
    at,
    figures: facts.figures,
    ...(facts.blocking?.length ? { blocking: facts.blocking.slice(0, most) } : {}),
    ...(facts.activity?.length ? { activity: facts.activity.slice(0, most) } : {}),
    ...(facts.statements?.list.length ? { statements: facts.statements.list.slice(0, 3) } : {}),
  };
}
