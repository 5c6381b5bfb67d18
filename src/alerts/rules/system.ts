import type { CheckResult } from '../../model/check.ts';
import type { Labels } from '../../model/sample.ts';
import { type Level, levelOf } from '../levels.ts';
import type { Finding, Rule } from '../rule.ts';
import type { RuleSettings } from './rule-settings.ts';

interface Resource {
  readonly name: 'CPU' | 'memory' | 'disk';
  readonly alertType: string;
  readonly metric: string;
  readonly error: number;
  readonly warning: number;
  readonly samples: number;
  readonly explanation: string;
}

/** `high_cpu_usage`, `high_memory_usage` and `high_disk_usage` (one episode for each disk). */
export function systemRules(settings: RuleSettings): Rule[] {
  const { thresholds, checks, alerts } = settings;
  const { cpu, memory, disk } = alerts.consecutive_samples;
  const resources: Resource[] = [
    {
      name: 'CPU',
      alertType: 'high_cpu_usage',
      metric: 'system_cpu_usage_ratio',
      error: thresholds.cpu_usage,
      warning: checks.system.cpu_warning_threshold,
      samples: cpu,
      explanation: 'The processors of this machine are busy: requests will wait.',
    },
    {
      name: 'memory',
      alertType: 'high_memory_usage',
      metric: 'system_memory_usage_ratio',
      error: thresholds.memory_usage,
      warning: checks.system.memory_warning_threshold,
      samples: memory,
      explanation: 'Little memory is left: the machine will swap or the kernel will end a process.',
    },
    {
      name: 'disk',
      alertType: 'high_disk_usage',
      metric: 'system_disk_usage_ratio',
      error: thresholds.disk_usage,
      warning: checks.system.disk_warning_threshold,
      samples: disk,
      explanation: 'The disk is nearly full: databases and logs stop when it is.',
    },
  ];
  return resources.map((resource) => resourceRule(resource, settings));
}

function resourceRule(resource: Resource, { alerts }: RuleSettings): Rule {
  const { alertType, samples, metric } = resource;
  const levels = levelsOf(resource, alerts.hysteresis_percent);
  const words = levels.map((level) => `${level.severity} above ${level.above} %`).join(', ');
  return {
    info: {
      id: alertType,
      alertType,
      source: 'system',
      condition: `${resource.name} usage: ${words}${samples > 1 ? `, ${samples} samples in a row` : ''}`,
      explanation: resource.explanation,
    },
    policy: {
      failures: samples,
      recoveries: alerts.recoveries,
      forMs: 0,
      keepFiringForMs: alerts.keep_firing_for_seconds * 1000,
    },
    read(observation, desk) {
      if (observation.kind !== 'check' || observation.result.check.component !== 'system') return [];
      const { result } = observation;
      const found = (result.samples ?? []).filter((sample) => sample.name === metric && Number.isFinite(sample.value));
      return found.map((sample) => {
        const value = Math.round(sample.value * 1000) / 10;
        return judge(resource, value, sample.labels, levelOf(value, levels, desk.severityOf(sample.labels)), result);
      });
    },
  };
}

/** Warning only when it lies below the error threshold: a file may set them the other way round. */
function levelsOf(resource: Resource, hysteresis: number): Level[] {
  const level = (severity: 'warning' | 'error', above: number): Level => ({
    severity,
    above,
    recoverAt: above - hysteresis,
  });
  const error = level('error', resource.error);
  return resource.warning < resource.error ? [level('warning', resource.warning), error] : [error];
}

function reasonOf(value: number, level: Level | undefined): string {
  const seen = `${value.toFixed(1)} %`;
  if (!level) return `${seen} is normal again`;
  return value > level.above
    ? `${seen} is above ${level.above} %`
    : `${seen} has not fallen to ${level.recoverAt} % yet`;
}

function judge(
  resource: Resource,
  value: number,
  labels: Labels,
  level: Level | undefined,
  result: CheckResult,
): Finding {
  const where = labels.path === undefined ? '' : ` on ${labels.path}`;
  const name = resource.name === 'CPU' ? 'CPU' : resource.name;
  return {
    labels,
    verdict: result.status === 'unknown' ? 'unknown' : level ? 'bad' : 'good',
    severity: level?.severity ?? 'warning',
    message: `High ${name} usage${where}: ${value.toFixed(1)} %`,
    reason: reasonOf(value, level),
    value,
    threshold: level?.above ?? resource.error,
    unit: 'percent',
    series: { name: resource.metric, labels },
    context: {},
  };
}
