/**
 * What ten thousand rules of the user cost: points come in for every series, then all rules are evaluated for one moment, over a real
 * state store on the disk. Every hundredth rule fires, so that episodes and their transitions are written as well.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createAlertEngine, tapSeries } from '../../src/alerts/index.ts';
import { seedThresholds } from '../../src/alerts/seed-thresholds.contract.ts';
import { alertsSettings } from '../../src/alerts/settings.ts';
import type { Clock } from '../../src/model/clock.ts';
import { silentLog } from '../../src/model/log.ts';
import type { Sample } from '../../src/model/sample.ts';
import type { SeriesStore } from '../../src/model/store.ts';
import { openStateStore } from '../../src/store/index.ts';

const rules = 10_000;
const rounds = 12;
const everyMs = 15_000;

/** Four kinds of conditions in turn, each rule with a series of its own (two for shares of failures). */
function ruleOf(i: number): Record<string, unknown> {
  const match = { unit: `u${i}` };
  const base = { id: `rule_${i}`, for: i % 200 === 0 ? '30s' : 0, keep_firing_for: '1m' };
  switch (i % 4) {
    case 0:
      return {
        ...base,
        when: { kind: 'value', series: 'bench_gauge', match },
        levels: [
          { severity: 'warning', above: 0.8, recover_at: 0.75 },
          { severity: 'critical', above: 0.95 },
        ],
      };
    case 1:
      return {
        ...base,
        when: { kind: 'value', series: 'bench_gauge', match, aggregate: 'avg', window: '5m' },
        above: 0.9,
      };
    case 2:
      return { ...base, when: { kind: 'rate', series: 'bench_total', match, window: '5m' }, above: 100 };
    default:
      return {
        ...base,
        when: { kind: 'error_rate', errors: { series: 'bench_errors_total' }, total: { series: 'bench_total' }, match },
        above: 0.05,
      };
  }
}

function samplesAt(at: number, round: number): Sample[] {
  const samples: Sample[] = [];
  for (let i = 0; i < rules; i++) {
    const labels = labelSets[i]!;
    const bad = i % 100 < 2;
    if (i % 4 < 2) samples.push({ name: 'bench_gauge', labels, at, value: bad ? 0.97 : 0.4 });
    else samples.push({ name: 'bench_total', labels, at, value: round * 100 * (bad ? 100 : 1), kind: 'counter' });
    if (i % 4 === 3)
      samples.push({ name: 'bench_errors_total', labels, at, value: bad ? round * 5000 : 0, kind: 'counter' });
  }
  return samples;
}
const labelSets = Array.from({ length: rules }, (_, i) => ({ unit: `u${i}` }));

/** A store that keeps nothing: what storing points costs is measured by the benchmark of the store. */
const emptyStore = {
  append: () => undefined,
  query: async () => ({ tier: 'raw', stepMs: everyMs, truncated: false, series: [] }),
} as unknown as SeriesStore;

/** A clock whose wall can be set, while durations are real: the engine cuts its work into slices by them. */
function settableClock(): Clock & { wall: number; skipped: number } {
  const clock = {
    wall: Math.ceil(Date.now() / everyMs) * everyMs,
    skipped: 0,
    now: () => clock.wall,
    monotonic: () => performance.now() + clock.skipped,
    after: () => ({ cancel: () => undefined }),
    every: () => ({ cancel: () => undefined }),
  };
  return clock;
}

/** Gives `rules_10000_ms` (median of one evaluation of all rules) and what goes with it. */
export async function rulesFigures(): Promise<Record<string, number>> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-rules-'));
  const clock = settableClock();
  const state = await openStateStore({ dir, log: silentLog, clock });
  const tap = tapSeries(emptyStore);
  const startedAt = performance.now();
  const engine = await createAlertEngine({
    settings: alertsSettings.parse({ rules: Array.from({ length: rules }, (_, i) => ruleOf(i)) }),
    ...seedThresholds,
    state,
    series: emptyStore,
    tap,
    channels: () => [{ name: 'log', minSeverity: 'warning' }],
    clock,
    emit: () => undefined,
    log: silentLog,
  });
  await engine.tick();
  const startMs = performance.now() - startedAt;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const evaluations: number[] = [];
  const turnsMs: number[] = [];
  const appends: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const samples = samplesAt(clock.wall + 1, round);
    const before = performance.now();
    tap.store.append(samples);
    appends.push(performance.now() - before);
    clock.wall += everyMs;
    clock.skipped += everyMs;
    await turn();
    // The first rounds make the episodes; what is measured is a monitor that runs.
    const turns = round >= 3 ? watchTurns() : undefined;
    if (round >= 3) delay.enable();
    const began = performance.now();
    await engine.tick();
    if (round >= 3) evaluations.push(performance.now() - began);
    if (turns) turnsMs.push(turns.end());
    await turn();
    delay.disable();
  }
  const firing = engine.view.active().filter((each) => each.state === 'firing').length;
  await engine.stop();
  await state.close();
  rmSync(dir, { recursive: true, force: true });
  return {
    rules_10000_ms: median(evaluations),
    rules_10000_max_ms: Math.max(...evaluations),
    rules_10000_longest_block_ms: delay.max / 1e6,
    rules_10000_longest_turn_cpu_ms: Math.max(...turnsMs),
    rules_10000_points_ms: median(appends),
    rules_10000_start_ms: startMs,
    rules_10000_firing: firing,
  };
}

/** The most CPU time that this thread spends in one turn of the event loop: what other tasks of the machine take does not count. */
function watchTurns(): { end(): number } {
  const cpuMs = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let longest = 0;
  let before = cpuMs();
  let watching = true;
  const look = () => {
    const now = cpuMs();
    longest = Math.max(longest, now - before);
    before = now;
    if (watching) setImmediate(look);
  };
  setImmediate(look);
  return {
    end() {
      watching = false;
      return Math.max(longest, cpuMs() - before);
    },
  };
}

/** Lets the event loop turn, so that its delay is that of the evaluation alone. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
}
