import type { Check, CheckResult, ChecksView } from '../model/check.ts';
import type { Clock, Timer } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';
import type { Log } from '../model/log.ts';
import type { StateStore } from '../model/store.ts';
import { createCheckMemory } from './check-memory.ts';
import { createDueHeap } from './due-heap.ts';
import { createLineage } from './lineage.ts';
import { type MaintenancePlan, noMaintenance } from './maintenance/plan.ts';
import { runOnce } from './single-run.ts';
import { watchStarvation } from './starvation.ts';
import { type WatchedCheck, watchCheck } from './watched-check.ts';

/** The checks to run: those that stay, and a question for those that come and go (asked once a second; same id = same check). */
export interface CheckSet {
  readonly fixed: readonly Check[];
  changing(): readonly Check[];
}

export interface SchedulerOptions {
  readonly checks: readonly Check[] | CheckSet;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 <= x < 1. @default Math.random */
  readonly random?: () => number;
  /** Hears of every result. What it throws is logged. */
  readonly onResult: (result: CheckResult) => void;
  readonly state: StateStore;
  /** Planned maintenance. @default none */
  readonly maintenance?: MaintenancePlan;
}

export interface Scheduler {
  readonly view: ChecksView;
  /** Reads the history and starts the clocks. */
  start(): Promise<void>;
  /** Ends what runs, closes connections, writes the history; resolves within about two seconds. Idempotent. */
  stop(): Promise<void>;
}

interface Entry {
  readonly watched: WatchedCheck;
  /** Monotonic ms of the next run. */
  due: number;
  /** False when it has left the set; its place in the heap is then skipped. */
  listed: boolean;
  /** One of those that stay. */
  readonly lasting: boolean;
  running?: Promise<CheckResult | undefined>;
  /** Monotonic ms of the start of a run that ignored its deadline and still has not come back. */
  hangingSince?: number;
}

/** How often the checks that come and go are looked for. */
const lookMs = 1000;
/** How long `stop` waits for runs and connections to end. */
const stopPatienceMs = 1000;
/** With more checks than this the second run of each is moved, so that the bunch of the start spreads over the interval. */
const crowd = 50;

/**
 * Runs every check on its own clock: never twice at once, never longer than its deadline, first runs spread by chance.
 * One timer serves all checks. Times are monotonic, so a wall clock that jumps moves nothing.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { clock, log, random = Math.random, onResult, maintenance = noMaintenance } = options;
  const set: CheckSet = 'fixed' in options.checks ? options.checks : { fixed: options.checks, changing: () => [] };
  const entries = new Map<string, Entry>();
  const heap = createDueHeap<Entry>();
  const memory = createCheckMemory(options);
  const ending = new AbortController();
  const starvation = watchStarvation(clock, (jumpMs) => log.warn({ jumpMs }, 'the clock of this machine jumped'));
  const lineage = createLineage({ one: (id) => view.one(id), runNow: (id) => view.runNow(id) }, clock);
  let timer: Timer | undefined;
  let timerDue = Number.POSITIVE_INFINITY;
  let look: Timer | undefined;
  let stopping: Promise<void> | undefined;

  function add(check: Check, lasting: boolean): void {
    if (entries.has(check.info.id)) {
      log.warn({ check: check.info.id }, 'two checks have the same id; the second is left out');
      return;
    }
    entries.set(check.info.id, { watched: watchCheck(check, clock), due: clock.monotonic(), listed: true, lasting });
  }

  function plan(entry: Entry, due: number): void {
    entry.due = due;
    heap.push(due, entry);
    arm();
  }

  function arm(): void {
    const due = heap.nextDue();
    if (due === undefined || due >= timerDue || ending.signal.aborted) return;
    timer?.cancel();
    timerDue = due;
    timer = clock.after(Math.max(0, due - clock.monotonic()), runDue);
  }

  function runDue(): void {
    timerDue = Number.POSITIVE_INFINITY;
    const now = clock.monotonic();
    // Timers may come a fraction early; half a millisecond is not worth another one.
    for (let due = heap.nextDue(); due !== undefined && due <= now + 0.5; due = heap.nextDue()) {
      const entry = heap.pop()!.item;
      if (!entry.listed) continue;
      if (!entry.running) void run(entry);
      const { intervalMs } = entry.watched.check.info;
      const missed = Math.floor(Math.max(0, now - entry.due) / intervalMs);
      plan(entry, entry.due + (missed + 1) * intervalMs);
    }
    arm();
  }

  function run(entry: Entry): Promise<CheckResult | undefined> {
    entry.running ??= perform(entry).finally(() => {
      delete entry.running;
    });
    return entry.running;
  }

  async function perform(entry: Entry): Promise<CheckResult | undefined> {
    const { check } = entry.watched;
    const at = clock.now();
    const startedAt = clock.monotonic();
    if (entry.hangingSince !== undefined) {
      const reason = `the run of ${formatDuration(startedAt - entry.hangingSince)} ago has not come back; no second one is started`;
      return take(entry, { check: check.info, at, durationMs: 0, status: 'error', reason, seen: { timed_out: true } });
    }
    const meanwhile = check.info.parents && lineage.askWhileWaiting(check.info);
    const { outcome, durationMs, straggler } = await runOnce(check, clock, ending.signal);
    meanwhile?.cancel();
    if (straggler) {
      entry.hangingSince = startedAt;
      void straggler.finally(() => {
        delete entry.hangingSince;
      });
    }
    if (ending.signal.aborted) return undefined;
    const { answerMs = durationMs, ...found } = outcome;
    const result: CheckResult = { ...found, check: check.info, at, durationMs: answerMs };
    const excuse = result.status === 'ok' || result.status === 'unknown' ? undefined : starvation.excuse(startedAt);
    if (excuse)
      return take(entry, { ...result, inconclusive: true, reason: `inconclusive, ${excuse}: ${result.reason}` });
    return take(entry, await inContext(result, check.info.timeoutMs - durationMs));
  }

  /** The result with what it must be read with: a maintenance that is open, a parent that is down. */
  async function inContext(result: CheckResult, patienceMs: number): Promise<CheckResult> {
    const { check, status } = result;
    const planned = maintenance.at(check, clock.now());
    const failed = status === 'error' && !result.inconclusive;
    const cause = failed && check.parents ? await lineage.causeOf(check, patienceMs) : undefined;
    return {
      ...result,
      ...(planned ? { maintenance: planned } : {}),
      ...(cause ? { becauseOf: cause, reason: `${result.reason} (because of ${cause.name}: ${cause.reason})` } : {}),
    };
  }

  function take(entry: Entry, result: CheckResult): CheckResult {
    const news = entry.watched.absorb(result);
    if (entry.lasting || entry.watched.check.lasting) memory.note(entry.watched, news);
    tell(result);
    return result;
  }

  function tell(result: CheckResult): void {
    try {
      onResult(result);
    } catch (error) {
      log.error({ error, check: result.check.id }, 'a result could not be passed on');
    }
  }

  /** Nobody else would ever say that what was wrong with it is over. */
  function farewell(check: CheckResult['check']): CheckResult {
    const reason = 'the application that had this check has ended, or has taken it out';
    return { check, at: clock.now(), durationMs: 0, status: 'unknown', reason, seen: {}, gone: true };
  }

  /** Takes in the checks that came, lets go of those that went. */
  function refresh(): void {
    const current = new Map(set.changing().map((check) => [check.info.id, check]));
    for (const [id, entry] of entries) {
      if (entry.lasting || current.get(id) === entry.watched.check) continue;
      entry.listed = false;
      entries.delete(id);
      void closeQuietly(entry.watched.check);
      if (entry.watched.check.lasting && !current.has(id)) tell(farewell(entry.watched.check.info));
    }
    for (const [id, check] of current) {
      if (entries.has(id)) continue;
      void welcome(check);
    }
  }

  async function welcome(check: Check): Promise<void> {
    add(check, false);
    const entry = entries.get(check.info.id);
    if (!entry) return;
    if (check.lasting) await memory.restore([entry.watched]);
    if (entry.listed) plan(entry, clock.monotonic());
  }

  async function closeQuietly(check: Check): Promise<void> {
    try {
      await check.close?.();
    } catch (error) {
      log.warn({ error, check: check.info.id }, 'a check could not be closed');
    }
  }

  const stateOf = (entry: Entry) => {
    const { watched, due, running } = entry;
    const state = watched.state(running !== undefined, clock.now() + Math.max(0, due - clock.monotonic()));
    const planned = maintenance.at(watched.check.info, clock.now());
    return planned ? { ...state, maintenance: planned } : state;
  };

  const view: ChecksView = {
    all: () => [...entries.values()].map(stateOf),
    one(id) {
      const entry = entries.get(id);
      return entry && stateOf(entry);
    },
    maintenanceOf: (id, from) => {
      const entry = entries.get(id);
      return entry ? maintenance.stretches(entry.watched.check.info, from) : [];
    },
    async runNow(id) {
      const entry = entries.get(id);
      return entry && !ending.signal.aborted ? run(entry) : undefined;
    },
  };

  for (const check of set.fixed) add(check, true);

  return {
    view,
    async start() {
      await memory.restore([...entries.values()].filter((entry) => entry.lasting).map((entry) => entry.watched));
      const fixed = [...entries.values()];
      for (const entry of fixed) {
        const { intervalMs } = entry.watched.check.info;
        // A handful starts within a quarter of a second; a thousand take ten seconds, never longer than the interval.
        const first = clock.monotonic() + random() * Math.min(intervalMs, 200 + 10 * fixed.length);
        plan(entry, first);
        if (fixed.length > crowd) entry.due -= intervalMs * random() * 0.5;
      }
      refresh();
      look = clock.every(lookMs, refresh);
    },
    stop() {
      stopping ??= (async () => {
        timer?.cancel();
        look?.cancel();
        starvation.stop();
        ending.abort(new Error('the monitor is stopping'));
        const all = [...entries.values()];
        await patiently(Promise.allSettled(all.map((entry) => entry.running)), clock);
        await patiently(Promise.allSettled(all.map((entry) => closeQuietly(entry.watched.check))), clock);
        await memory.stop();
      })();
      return stopping;
    },
  };
}

async function patiently(work: Promise<unknown>, clock: Clock): Promise<void> {
  let patience: Timer | undefined;
  await Promise.race([work, new Promise<void>((resolve) => (patience = clock.after(stopPatienceMs, resolve)))]);
  patience?.cancel();
}
