import { isIP } from 'node:net';
import type { Check, CheckInfo, CheckOutcome, ConditionResult } from '../../model/check.ts';
import type { Clock } from '../../model/clock.ts';
import { formatDuration } from '../../model/duration.ts';
import { isMonitorError } from '../../model/problem.ts';
import type { Sample } from '../../model/sample.ts';
import { untilAborted } from '../abort.ts';
import { networkFailure } from '../network-words.ts';
import type { DatabaseKind, DatabaseSession, ServerFacts } from './kind.ts';
import { passwordMask, targetOf } from './target.ts';

export interface DatabaseCheckOptions {
  readonly info: Omit<CheckInfo, 'target' | 'explanation' | 'kind' | 'component'> & { readonly kind: string };
  readonly kind: DatabaseKind;
  readonly url: string;
  /** The configured question; undefined = the cheapest the server knows. */
  readonly query: string | undefined;
  /** The check warns when the query is slower, ms; undefined = not judged. */
  readonly slowQueryMs: number | undefined;
  /** Every so many runs a new connection replaces the kept one. */
  readonly freshEvery: number;
  /** Ask the server about itself too. */
  readonly withFacts: boolean;
  readonly clock: Clock;
}

/** What a run was doing when its time was over. */
const stages: Readonly<Record<string, string>> = {
  dns: 'looking up the name of the server',
  connect: 'connecting to the server',
  login: 'waiting for the server to let us in (connected, but no answer to the login)',
  query: 'waiting for the answer to the query',
  facts: 'waiting for the server’s statistics',
};

/**
 * Checks one database over a connection that is kept, because a new one costs the server seventy times as much;
 * every n-th run opens a new one, so that DNS and login are known to work too.
 */
export function databaseCheck(options: DatabaseCheckOptions): Check {
  const { kind, url, clock, freshEvery } = options;
  const mask = passwordMask(url);
  const info: CheckInfo = {
    ...options.info,
    component: 'database',
    target: targetOf(url),
    explanation: kind.explanation,
  };
  let kept: DatabaseSession | undefined;
  let runs = 0;
  let freshDue = true;

  async function run(signal: AbortSignal): Promise<CheckOutcome> {
    runs += 1;
    freshDue ||= (runs - 1) % freshEvery === 0;
    const timing = startTiming(clock);
    let loss: string | undefined;
    if (kept && !kept.alive) loss = 'it was closed while idle';
    else if (kept && !freshDue) {
      const answer = await askKept(kept, signal, timing);
      if (typeof answer !== 'string') return answer;
      loss = answer;
    }
    try {
      return judge(await askFresh(signal, timing), timing, loss);
    } catch (error) {
      // As long as a new connection cannot be made the kept one proves nothing.
      freshDue = true;
      return failure(error, signal, timing);
    }
  }

  /** The outcome over the kept connection, or, as a text, how it was lost so that a new one has to be tried. */
  async function askKept(
    session: DatabaseSession,
    signal: AbortSignal,
    timing: Timing,
  ): Promise<CheckOutcome | string> {
    // A connection that a firewall forgot hangs for ever: half of the time is left to find out whether a new one works.
    const half = AbortSignal.any([signal, abortAfter(info.timeoutMs / 2, clock)]);
    try {
      return judge(await ask(session, half, timing, info.timeoutMs / 2), timing, undefined);
    } catch (error) {
      const isLost = !session.alive || half.aborted || kind.explain(error)?.connectionLost;
      if (!isLost) return failure(error, signal, timing);
      session.destroy();
      kept = undefined;
      if (signal.aborted) return failure(error, signal, timing);
      timing.restart();
      return half.aborted ? `no answer for ${formatDuration(info.timeoutMs / 2)}` : words(error).reason;
    }
  }

  async function askFresh(signal: AbortSignal, timing: Timing): Promise<ServerFacts | undefined> {
    timing.enter(isIP(new URL(url).hostname.replace(/^\[|\]$/g, '')) ? 'connect' : 'dns');
    const opening = kind.open(url, { signal, timeoutMs: info.timeoutMs, mark: timing.mark });
    // A connection that comes after the verdict must not stay open.
    opening.then((late) => signal.aborted && late.destroy()).catch(() => {});
    const session = await untilAborted(opening, signal);
    try {
      const facts = await ask(session, signal, timing, info.timeoutMs);
      const old = kept;
      kept = session;
      freshDue = false;
      if (old) leave(old);
      return facts;
    } catch (error) {
      session.destroy();
      throw error;
    }
  }

  async function ask(session: DatabaseSession, signal: AbortSignal, timing: Timing, budgetMs: number) {
    // The server gives up before we do, so that no query of ours goes on when nobody waits for it any more.
    const serverBudgetMs = budgetMs * 0.8;
    timing.enter('query');
    await untilAborted(session.ask(options.query, serverBudgetMs), signal);
    timing.mark('query');
    if (!options.withFacts || !session.facts) return undefined;
    timing.enter('facts');
    const facts = await untilAborted(session.facts(serverBudgetMs), signal);
    timing.mark('facts');
    return facts;
  }

  function judge(facts: ServerFacts | undefined, timing: Timing, loss: string | undefined): CheckOutcome {
    const queryMs = timing.phases.query ?? 0;
    const conditions: ConditionResult[] = [];
    const { slowQueryMs } = options;
    const slow = slowQueryMs !== undefined && queryMs > slowQueryMs;
    if (slowQueryMs !== undefined) {
      conditions.push({
        condition: `the query takes at most ${formatDuration(slowQueryMs)}`,
        met: !slow,
        seen: formatDuration(queryMs),
        severity: 'warning',
      });
    }
    const problems = [
      ...(slow ? [`the query took ${formatDuration(queryMs)} (limit ${formatDuration(slowQueryMs)})`] : []),
      ...(loss && loss !== 'it was closed while idle'
        ? [`the kept connection was lost (${loss}); a new one works`]
        : []),
      ...(facts?.problems ?? []),
    ];
    return {
      status: problems.length > 0 ? 'warning' : 'ok',
      reason: problems.length > 0 ? problems.join('; ') : `answered in ${formatDuration(queryMs)}`,
      seen: {
        ...(kept?.server ? { server: kept.server } : {}),
        connection: timing.phases.login === undefined ? 'kept' : 'new',
        ...(loss ? { kept_connection_lost: loss } : {}),
        ...facts?.seen,
      },
      ...(conditions.length > 0 ? { conditions } : {}),
      phases: timing.phases,
      ...(facts?.samples ? { samples: facts.samples.map(withCheckLabel) } : {}),
    };
  }

  /** Two databases must not share a series. */
  const withCheckLabel = (sample: Omit<Sample, 'at'>) => ({ ...sample, labels: { check: info.id, ...sample.labels } });

  function failure(error: unknown, signal: AbortSignal, timing: Timing): CheckOutcome {
    const stage = timing.stage;
    if (isMonitorError(error)) {
      return { status: 'unknown', reason: `${error.message} ${error.hint ?? ''}`.trim(), seen: { code: error.code } };
    }
    if (signal.aborted) {
      return {
        status: 'error',
        reason: `no answer within ${formatDuration(info.timeoutMs)} while ${stages[stage] ?? stage}`,
        seen: { timed_out: true, stage },
        phases: timing.phases,
      };
    }
    const said = words(error);
    return {
      status: 'error',
      reason: said.reason,
      seen: { stage, ...(said.code ? { code: said.code } : {}) },
      phases: timing.phases,
      ...(said.inconclusive ? { inconclusive: true } : {}),
    };
  }

  function words(error: unknown): { reason: string; code?: string; inconclusive?: true } {
    const said: { reason: string; code?: string; inconclusive?: true } = kind.explain(error) ?? networkFailure(error);
    return { ...said, reason: mask(said.reason) };
  }

  return {
    info,
    run,
    async close() {
      const session = kept;
      kept = undefined;
      freshDue = true;
      if (session) await session.end().catch(() => session.destroy());
    },
  };
}

/** Takes leave politely, without making anybody wait. */
function leave(session: DatabaseSession): void {
  session.end().catch(() => session.destroy());
}

interface Timing {
  /** What is being waited for. */
  readonly stage: string;
  readonly phases: Record<string, number>;
  enter(stage: string): void;
  /** The phase is over: it took from the end of the one before until now. */
  readonly mark: (phase: string) => void;
  restart(): void;
}

/** The phase after each, so that a timeout can say what it was waiting for. */
const following: Readonly<Record<string, string>> = { dns: 'connect', connect: 'login', login: 'query' };

function startTiming(clock: Clock): Timing {
  let before = clock.monotonic();
  let stage = 'query';
  let phases: Record<string, number> = {};
  return {
    get stage() {
      return stage;
    },
    get phases() {
      return phases;
    },
    enter(next) {
      stage = next;
      before = clock.monotonic();
    },
    mark(phase) {
      const now = clock.monotonic();
      phases[phase] = now - before;
      before = now;
      stage = following[phase] ?? stage;
    },
    restart() {
      phases = {};
    },
  };
}

function abortAfter(ms: number, clock: Clock): AbortSignal {
  const controller = new AbortController();
  clock.after(ms, () => controller.abort());
  return controller.signal;
}
