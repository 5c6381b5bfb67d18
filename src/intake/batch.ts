import type { AlertEnd, ManualAlert } from '../model/alert.ts';
import type { FallbackReport } from '../model/pool.ts';
import { snapshot } from '../model/redact.ts';
import { severities } from '../model/severity.ts';
import type {
  AnnouncedCheck,
  Answer,
  MetricDelta,
  OperationDelta,
  ProcessVitals,
  SignalBatch,
  Source,
} from '../model/signal.ts';
import { Sketch } from '../model/sketch.ts';
import { amount, bytes, count, fields, finite, labels, list, optionalText, text, word } from './fields.ts';
import { readError } from './read-error.ts';
import { readFallback, readPool, type TrustedPool } from './read-pool.ts';
import { readProgress } from './read-progress.ts';
import { readTrace } from './read-trace.ts';

/** Most of each thing that one batch may bring; what is more is counted as refused. */
export const limits = {
  operations: 2000,
  metrics: 2000,
  errors: 200,
  progress: 200,
  traces: 200,
  checks: 100,
  answers: 100,
  alerts: 50,
  silences: 50,
  rules: 500,
  pools: 100,
  fallbacks: 50,
} as const;

/** A batch that can be trusted: every text cut, every number finite, every secret masked. */
export type TrustedBatch = Omit<SignalBatch, 'operations' | 'metrics' | 'pools' | 'fallbacks'> & {
  readonly operations: readonly (Omit<OperationDelta, 'durations'> & { readonly sketch: Sketch })[];
  readonly metrics: readonly TrustedMetric[];
  readonly pools: readonly TrustedPool[];
  readonly fallbacks: readonly FallbackReport[];
  /** Parts that were not usable, by kind. */
  readonly refused: Readonly<Record<string, number>>;
};

export type TrustedMetric =
  | Exclude<MetricDelta, { kind: 'histogram' }>
  | {
      readonly kind: 'histogram';
      readonly name: string;
      readonly labels: MetricDelta['labels'];
      readonly sketch: Sketch;
    };

/** Reads a batch from anywhere. A batch that does not say who, which and when is refused whole; a bad part only costs itself. */
export function readBatch(value: unknown): { ok: true; batch: TrustedBatch } | { ok: false; message: string } {
  const raw = fields(value);
  if (!raw) return refuse('a batch is an object');
  if (raw['version'] !== 1)
    return refuse(
      `version ${JSON.stringify(raw['version']) ?? 'missing'} is not understood (this monitor speaks version 1)`,
    );
  const source = readSource(raw['source']);
  if (!source) return refuse('source needs instance, service, host, pid and startedAt');
  const sequence = finite(raw['sequence']);
  if (sequence === undefined || sequence < 0) return refuse('sequence must be a number from 0');
  const at = finite(raw['at']);
  if (at === undefined) return refuse('at must be epoch milliseconds');
  const refused: Record<string, number> = {};
  const collect = <T>(key: keyof typeof limits, read: (item: unknown) => T | undefined): T[] =>
    readAll(raw[key], key, limits[key], read, refused);
  return {
    ok: true,
    batch: {
      version: 1,
      source,
      sequence,
      at,
      operations: collect('operations', readOperation),
      metrics: collect('metrics', readMetric),
      errors: collect('errors', (item) => readError(item, source)),
      progress: collect('progress', (item) => readProgress(item, source)),
      traces: collect('traces', (item) => readTrace(item, source)),
      pools: collect('pools', (item) => readPool(item, source)),
      fallbacks: collect('fallbacks', readFallback),
      checks: collect('checks', readCheck),
      answers: collect('answers', readAnswer),
      alerts: collect('alerts', readAlert),
      resolvedAlerts: readAll(raw['resolvedAlerts'], 'alerts', limits.alerts, readResolved, refused),
      silences: collect('silences', readSilence),
      unsilences: readAll(raw['unsilences'], 'silences', limits.silences, readUnsilence, refused),
      // A list of none says that there are none any more; no list says nothing.
      ...(Array.isArray(raw['rules']) ? { rules: collect('rules', readRule) } : {}),
      ...readVitals(raw['vitals']),
      dropped: readCounts(raw['dropped']),
      goodbye: raw['goodbye'] === true,
      refused,
    },
  };
}

function refuse(message: string): { ok: false; message: string } {
  return { ok: false, message };
}

function readAll<T>(
  value: unknown,
  key: string,
  most: number,
  read: (item: unknown) => T | undefined,
  refused: Record<string, number>,
): T[] {
  const out: T[] = [];
  const add = (n: number) => {
    refused[key] = (refused[key] ?? 0) + n;
  };
  for (const item of list(value, most)) {
    let good: T | undefined;
    try {
      good = read(item);
    } catch {
      good = undefined;
    }
    if (good === undefined) add(1);
    else out.push(good);
  }
  if (Array.isArray(value) && value.length > most) add(value.length - most);
  return out;
}

function readSource(value: unknown): Source | undefined {
  const raw = fields(value);
  const instance = optionalText(raw?.['instance'], 200);
  const startedAt = finite(raw?.['startedAt']);
  if (!raw || !instance || startedAt === undefined) return undefined;
  const framework = optionalText(raw['framework'], 50);
  return {
    instance,
    service: text(raw['service'], 100) || 'app',
    host: text(raw['host'], 100) || 'unknown',
    pid: count(raw['pid']),
    release: text(raw['release'], 100),
    startedAt,
    runtime: text(raw['runtime'], 100),
    ...(framework ? { framework } : {}),
  };
}

function readOperation(item: unknown): TrustedBatch['operations'][number] | undefined {
  const raw = fields(item);
  const operation = optionalText(raw?.['operation'], 200);
  const encoded = bytes(raw?.['durations'], 16_384);
  if (!raw || !operation || !encoded) return undefined;
  const sketch = Sketch.decode(encoded);
  if (!(sketch.count > 0)) return undefined;
  const slowest = fields(raw['slowest']);
  const traceId = text(slowest?.['traceId'], 32);
  return {
    operation,
    category: word(raw['category'], ['other', 'database', 'api']),
    errors: Math.min(count(raw['errors']), sketch.count),
    items: count(raw['items']),
    bytes: count(raw['bytes']),
    sketch,
    ...(/^[0-9a-f]{32}$/.test(traceId) ? { slowest: { seconds: amount(slowest?.['seconds']), traceId } } : {}),
  };
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]{0,119}$/;

function readMetric(item: unknown): TrustedMetric | undefined {
  const raw = fields(item);
  const name = text(raw?.['name'], 121);
  if (!raw || !metricName.test(name)) return undefined;
  const kind = word(raw['kind'], ['gauge', 'counter', 'histogram']);
  if (kind === 'histogram') {
    const encoded = bytes(raw['sketch'], 16_384);
    return encoded ? { kind, name, labels: labels(raw['labels']), sketch: Sketch.decode(encoded) } : undefined;
  }
  const value = finite(raw['value']);
  if (value === undefined || (kind === 'counter' && value < 0)) return undefined;
  return { kind, name, labels: labels(raw['labels']), value };
}

function readAlert(item: unknown): ManualAlert | undefined {
  const raw = fields(item);
  const alertType = optionalText(raw?.['alertType'], 100);
  if (!raw || !alertType) return undefined;
  return {
    alertType,
    message: text(snapshot(raw['message'], { text: 1000 }), 1000) || alertType,
    source: text(raw['source'], 100) || 'application',
    severity: severities.find((severity) => severity === raw['severity']) ?? 'error',
    labels: labels(raw['labels']),
    context: fields(snapshot(raw['context'] ?? {})) ?? {},
  };
}

function readCheck(item: unknown): AnnouncedCheck | undefined {
  const raw = fields(item);
  const name = optionalText(raw?.['name'], 100);
  const intervalMs = finite(raw?.['intervalMs']);
  const timeoutMs = finite(raw?.['timeoutMs']);
  if (!raw || !name || !intervalMs || intervalMs < 100 || !timeoutMs || timeoutMs < 10) return undefined;
  return {
    name,
    intervalMs: Math.min(intervalMs, 86_400_000),
    timeoutMs: Math.min(timeoutMs, 600_000),
    component: word(raw['component'], ['application', 'database', 'api']),
    explanation: text(raw['explanation'], 500),
  };
}

function readAnswer(item: unknown): Answer | undefined {
  const raw = fields(item);
  const id = finite(raw?.['id']);
  if (!raw || id === undefined) return undefined;
  return { id, ok: raw['ok'] === true, value: snapshot(raw['value']) };
}

function readResolved(item: unknown): AlertEnd | undefined {
  const raw = fields(item);
  const alertType = optionalText(raw?.['alertType'], 100);
  const source = optionalText(raw?.['source'], 100);
  const wanted = raw?.['labels'] === undefined ? undefined : labels(raw['labels']);
  return alertType ? { alertType, ...(source ? { source } : {}), ...(wanted ? { labels: wanted } : {}) } : undefined;
}

/** A rule as plain data of bounded size; whether it makes sense is for the alert engine to say. */
function readRule(item: unknown): Record<string, unknown> | undefined {
  const raw = fields(item);
  const written = raw && JSON.stringify(raw);
  return written !== undefined && written.length <= 16_384
    ? (JSON.parse(written) as Record<string, unknown>)
    : undefined;
}

function readSilence(item: unknown): { alertType: string; durationSeconds: number } | undefined {
  const raw = fields(item);
  const alertType = optionalText(raw?.['alertType'], 100);
  // A year is for ever: nobody remembers a silence for longer.
  const durationSeconds = Math.min(amount(raw?.['durationSeconds']), 366 * 86_400);
  return alertType && durationSeconds > 0 ? { alertType, durationSeconds } : undefined;
}

function readUnsilence(item: unknown): { alertType: string } | undefined {
  const alertType = optionalText(fields(item)?.['alertType'], 100);
  return alertType ? { alertType } : undefined;
}

function readVitals(value: unknown): { vitals?: ProcessVitals } {
  const raw = fields(value);
  if (!raw) return {};
  const delay = fields(raw['eventLoopDelay']) ?? {};
  return {
    vitals: {
      cpuRatio: amount(raw['cpuRatio']),
      rssBytes: amount(raw['rssBytes']),
      heapUsedBytes: amount(raw['heapUsedBytes']),
      heapTotalBytes: amount(raw['heapTotalBytes']),
      eventLoopUtilization: Math.min(1, amount(raw['eventLoopUtilization'])),
      eventLoopDelay: { p50: amount(delay['p50']), p99: amount(delay['p99']), max: amount(delay['max']) },
      gcSeconds: amount(raw['gcSeconds']),
      activeHandles: count(raw['activeHandles']),
      uptimeSeconds: amount(raw['uptimeSeconds']),
      ...(finite(raw['openFiles']) === undefined ? {} : { openFiles: count(raw['openFiles']) }),
      ...(fields(raw['heapSpaces']) ? { heapSpaces: readCounts(raw['heapSpaces']) } : {}),
    },
  };
}

/** Counts by kind, at most twenty kinds. */
function readCounts(value: unknown): Record<string, number> {
  const out: Record<string, number> = {};
  for (const [kind, number] of Object.entries(fields(value) ?? {}).slice(0, 20)) {
    if (/^[a-z_]{1,40}$/.test(kind) && count(number) > 0) out[kind] = count(number);
  }
  return out;
}
