import type { FallbackView, PoolView, SlowQueryView, StatementView } from '../../src/model/api.ts';
import type { Scenario } from './story.ts';

const service = 'cryoprotect-api';
const instance = 'lab-01:4182:1763880000';

const quiet: Omit<PoolView, 'name' | 'kind' | 'at'> = {
  service,
  instance,
  state: 'live',
  verdict: 'ok',
  text: '3 of 10 in use, none waiting',
  used: 3,
  idle: 4,
  waiting: 0,
  max: 10,
  longest_wait_ms: null,
  shortest_wait_ms: null,
  longest_hold_ms: 42,
  shortest_hold_ms: 3,
  holders: [],
  wait: { count: 412, p50: 0.0004, p95: 0.0031, p99: 0.012 },
  errors: 0,
  timeouts: 0,
  exhaustions: 0,
};

/** The pools of the evening: the reports hold everything. */
export function poolsOf(scenario: Scenario, now: number): { pools: PoolView[]; fallbacks: FallbackView[] } {
  if (scenario === 'empty') return { pools: [], fallbacks: [] };
  const cache: PoolView = {
    ...quiet,
    name: 'cache',
    kind: 'ioredis',
    at: now,
    text: '1 of 1 in use, none waiting',
    used: 1,
    idle: 0,
    max: 1,
    longest_hold_ms: null,
    wait: { count: 0, p50: null, p95: null, p99: null },
  };
  if (scenario === 'fine') return { pools: [{ ...quiet, name: 'direct', kind: 'pg', at: now }, cache], fallbacks: [] };
  const direct: PoolView = {
    ...quiet,
    name: 'direct',
    kind: 'pg',
    at: now,
    verdict: 'error',
    text: 'all 10 connections held > 5 s, 8 of them by src/reports.ts:88; 3 waiting since 2.1 s, longest 2.4 s',
    used: 10,
    idle: 0,
    waiting: 3,
    longest_wait_ms: 2400,
    shortest_wait_ms: 2100,
    longest_hold_ms: 94_000,
    shortest_hold_ms: 5200,
    holders: [
      {
        site: 'src/reports.ts:88',
        count: 8,
        longest_ms: 94_000,
        statement:
          'select m.*, p.value from molecules m join molecular_properties p on p.molecule_id = m.id where m.project_id = ?',
        stack: 'exportReport (/srv/cryoprotect/src/reports.ts:88)\nrunJob (/srv/cryoprotect/src/jobs/queue.ts:41)',
      },
      {
        site: 'src/scoring.ts:31',
        count: 2,
        longest_ms: 5300,
        statement: 'update cryoprotection_scores set score = ?',
        stack: '',
      },
    ],
    wait: { count: 1210, p50: 0.31, p95: 1.9, p99: 2.4 },
    errors: 14,
    timeouts: 14,
    exhaustions: 3,
  };
  const connection = (name: string, more: Partial<FallbackView['connections'][number]>) => ({
    name,
    breaker: 'closed' as const,
    since_at: now - 7_200_000,
    failures: 0,
    retry_at: null,
    reason: '',
    served: 0,
    failed: 0,
    ...more,
  });
  const fallback: FallbackView = {
    name: 'database',
    service,
    instance,
    state: 'live',
    current: 'direct',
    connections: [
      connection('pooler', {
        breaker: 'open',
        failures: 3,
        retry_at: now + 190_000,
        reason: 'getaddrinfo ENOTFOUND pooler.supabase.example',
        served: 48_210,
        failed: 11,
      }),
      connection('direct', { served: 3120 }),
      connection('ip', {}),
    ],
  };
  return { pools: [direct, cache], fallbacks: [fallback] };
}

const texts = [
  [
    'select m.*, p.value from molecules m join molecular_properties p on p.molecule_id = m.id where m.project_id = ?',
    0.62,
    1.4,
  ],
  ['select * from molecules where id = ?', 0.004, 38],
  ['insert into molecular_properties (molecule_id, property_type_id, value) values (?)', 0.011, 6.2],
  ['GET molecule:*', 0.0006, 210],
] as const;

export function statementsOf(scenario: Scenario): StatementView[] {
  if (scenario === 'empty') return [];
  const total = texts.reduce((sum, [, seconds, rate]) => sum + seconds * rate, 0);
  return texts.map(([text, seconds, rate], index) => ({
    statement: `${index}`.padStart(16, '0'),
    pool: text.startsWith('GET') ? 'cache' : 'direct',
    service,
    text,
    summary: text.split(' ').slice(0, 2).join(' '),
    count: Math.round(rate * 3600),
    errors: index === 0 ? 14 : 0,
    rows: Math.round(rate * 3600 * 12),
    per_second: rate,
    avg: seconds,
    max: seconds * 9,
    p50: seconds * 0.7,
    p95: seconds * 2.4,
    p99: seconds * 4.1,
    time_ratio: (seconds * rate) / total,
  }));
}

export function slowQueriesOf(scenario: Scenario, now: number): SlowQueryView[] {
  if (scenario === 'empty' || scenario === 'fine') return [];
  return [8200, 4100, 2600, 940].map((duration, index) => ({
    id: `q${index}`,
    at: now - 60_000 * (index * 7 + 2),
    pool: 'direct',
    service,
    instance,
    statement: '0000000000000000',
    text: texts[index === 3 ? 2 : 0][0],
    duration_ms: duration,
    wait_ms: index * 310,
    rows: index === 1 ? null : 7300 + index,
    caller: index === 3 ? 'src/import/chembl.ts:212' : 'src/reports.ts:88',
    trace_id: index === 3 ? null : '4bf92f3577b34da6a3ce929d0e0e4736',
    correlation_id: index === 3 ? null : `report-${41_200 + index}`,
    error: index === 1 ? 'error 57014' : null,
  }));
}
