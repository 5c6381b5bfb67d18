import type { CheckInfo, CheckOutcome, ConditionResult } from '../../model/check.ts';
import { formatDuration } from '../../model/duration.ts';
import type { MonitorError } from '../../model/problem.ts';
import { networkFailure } from '../network-words.ts';
import type { DatedFacts, EvidenceBook } from './evidence.ts';
import type { DatabaseKind, FailureKind, ServerFacts } from './kind.ts';
import type { OwnCost } from './own-cost.ts';
import { type Place, passwordMask } from './place.ts';
import { Expired, type Timing } from './timing.ts';

/** How a kept connection may be lost without a word: it says nothing about the database. */
export const idleLoss = 'it was closed while idle';

const notWritable = {
  failure: 'read-only' as const,
  reason: 'the server answers, but nothing can be written: it is read-only (a standby, or set so)',
};

interface Answered {
  readonly connection: 'kept' | 'new';
  readonly server: string | undefined;
  readonly timing: Timing;
  /** How the kept connection was lost. */
  readonly loss: string | undefined;
  /** How the question for statistics was not answered. */
  readonly silence: string | undefined;
  /** The newest statistics; older than this run unless `fresh`. */
  readonly dated: DatedFacts | undefined;
  readonly fresh: boolean;
}

export interface VerdictOptions {
  readonly info: CheckInfo;
  readonly kind: DatabaseKind;
  readonly place: Place;
  readonly slowQueryMs: number | undefined;
  readonly expectWritable: boolean;
  readonly cost: OwnCost;
  readonly evidence: EvidenceBook;
}

/** Words of an error, with the password taken out. */
export interface ErrorWords {
  readonly reason: string;
  readonly code?: string;
  readonly failure?: FailureKind;
  readonly inconclusive?: true;
}

/** Makes outcomes of what a run of a database check saw. */
export function createVerdicts(options: VerdictOptions) {
  const { info, kind, place, slowQueryMs, cost, evidence } = options;
  const mask = passwordMask(place);
  const slowWords = `the query takes at most ${formatDuration(slowQueryMs ?? 0)}`;

  function words(error: unknown): ErrorWords {
    const said: ErrorWords = kind.explain(error) ?? networkFailure(kind.unwrap?.(error) ?? error);
    return { ...said, reason: mask(said.reason) };
  }

  function good(answer: Answered): CheckOutcome {
    const { timing, loss, silence, dated } = answer;
    const queryMs = timing.phases['query'] ?? 0;
    const facts = dated?.facts;
    const took = formatDuration(queryMs);
    const conditions: ConditionResult[] = [];
    const problems: string[] = [];
    if (slowQueryMs !== undefined) {
      const met = queryMs <= slowQueryMs;
      conditions.push({ id: 'response-time', condition: slowWords, met, seen: took, severity: 'warning' });
      if (!met) problems.push(`the query took ${took} (limit ${formatDuration(slowQueryMs)})`);
    }
    for (const one of facts?.conditions ?? []) {
      conditions.push(one);
      if (!one.met) problems.push(one.seen);
    }
    if (loss && loss !== idleLoss) problems.push(`the kept connection was lost (${loss}); a new one works`);
    if (silence) problems.push(`the question for statistics was not answered: ${silence}`);
    const broken = facts?.broken ?? (options.expectWritable && facts?.readOnly === true ? notWritable : undefined);
    return {
      status: broken ? 'error' : problems.length > 0 ? 'warning' : 'ok',
      reason: broken?.reason ?? (problems.join('; ') || `answered in ${took}`),
      seen: {
        ...(answer.server ? { server: answer.server } : {}),
        connection: answer.connection,
        ...(loss ? { kept_connection_lost: loss } : {}),
        ...(broken ? { failure: broken.failure } : {}),
        ...(dated ? factsSeen(dated) : {}),
        own_cost: cost.seen,
      },
      ...(conditions.length > 0 ? { conditions } : {}),
      phases: timing.phases,
      ...(answer.fresh ? { samples: samples(facts) } : {}),
    };
  }

  /** Two databases must not share a series. */
  function samples(facts: ServerFacts | undefined): NonNullable<CheckOutcome['samples']> {
    return [...(facts?.samples ?? []), ...cost.samples()].map((sample) => ({
      ...sample,
      labels: { check: info.id, ...sample.labels },
    }));
  }

  return {
    words,
    good,

    /** Something that the user has to install or to change: it says nothing about the database. */
    unable: (error: MonitorError): CheckOutcome => ({
      status: 'unknown',
      reason: `${error.message} ${error.hint ?? ''}`.trim(),
      seen: { code: error.code },
    }),

    bad(error: unknown, signal: AbortSignal, timing: Timing): CheckOutcome {
      const { stage, phases } = timing;
      if (signal.aborted || error instanceof Expired) {
        return {
          status: 'error',
          reason: `no answer within ${formatDuration(info.timeoutMs)} while ${timing.words()}`,
          seen: { timed_out: true, failure: 'timeout', stage, own_cost: cost.seen },
          phases,
        };
      }
      const { reason, code, failure, inconclusive } = words(error);
      return {
        status: 'error',
        reason,
        seen: {
          stage,
          failure: failure ?? networkKind(code),
          ...(code ? { code } : {}),
          own_cost: cost.seen,
        },
        phases,
        ...(inconclusive ? { inconclusive } : {}),
      };
    },

    /** Adds what was taken down when the database got worse the last time. */
    withEvidence: (outcome: CheckOutcome): CheckOutcome =>
      evidence.last ? { ...outcome, seen: { ...outcome.seen, evidence: evidence.last } } : outcome,
  };
}

function factsSeen({ at, facts }: DatedFacts): Record<string, unknown> {
  return {
    ...facts.figures,
    ...(facts.blocking?.length ? { blocking: facts.blocking } : {}),
    ...(facts.activity?.length ? { activity: facts.activity } : {}),
    ...(facts.statements ? { statements: facts.statements } : {}),
    statistics_at: at,
  };
}

/** Certificates have codes of their own; everything else is the network. */
function networkKind(code: string | undefined): string {
  return code && /CERT|SSL|TLS|EPROTO|SELF_SIGNED|VERIFY|ISSUER/.test(code) ? 'tls' : 'network';
}
