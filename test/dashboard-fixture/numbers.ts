import type { SeriesAnswer } from '../../src/model/api.ts';

/** Numbers that look like those of a living system and are the same at each asking: a value depends on nothing but name and time. */

function hash(text: string): number {
  let value = 2_166_136_261;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0)!, 16_777_619);
  return (value >>> 0) / 2 ** 32;
}

/** Smooth noise in -1..1 with some roughness. */
export function noise(seed: string, at: number): number {
  const phase = hash(seed) * 1000;
  const minutes = at / 60_000;
  const rough = hash(`${seed}${Math.floor(at / 5000)}`) - 0.5;
  return (
    (Math.sin(minutes / 7 + phase) * 0.45 +
      Math.sin(minutes / 41 + phase * 3) * 0.35 +
      Math.sin(minutes / 190 + phase) * 0.3 +
      rough * 0.35) /
    1.2
  );
}

interface Shape {
  readonly base: number;
  readonly swing: number;
  /** Changes the value around the incidents. */
  readonly bend?: (value: number, agoMs: number, labels: Record<string, string>) => number;
}

const minute = 60_000;
const shapes: Record<string, Shape> = {
  system_cpu_usage_ratio: { base: 0.34, swing: 0.16, bend: (value, ago) => (ago < 24 * minute ? value + 0.22 : value) },
  system_cpu_core_usage_ratio: { base: 0.36, swing: 0.22 },
  system_memory_usage_ratio: {
    base: 0.71,
    swing: 0.03,
    bend: (value, ago) => value + Math.max(0, 0.115 - ago / (220 * minute)),
  },
  system_swap_usage_ratio: { base: 0.06, swing: 0.01 },
  system_disk_usage_ratio: {
    base: 0.58,
    swing: 0.004,
    bend: (value, ago, labels) => (labels['path'] === '/' ? value : value - 0.27),
  },
  system_disk_read_bytes_per_second: { base: 2.4e6, swing: 2.2e6 },
  system_disk_write_bytes_per_second: { base: 5.1e6, swing: 3.9e6 },
  system_network_receive_bytes_per_second: { base: 1.3e6, swing: 0.9e6 },
  system_network_transmit_bytes_per_second: { base: 3.6e6, swing: 1.8e6 },
  system_load1: { base: 1.1, swing: 0.7 },
  system_load5: { base: 1.05, swing: 0.4 },
  system_load15: { base: 1.0, swing: 0.2 },
  process_cpu_ratio: {
    base: 0.22,
    swing: 0.12,
    bend: (value, _, labels) => (labels['process'] === 'monitor' ? value * 0.03 : value),
  },
  process_memory_rss_bytes: {
    base: 2.31e8,
    swing: 1.4e7,
    bend: (value, _, labels) => (labels['process'] === 'monitor' ? 7.6e7 + (value - 2.3e8) / 12 : value),
  },
  process_heap_used_bytes: {
    base: 1.12e8,
    swing: 2.2e7,
    bend: (value, _, labels) => (labels['process'] === 'monitor' ? 2.9e7 + (value - 1.1e8) / 9 : value),
  },
  process_event_loop_delay_p99_seconds: {
    base: 0.018,
    swing: 0.009,
    bend: (value, ago, labels) =>
      labels['process'] === 'monitor' ? value / 9 : ago > 51 * minute && ago < 55 * minute ? 0.31 : value,
  },
  process_event_loop_utilization_ratio: { base: 0.27, swing: 0.14 },
  process_gc_ratio: { base: 0.012, swing: 0.008 },
  db_pool_connections: { base: 4, swing: 2, bend: (value, ago) => Math.round(ago < 9 * minute ? 10 : value) },
  db_pool_waiting_requests: { base: 0, swing: 0, bend: (_, ago) => (ago < 9 * minute ? 3 : 0) },
  operation_duration_seconds: { base: 0.12, swing: 0.05 },
  operation_total: { base: 6, swing: 3 },
  operation_errors_total: { base: 0.05, swing: 0.05 },
};

const durations: Record<string, number> = {
  'database:pooler': 0.068,
  'database:direct': 0.071,
  'database:ip': 0.069,
  'api:/health': 0.031,
  'api:/api/v1/molecules': 0.118,
  'api:/api/v1/mixtures': 0.176,
  'api:/rdkit/properties': 0.42,
  'api:/api/v1/health/connectivity': 0.24,
  'api:/health/backup': 0.028,
};

export function value(name: string, labels: Record<string, string>, at: number, now: number): number | null {
  const ago = now - at;
  // The machine was restarted: nobody looked for some minutes.
  if (ago > 187 * minute && ago < 194 * minute) return null;
  const seed = name + JSON.stringify(labels);
  if (name === 'check_duration_seconds') {
    const id = labels['check'] ?? '';
    const base = durations[id] ?? 0.05 + hash(id) * 0.2;
    if (id === 'database:pooler' && ago < 42 * minute) return null;
    const slow = id === 'api:/rdkit/properties' && ago < 26 * minute ? 1.05 + noise(`${seed}s`, at) * 0.3 : 0;
    return Math.max(0.001, base * (1 + noise(seed, at) * 0.35) + slow);
  }
  if (name === 'check_up') return labels['check'] === 'database:pooler' && ago < 42 * minute ? 0 : 1;
  const shape = shapes[name];
  if (!shape) return null;
  const raw = shape.base + noise(seed, at) * shape.swing;
  return Math.max(0, shape.bend ? shape.bend(raw, ago, labels) : raw);
}

/** Every series the fixture has. */
export function inventory(
  scenario: string,
  endpoints: readonly string[],
  databases: readonly string[],
  operations: readonly string[],
): { name: string; labels: Record<string, string>; kind: string }[] {
  const out: { name: string; labels: Record<string, string>; kind: string }[] = [];
  const app = scenario !== 'empty';
  for (const name of Object.keys(shapes)) {
    if (name.startsWith('operation')) {
      for (const operation of operations)
        out.push({
          name,
          labels: { operation, category: 'api' },
          kind: name === 'operation_duration_seconds' ? 'sketch' : 'counter',
        });
    } else if (name.startsWith('db_pool_')) {
      const labels = { pool: 'direct', service: 'cryoprotect-api' };
      if (app)
        out.push({
          name,
          labels: name === 'db_pool_connections' ? { ...labels, state: 'used' } : labels,
          kind: 'gauge',
        });
    } else if (name.startsWith('process_')) {
      out.push({ name, labels: { process: 'monitor' }, kind: 'gauge' });
      if (app) out.push({ name, labels: { process: 'app', instance: 'lab-01:4182:1763880000' }, kind: 'gauge' });
    } else if (name.startsWith('system_disk_usage'))
      for (const path of ['/', '/var/lib/data']) out.push({ name, labels: { path }, kind: 'gauge' });
    else if (name.includes('_core_'))
      for (const core of ['0', '1', '2', '3']) out.push({ name, labels: { core }, kind: 'gauge' });
    else out.push({ name, labels: {}, kind: 'gauge' });
  }
  for (const [component, ids] of [
    ['database', databases],
    ['api', endpoints],
  ] as const) {
    for (const check of ids)
      for (const name of ['check_duration_seconds', 'check_up'])
        out.push({ name, labels: { check, component }, kind: 'gauge' });
  }
  return out;
}

const spread: Record<string, number> = {
  p50: 0.72,
  p90: 1.7,
  p95: 2.1,
  p99: 3.9,
  max: 5.2,
  avg: 1,
  min: 0.5,
  last: 1,
  rate: 1,
};

/** Answers `GET /series`. */
export function answerSeries(params: URLSearchParams, all: ReturnType<typeof inventory>, now: number): SeriesAnswer {
  const name = params.get('name') ?? '';
  const from = Number(params.get('from') ?? now - 3_600_000);
  const to = Number(params.get('to') ?? now);
  const step = Math.max(1000, Number(params.get('step') ?? 15_000));
  const aggregates = (params.get('aggregate') ?? 'avg').split(',');
  const wanted = params.getAll('match').map((match) => match.split('=', 2) as [string, string]);
  const found = all.filter(
    (series) => series.name === name && wanted.every(([label, text]) => series.labels[label] === text),
  );
  const start = Math.ceil(from / step) * step;
  const tier = step < 60_000 ? 'raw' : step < 3_600_000 ? 'minute' : 'hour';
  return {
    from,
    to,
    step_ms: step,
    tier,
    tiers: [tier],
    truncated: false,
    series: found.slice(0, 500).map(({ labels, kind }) => {
      const at: number[] = [];
      const numbers: number[] = [];
      for (let time = start; time < to; time += step) {
        const number = value(name, labels, time, now);
        if (number === null) continue;
        at.push(time);
        numbers.push(number);
      }
      const values = Object.fromEntries(
        aggregates.map((aggregate) => [
          aggregate,
          numbers.map(
            (number, index) =>
              number *
              (kind === 'gauge' ? 1 : (spread[aggregate] ?? 1) * (1 + Math.max(0, noise(aggregate, at[index]!)) * 0.4)),
          ),
        ]),
      );
      return { name, labels, kind, at, values };
    }),
  };
}
