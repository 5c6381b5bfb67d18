import type { Check, CheckOutcome, ConditionResult } from '../../model/check.ts';
import type { Clock, Timer } from '../../model/clock.ts';
import type { HeartbeatReport, HeartbeatState, HeartbeatsView } from '../../model/heartbeat.ts';
import type { Log } from '../../model/log.ts';
import { nearest } from '../../model/nearest.ts';
import type { StateStore } from '../../model/store.ts';
import { type HeartbeatVerdict, judgeHeartbeat, type Patience } from './judge.ts';
import { asRecord, type HeartbeatRecord, newRecord, nothingAfter, recordAfter } from './record.ts';
import { type HeartbeatSettings, heartbeatName } from './settings.ts';
import { type Timetable, timetableOf } from './timetable.ts';

/** Jobs that must report: what came in, and a check for each of them. */
export interface Heartbeats {
  readonly checks: readonly Check[];
  readonly view: HeartbeatsView;
  /** Reads what earlier lives knew, before the first check. */
  start(): Promise<void>;
  stop(): void;
}

interface Heartbeat {
  readonly settings: HeartbeatSettings;
  readonly check: Check;
  readonly timetable: Timetable;
  readonly patience: Patience;
  record: HeartbeatRecord;
  /** The duration of a run that has ended and has not become a sample yet. */
  freshMs: number | undefined;
}

const prefix = 'heartbeat:';
const watchId = 'heartbeats-watched';
/** That we listen is written down this often, so that a start knows how long nobody did. */
const noteMs = 30_000;
/** A gap between two looks that is longer was sleep, or a clock that was set forward. */
const gapMs = 45_000;

/** Makes the heartbeats. `onReport` hears of each report, so that its check runs at once. */
export function createHeartbeats(options: {
  readonly settings: readonly HeartbeatSettings[];
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly onReport: (checkId: string) => void;
}): Heartbeats {
  const { state, clock, log } = options;
  const byKey = new Map<string, Heartbeat>();
  let watchedUntil = clock.now();
  let look: Timer | undefined;

  /** Asked at every look, so that a machine that slept blames no job before it has noticed its own sleep. */
  const listen = () => {
    const now = clock.now();
    if (now - watchedUntil > gapMs) forgive(watchedUntil, now);
    if (now < watchedUntil - 1000) for (const one of all) one.record = nothingAfter(one.record, now);
    watchedUntil = now;
  };

  for (const settings of options.settings.filter((one) => one.enabled)) {
    const heartbeat: Heartbeat = {
      settings,
      timetable: timetableOf(settings),
      patience: {
        graceMs: settings.grace_seconds * 1000,
        maxRuntimeMs: settings.max_runtime_seconds === undefined ? undefined : settings.max_runtime_seconds * 1000,
      },
      check: checkOf(settings, () => {
        listen();
        return outcomeOf(heartbeat, judge(heartbeat), clock.now());
      }),
      record: newRecord(clock.now()),
      freshMs: undefined,
    };
    byKey.set(settings.key, heartbeat);
  }
  const all = [...byKey.values()];

  function judge({ record, timetable, patience }: Heartbeat): HeartbeatVerdict {
    return judgeHeartbeat(record, timetable, patience, clock.now());
  }

  /**
   * Nobody listened between these two moments: a report that was expected then may have come and gone unheard. The job gets a new
   * term from the end of the gap on; one that was late before stays late.
   */
  function forgive(from: number, to: number): void {
    for (const one of all) {
      const { expectedAt, deadlineAt } = judgeHeartbeat(one.record, one.timetable, one.patience, from);
      if (deadlineAt >= from && expectedAt <= to) one.record = { ...one.record, since: to };
    }
  }

  function write(one: Heartbeat): Promise<void> {
    const put = { id: prefix + one.settings.key, at: clock.now(), value: { v: 1, ...one.record } };
    return state.commit([{ in: 'memory', put }]);
  }

  const view: HeartbeatsView = {
    all: () => all.map((one) => stateOf(one, judge(one))),
    nearestKey: (key) => nearest(key, byKey.keys()),
    async report(key, report: HeartbeatReport) {
      const one = byKey.get(key);
      if (!one) return undefined;
      listen();
      one.record = recordAfter(one.record, report, clock.now());
      if (report.kind !== 'start' && one.record.durationMs !== null) one.freshMs = one.record.durationMs;
      // It counts from now on; a disk that refuses costs its survival of a restart, not the report.
      await write(one).catch((error: unknown) =>
        log.warn({ error, heartbeat: heartbeatName(one.settings) }, 'a heartbeat could not be stored'),
      );
      options.onReport(one.check.info.id);
      return stateOf(one, judge(one));
    },
  };

  return {
    checks: all.map((one) => one.check),
    view,
    async start() {
      if (all.length === 0) return;
      const now = clock.now();
      const kept = await state.get('memory', watchId).catch(() => undefined);
      for (const one of all) {
        const found = await state.get('memory', prefix + one.settings.key).catch(() => undefined);
        const record = asRecord(found?.value);
        if (record) one.record = record;
        else await write(one).catch((error: unknown) => log.warn({ error }, 'a heartbeat could not be stored'));
      }
      const until = typeof kept?.value === 'number' ? kept.value : undefined;
      watchedUntil = until ?? now;
      if (watchedUntil < now) forgive(watchedUntil, now);
      listen();
      const note = () =>
        void state
          .commit([{ in: 'memory', put: { id: watchId, at: clock.now(), value: clock.now() } }])
          .catch((error: unknown) => log.warn({ error }, 'that heartbeats are watched could not be stored'));
      note();
      look = clock.every(noteMs, () => {
        listen();
        note();
      });
    },
    stop: () => look?.cancel(),
  };
}

/** A look costs microseconds, and lateness shall be seen soon: a tenth of what the job is allowed, 1 to 10 s. */
function checkOf(settings: HeartbeatSettings, look: () => CheckOutcome): Check {
  const { interval_seconds = 60, grace_seconds, parents, tags } = settings;
  const timetable = timetableOf(settings);
  const name = heartbeatName(settings);
  return {
    info: {
      id: `heartbeat:${name}`,
      kind: 'heartbeat',
      component: 'heartbeat',
      name,
      target: timetable.words,
      intervalMs: Math.round(Math.min(10, Math.max(1, (interval_seconds + grace_seconds) / 10)) * 1000),
      timeoutMs: 1000,
      ...(parents.length > 0 ? { parents } : {}),
      ...(tags.length > 0 ? { tags } : {}),
      explanation:
        'A job reports here when it runs. Its silence is what is judged: a report that does not come in time, a run that takes too long, or a failure that the job reports itself.',
    },
    run: async () => look(),
  };
}

const badPhases = new Set(['late', 'failed', 'overrun']);

function outcomeOf(one: Heartbeat, verdict: HeartbeatVerdict, now: number): CheckOutcome {
  const { record, freshMs } = one;
  one.freshMs = undefined;
  const { phase, reason, expectedAt, deadlineAt } = verdict;
  const conditions: ConditionResult[] = [
    {
      condition: 'a report comes in time',
      met: phase !== 'late',
      seen: phase === 'late' ? reason : record.endedAt === null ? 'none yet' : 'it came',
      severity: 'error',
    },
    {
      condition: 'the job reports success in time',
      met: phase !== 'failed' && phase !== 'overrun',
      seen: phase === 'failed' || phase === 'overrun' ? reason : 'it does',
      severity: 'error',
    },
  ];
  const label = { check: one.check.info.id };
  const finite = (at: number) => (Number.isFinite(at) ? at : null);
  return {
    status: badPhases.has(phase) ? 'error' : phase === 'new' ? 'unknown' : 'ok',
    reason,
    seen: {
      phase,
      last_seen_at: record.seenAt,
      expected_at: finite(expectedAt),
      missing_at: finite(deadlineAt),
      ...(record.durationMs === null ? {} : { last_duration_ms: record.durationMs }),
      ...(record.code === null ? {} : { exit_code: record.code }),
      ...(record.runs.length > 0
        ? { open_runs: record.runs.length, running_for_ms: Math.max(0, now - record.runs[0]!.at) }
        : {}),
      ...(record.overlaps > 0 ? { overlapping_runs: record.overlaps } : {}),
      ...(record.message === null ? {} : { message: record.message }),
    },
    conditions,
    ...(freshMs === undefined
      ? {}
      : { samples: [{ name: 'heartbeat_duration_seconds', labels: label, value: freshMs / 1000 }] }),
  };
}

function stateOf(one: Heartbeat, { phase, reason, expectedAt, deadlineAt }: HeartbeatVerdict): HeartbeatState {
  const { settings, record, timetable, check } = one;
  const finite = (at: number) => (Number.isFinite(at) ? at : null);
  return {
    check: check.info.id,
    key: settings.key,
    name: heartbeatName(settings),
    schedule: timetable.words,
    phase,
    reason,
    expectedAt: finite(expectedAt),
    deadlineAt: finite(deadlineAt),
    lastSeenAt: record.seenAt,
    lastDurationMs: record.durationMs,
    lastCode: record.code,
    message: record.message,
    runs: record.runs,
  };
}
