import type { Check, CheckInfo, CheckOutcome } from '../../model/check.ts';
import type { Clock } from '../../model/clock.ts';
import { isMonitorError } from '../../model/problem.ts';
import { untilAborted } from '../abort.ts';
import { createEvidenceBook, type DatedFacts } from './evidence.ts';
import type { DatabaseKind, DatabaseSession } from './kind.ts';
import type { Levels } from './levels.ts';
import { createOwnCost } from './own-cost.ts';
import type { Place } from './place.ts';
import { Expired, firstStage, oneTurn, Timing, within } from './timing.ts';
import { createVerdicts, idleLoss } from './verdict.ts';
import { createWindow } from './window.ts';

export interface DatabaseCheckOptions {
  readonly info: Omit<CheckInfo, 'target' | 'explanation' | 'kind' | 'component'> & { readonly kind: string };
  readonly kind: DatabaseKind;
  readonly place: Place;
  /** The configured question; undefined = the cheapest the server knows. */
  readonly query: string | undefined;
  /** The check warns when the query is slower, ms; undefined = not judged. */
  readonly slowQueryMs: number | undefined;
  /** Every so many runs a new connection replaces the kept one. */
  readonly freshEvery: number;
  /** Ask the server about itself, at most so often, ms; undefined = never. */
  readonly factsEveryMs: number | undefined;
  /** The server’s statement statistics too. */
  readonly withStatements: boolean;
  readonly levels: Levels;
  /** It is an error when nothing can be written over this connection. */
  readonly expectWritable: boolean;
  readonly clock: Clock;
}

/** The share of the time that is left which statistics may take: the answer to the question itself is what counts. */
const factsShare = 0.6;

/**
 * Checks one database over a connection that is kept, because a new one costs the server seventy times as much;
 * every n-th run opens a new one, so that DNS and login are known to work too.
 */
export function databaseCheck(options: DatabaseCheckOptions): Check {
  const { kind, place, clock, freshEvery, factsEveryMs } = options;
  const info: CheckInfo = {
    ...options.info,
    component: 'database',
    target: place.target,
    explanation: kind.explanation,
  };
  const window = createWindow(clock);
  const cost = createOwnCost(clock);
  const evidence = createEvidenceBook(clock);
  const verdicts = createVerdicts({ ...options, info, cost, evidence });
  let kept: DatabaseSession | undefined;
  let runs = 0;
  let freshDue = true;
  /** The newest statistics, and when the next are due (monotonic ms). */
  let latest: DatedFacts | undefined;
  let factsDueAt = 0;
  let good: DatedFacts | undefined;

  async function run(signal: AbortSignal): Promise<CheckOutcome> {
    const timing = new Timing(clock);
    await oneTurn();
    timing.mark('event_loop');
    runs += 1;
    freshDue ||= (runs - 1) % freshEvery === 0;
    let loss: string | undefined;
    if (kept && !kept.alive) loss = idleLoss;
    else if (kept && !freshDue) {
      const answer = await askKept(kept, signal, timing);
      if (typeof answer !== 'string') return answer;
      loss = answer;
    }
    try {
      const session = await openFresh(signal, timing);
      return await answered(session, 'new', signal, timing, loss);
    } catch (error) {
      // As long as a new connection cannot be made the kept one proves nothing.
      freshDue = true;
      return failed(error, signal, timing);
    }
  }

  /** The outcome over the kept connection, or, as a text, how it was lost so that a new one has to be tried. */
  async function askKept(
    session: DatabaseSession,
    signal: AbortSignal,
    timing: Timing,
  ): Promise<CheckOutcome | string> {
    // A connection that a firewall forgot hangs for ever: half of the time is left to find out whether a new one works.
    const half = info.timeoutMs / 2;
    try {
      await ask(session, half, signal, timing);
    } catch (error) {
      const isLost = !session.alive || error instanceof Expired || kind.explain(error)?.connectionLost;
      if (!isLost) return failed(error, signal, timing);
      session.destroy();
      kept = undefined;
      if (signal.aborted) return failed(error, signal, timing);
      timing.restart();
      return error instanceof Expired ? error.message : verdicts.words(error).reason;
    }
    return answered(session, 'kept', signal, timing, undefined);
  }

  async function openFresh(signal: AbortSignal, timing: Timing): Promise<DatabaseSession> {
    timing.enter(firstStage(place));
    const opening = kind.open(place, { signal, timeoutMs: info.timeoutMs, mark: (phase) => timing.mark(phase) });
    // A connection that comes after the verdict must not stay open.
    opening.then((late) => signal.aborted && late.destroy()).catch(() => {});
    const session = await untilAborted(opening, signal);
    cost.connected();
    try {
      await ask(session, info.timeoutMs, signal, timing);
    } catch (error) {
      session.destroy();
      throw error;
    }
    const old = kept;
    kept = session;
    freshDue = false;
    if (old) leave(old);
    return session;
  }

  async function ask(session: DatabaseSession, budgetMs: number, signal: AbortSignal, timing: Timing): Promise<void> {
    timing.enter('query');
    const leftMs = Math.max(1, budgetMs - timing.elapsedMs);
    // The server gives up before we do, so that no query of ours goes on when nobody waits for it any more.
    await within(session.ask(options.query, leftMs * 0.8), leftMs, signal, clock);
    timing.mark('query');
    cost.asked(session, timing.phases['query'] ?? 0);
  }

  /** The question was answered. Asks for statistics when they are due, or when something is wrong for the first time. */
  async function answered(
    session: DatabaseSession,
    connection: 'kept' | 'new',
    signal: AbortSignal,
    timing: Timing,
    loss: string | undefined,
  ): Promise<CheckOutcome> {
    const slow = options.slowQueryMs !== undefined && (timing.phases['query'] ?? 0) > options.slowQueryMs;
    const suspicious = (slow || (loss !== undefined && loss !== idleLoss)) && evidence.isNews('warning');
    let fresh: DatedFacts | undefined;
    let silence: string | undefined;
    if (suspicious || clock.monotonic() >= factsDueAt) {
      timing.enter('facts');
      try {
        fresh = await askFacts(session, signal, timing);
        if (fresh) timing.mark('facts');
      } catch (error) {
        // A server that answers questions, but not the one about itself, is in trouble, not down. The connection is of no use any more.
        silence = error instanceof Expired ? error.message : verdicts.words(error).reason;
        session.destroy();
        kept = undefined;
      }
    }
    const { server } = session;
    const outcome = verdicts.good({
      connection,
      server,
      timing,
      loss,
      silence,
      dated: latest,
      fresh: fresh !== undefined,
    });
    evidence.note(outcome, fresh, good);
    if (outcome.status === 'ok') good = latest;
    return verdicts.withEvidence(outcome);
  }

  /** One pass of questions for statistics; undefined when none are wanted. */
  async function askFacts(
    session: DatabaseSession,
    signal: AbortSignal,
    timing: Timing,
  ): Promise<DatedFacts | undefined> {
    if (factsEveryMs === undefined || !session.facts) return undefined;
    const startedAt = clock.monotonic();
    const leftMs = Math.max(1, (info.timeoutMs - timing.elapsedMs) * factsShare);
    window.begin();
    const asking = session.facts({
      budgetMs: leftMs * 0.8,
      window,
      levels: options.levels,
      withStatements: options.withStatements,
    });
    const facts = await within(asking, leftMs, signal, clock);
    cost.asked(session, clock.monotonic() - startedAt);
    latest = { at: clock.now(), facts };
    // Checks come a few milliseconds early at times; statistics must not be put off by a whole interval for that.
    factsDueAt = clock.monotonic() + factsEveryMs - Math.min(1000, factsEveryMs / 2);
    return latest;
  }

  /** The question was not answered. What can still be learned over a connection that lives is taken down as evidence. */
  async function failed(error: unknown, signal: AbortSignal, timing: Timing): Promise<CheckOutcome> {
    if (isMonitorError(error)) return verdicts.unable(error);
    const outcome = verdicts.bad(error, signal, timing);
    if (outcome.inconclusive) return outcome;
    let fresh: DatedFacts | undefined;
    if (kept?.alive && !signal.aborted && evidence.isNews('error')) {
      fresh = await askFacts(kept, signal, timing).catch(() => undefined);
    }
    evidence.note(outcome, fresh, good);
    return verdicts.withEvidence(outcome);
  }

  return {
    info,
    run,
    memory: () => ({ evidence: evidence.memory() }),
    recall: (value) => evidence.recall((value as { evidence?: unknown } | null | undefined)?.evidence),
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
