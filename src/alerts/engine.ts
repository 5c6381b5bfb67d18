/**
 * The alert engine. In come observations (check results, job progress, agents, deliveries, the store) and what people do (silence,
 * acknowledge, raise); out go episodes, their transitions, journal lines and, in the same transaction, the messages that are owed.
 * It never sends anything, never throws for what it observes, and decides with what it holds in memory.
 */
import type { AlertsView } from '../model/alert.ts';
import { type CheckResult, excuseOf } from '../model/check.ts';
import type { Clock, Timer } from '../model/clock.ts';
import type { Emit } from '../model/event.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { Log } from '../model/log.ts';
import type { FallbackState, PoolState } from '../model/pool.ts';
import type { ProgressRun } from '../model/progress.ts';
import type { AgentState } from '../model/signal.ts';
import type { SeriesStore, StateStore } from '../model/store.ts';
import { readBook } from './book.ts';
import { createClockWatch, moveEverything } from './clock-watch.ts';
import { createDesk } from './desk.ts';
import { escalate } from './escalate.ts';
import { createEscalations } from './escalation.ts';
import { flush } from './flush.ts';
import { createLedger, type Owing } from './ledger.ts';
import { lookAgain, tell } from './life.ts';
import { createNoise } from './noise.ts';
import { observe } from './observe.ts';
import { closeOrphans } from './orphans.ts';
import type { Pen } from './pen.ts';
import { recallChanges } from './recall.ts';
import { createRecollection } from './recollection.ts';
import { keepBundles, remind } from './reminding.ts';
import type { Observation } from './rule.ts';
import { builtInRules } from './rules/registry.ts';
import { openRuleRoom } from './rules/room.ts';
import type { CheckThresholds, Thresholds } from './rules/rule-settings.ts';
import type { SeriesTap } from './rules/series-tap.ts';
import type { AlertsSettings } from './settings.ts';
import { settle } from './settle.ts';
import { endSilences, inForce } from './silence-end.ts';
import type { Channel } from './telling.ts';
import { createAlertsView } from './view.ts';
import { waitingHold } from './waiting.ts';

/** How often bundles are looked over, steady ms. */
const slowRoundMs = 10_000;

/** What the engine is made from. */
export interface AlertEngineOptions {
  readonly settings: AlertsSettings;
  /** `monitoring.alert_thresholds`. */
  readonly thresholds: Thresholds;
  /** The sections `database_monitoring`, `api_monitoring` and `system_monitoring`, for their thresholds. */
  readonly checks: CheckThresholds;
  readonly state: StateStore;
  readonly series: SeriesStore;
  /** Where the points of rules on series are heard: the tap on the store that everybody appends to. */
  readonly tap?: SeriesTap;
  /** The channels that exist now; asked at every change. */
  readonly channels: () => readonly Channel[];
  readonly clock: Clock;
  readonly emit: Emit;
  readonly log: Log;
  /** Hears of messages that are owed, right after they are stored; `stored` is false when the disk refused them. */
  readonly onOwed?: Owing;
  /** Ids of the configured checks: open alerts of any other check are ended at the start, nobody would ever say they are well again. */
  readonly checkIds?: readonly string[];
}

/** A running engine. No method rejects for what it is told, except the view's for a disk that cannot be written. */
export interface AlertEngine {
  readonly view: AlertsView;
  observe(result: CheckResult): Promise<void>;
  observeProgress(run: ProgressRun): Promise<void>;
  observeAgent(agent: AgentState): Promise<void>;
  /** Hears how a connection pool of an application is. */
  observePool(pool: PoolState): Promise<void>;
  /** Hears how a fallback chain of an application is. */
  observeFallback(fallback: FallbackState): Promise<void>;
  /** Hears of an error group: a new one, one that came back, one more event, or a state that somebody set. */
  observeError(error: Omit<Extract<Observation, { kind: 'error' }>, 'kind'>): Promise<void>;
  /** Hears how a message ended, so that a dead channel becomes an alert told by the others. */
  observeDelivery(outcome: { channel: string; delivered: boolean; summary: string }): Promise<void>;
  /** Hears of a line of the journal: what changed before an alert is part of its message. */
  observeChange(entry: JournalEntry): void;
  /** Hears whether the data directory can be written; undefined = it can. */
  observeStore(problem: string | undefined): Promise<void>;
  /** Lets time-driven things happen: silences end, waiting changes are written. Call it about once a second. */
  tick(): Promise<void>;
  /** Resolves when everything it was told is stored. */
  stop(): Promise<void>;
}

/** Reads what was open when the monitor stopped (or was killed), and goes on from there. */
export async function createAlertEngine(options: AlertEngineOptions): Promise<AlertEngine> {
  const { state, clock, log, emit, settings, thresholds, checks, channels } = options;
  const book = await readBook(state, clock.now());
  const ledger = createLedger({
    book,
    state,
    log,
    emit,
    onOwed: options.onOwed ?? (() => undefined),
    onWritten: () => setAlarm(),
  });
  const watch = createClockWatch(clock);
  const escalations = createEscalations(settings.escalation);
  const noise = createNoise(settings);
  const recollection = createRecollection();
  await recallChanges({ state, clock, noise, recollection, book });

  const pen = (draft: Pen['draft']): Pen => {
    const jump = watch.jumpedBack();
    if (jump < 0) moveEverything(draft, noise, jump, clock.now(), log);
    return { draft, now: clock.now(), channels: channels(), escalations, noise, recollection };
  };

  /** What was in force when the alerts were looked at last, and when the slower rounds went last. */
  let force = '';
  let roundAt = Number.NEGATIVE_INFINITY;
  let alarm: Timer | undefined;

  /** Tells what is due, and sets the alarm for what will be. */
  async function tellDue(): Promise<void> {
    await ledger
      .run((draft) => {
        const at = pen(draft);
        if (noise.wakeAt <= at.now) flush(at);
      })
      .catch(() => undefined);
  }

  function setAlarm(): void {
    alarm?.cancel();
    alarm = undefined;
    const waitMs = noise.wakeAt - clock.now();
    // What is further away is found by the round of every second.
    if (waitMs < 1000) alarm = clock.after(Math.max(10, waitMs), () => void tellDue());
  }

  /** What happens by the clock alone. */
  function roundOf(at: Pen): void {
    endSilences(at);
    const forceNow = inForce(at);
    if (forceNow !== force) {
      force = forceNow;
      lookAgain(at);
      noise.wakeAt = 0;
    }
    settle(at);
    remind(at);
    if (clock.monotonic() - roundAt >= slowRoundMs) {
      roundAt = clock.monotonic();
      noise.changes.prune(at.now);
      keepBundles(at);
    }
    escalate(at);
    if (noise.wakeAt <= at.now) flush(at);
  }

  async function see(observation: Observation): Promise<void> {
    if (observation.kind === 'check') rules.met(observation.result.check);
    try {
      await ledger.run((draft) => {
        const at = pen(draft);
        for (const rule of rules.reading(observation.kind))
          observe(at, rule, observation, createDesk(at, rule, rules.awakeSince), log);
      });
    } catch {
      // The ledger has logged it, keeps the decision and writes it when the disk takes it again.
    }
  }

  /** Brings what is written in line with the present: silences that ended meanwhile, channels that are new, checks that are gone. */
  async function reconcile(): Promise<void> {
    await ledger
      .run((draft) => {
        const at = pen(draft);
        for (const episode of draft.allOpen()) noise.inhibition.note(episode);
        endSilences(at);
        if (options.checkIds) closeOrphans(at, new Set(options.checkIds));
        lookAgain(at);
        for (const episode of draft.allOpen()) {
          if (episode.state === 'firing' && !waitingHold(episode)) tell(at, episode, episode.id);
        }
      })
      .catch(() => undefined);
  }

  await reconcile();
  const rules = await openRuleRoom({
    settings,
    builtIn: builtInRules({ alerts: settings, thresholds, checks }),
    series: options.series,
    tap: options.tap,
    state,
    clock,
    log,
    book,
    ledger,
    pen,
  });
  return {
    view: createAlertsView({ book, ledger, pen, rules, clock }),
    // What is planned, or only the consequence of a parent's failure, changes no alert: the parent's own tells people.
    observe: (result) => (result.inconclusive || excuseOf(result) ? Promise.resolve() : see({ kind: 'check', result })),
    observeProgress: (run) => see({ kind: 'progress', run }),
    observeAgent: (agent) => see({ kind: 'agent', agent }),
    observePool: (pool) => see({ kind: 'pool', pool }),
    observeFallback: (fallback) => see({ kind: 'fallback', fallback }),
    observeError: (error) => see({ kind: 'error', ...error }),
    observeDelivery: (outcome) => see({ kind: 'delivery', ...outcome }),
    observeChange: (entry) => recollection.hearOf(entry),
    observeStore: (problem) => see({ kind: 'store', problem }),
    async tick() {
      await ledger.retry();
      await ledger
        .run((draft) => {
          roundOf(pen(draft));
        })
        .catch(() => undefined);
      await rules.tick();
    },
    async stop() {
      alarm?.cancel();
      await ledger.settle();
      await ledger.retry();
    },
  };
}
