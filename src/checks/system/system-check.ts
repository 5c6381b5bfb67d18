import { hostname } from 'node:os';
import type { Check, CheckOutcome, ConditionResult } from '../../model/check.ts';
import type { Clock } from '../../model/clock.ts';
import type { Sample } from '../../model/sample.ts';
import type { SystemMonitoringSettings } from '../system-settings.ts';
import { type SystemReader, type SystemReading, systemReader } from './reader.ts';

/** The first verdict has no reading before it: so long it waits for a second one. */
const firstDeltaMs = 400;

type Resource = 'cpu' | 'memory' | 'disk';
const names: Readonly<Record<Resource, string>> = { cpu: 'CPU', memory: 'memory', disk: 'disk' };

/**
 * Judges CPU, memory and disks of this machine against the thresholds. CPU is the average since the run before,
 * so that a moment's burst is no alarm. `samples` holds the judged numbers for alert rules; charts get theirs from the sampler.
 */
export function systemCheck(options: {
  readonly settings: SystemMonitoringSettings;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly reader?: SystemReader;
}): Check {
  const { settings, clock } = options;
  const reader = options.reader ?? systemReader(settings, clock);
  let primed = false;

  async function run(signal: AbortSignal): Promise<CheckOutcome> {
    let reading = await reader.read();
    if (!primed && settings.monitor_cpu && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = clock.after(firstDeltaMs, resolve);
        const onAbort = () => {
          timer.cancel();
          resolve();
        };
        signal.addEventListener('abort', onAbort, { once: true });
      });
      reading = await reader.read();
    }
    primed = true;
    return judge(reading, settings);
  }

  return {
    info: {
      id: 'system',
      kind: 'system',
      component: 'system',
      name: 'System',
      target: hostname(),
      intervalMs: options.intervalMs,
      timeoutMs: settings.timeout_seconds * 1000,
      explanation:
        'Compares CPU, memory and disk use of this machine (inside a container: of its limits) with the thresholds. ' +
        'CPU is the average since the check before.',
    },
    run,
    close: async () => reader.close(),
  };
}

function judge(reading: SystemReading, settings: SystemMonitoringSettings): CheckOutcome {
  const { cpu, memory, disks } = reading;
  const conditions: ConditionResult[] = [];
  const samples: Omit<Sample, 'at'>[] = [];
  const rate = (resource: Resource, ratio: number, place = '') =>
    conditions.push(compare(resource, ratio, place, settings));
  if (cpu) {
    rate('cpu', cpu.usedRatio);
    samples.push({ name: 'system_cpu_usage_ratio', labels: {}, value: cpu.usedRatio });
  }
  if (memory) {
    rate('memory', memory.usedRatio);
    samples.push({ name: 'system_memory_usage_ratio', labels: {}, value: memory.usedRatio });
  }
  const problems: string[] = [];
  for (const disk of disks) {
    if ('problem' in disk) {
      problems.push(`${disk.path}: ${disk.problem}`);
      continue;
    }
    rate('disk', disk.usedRatio, ` of ${disk.path}`);
    samples.push({ name: 'system_disk_usage_ratio', labels: { path: disk.path }, value: disk.usedRatio });
    if (disk.inodesUsedRatio !== undefined && disk.inodesUsedRatio > disk.usedRatio) {
      rate('disk', disk.inodesUsedRatio, ` (inodes) of ${disk.path}`);
    }
  }
  const unmet = conditions.filter((one) => !one.met);
  const isError = unmet.some((one) => one.severity === 'error');
  const reasons = [...unmet.map((one) => `${one.seen} (${one.condition})`), ...problems];
  return {
    status: isError ? 'error' : reasons.length > 0 ? 'warning' : conditions.length > 0 ? 'ok' : 'unknown',
    reason: reasons.length > 0 ? reasons.join('; ') : calm(conditions),
    seen: seenOf(reading),
    conditions,
    samples,
  };
}

/** One number against its two limits; a warning limit above the error limit has no effect. */
function compare(
  resource: Resource,
  ratio: number,
  place: string,
  settings: SystemMonitoringSettings,
): ConditionResult {
  const error = settings[`${resource}_error_threshold`];
  const warning = Math.min(error, settings[`${resource}_warning_threshold`]);
  const percent = ratio * 100;
  const isError = percent > error;
  const limit = isError ? error : warning;
  return {
    condition: `${names[resource]}${place} is at most ${limit} %`,
    met: percent <= limit,
    seen: `${names[resource]}${place} ${percent.toFixed(1)} %`,
    severity: isError ? 'error' : 'warning',
  };
}

function calm(conditions: readonly ConditionResult[]): string {
  if (conditions.length === 0) return 'nothing is switched on to be watched';
  return conditions.map((one) => one.seen).join(', ');
}

function seenOf({ cpu, memory, disks, load }: SystemReading): Record<string, unknown> {
  return {
    ...(cpu ? { cpu_usage_ratio: cpu.usedRatio, cpu_steal_ratio: cpu.stealRatio, cpu_cores: cpu.cores.length } : {}),
    ...(memory
      ? {
          memory_usage_ratio: memory.usedRatio,
          memory_total_bytes: memory.totalBytes,
          memory_available_bytes: memory.availableBytes,
          ...(memory.swapUsedRatio === undefined ? {} : { swap_usage_ratio: memory.swapUsedRatio }),
        }
      : {}),
    disks: disks.map((disk) =>
      'problem' in disk
        ? disk
        : {
            path: disk.path,
            usage_ratio: disk.usedRatio,
            free_bytes: disk.freeBytes,
            total_bytes: disk.totalBytes,
            ...(disk.inodesUsedRatio === undefined ? {} : { inodes_usage_ratio: disk.inodesUsedRatio }),
          },
    ),
    ...(load ? { load: [...load] } : {}),
  };
}
