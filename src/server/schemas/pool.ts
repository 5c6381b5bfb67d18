import { z } from 'zod';
import type { FallbackView, PoolView, SlowQueryView, StatementView } from '../../model/api.ts';
import { at, name, number, text, verdict } from './base.ts';

const state = z.enum(['live', 'stale', 'gone']);

export const poolSchema = name(
  'Pool',
  z.object({
    name: z.string(),
    kind: z.string(),
    service: z.string(),
    instance: z.string(),
    state,
    verdict,
    text: z.string(),
    at,
    used: z.number(),
    idle: z.number(),
    waiting: z.number(),
    max: number,
    longest_wait_ms: number,
    shortest_wait_ms: number,
    longest_hold_ms: number,
    shortest_hold_ms: number,
    holders: z.array(
      z.object({
        site: z.string(),
        count: z.number(),
        longest_ms: z.number(),
        statement: text,
        stack: z.string(),
      }),
    ),
    wait: z.object({ count: z.number(), p50: number, p95: number, p99: number }),
    errors: z.number(),
    timeouts: z.number(),
    exhaustions: z.number(),
  }) satisfies z.ZodType<PoolView>,
  'A connection pool of an application, seen from inside.',
);

export const fallbackSchema = name(
  'Fallback',
  z.object({
    name: z.string(),
    service: z.string(),
    instance: z.string(),
    state,
    current: text,
    connections: z.array(
      z.object({
        name: z.string(),
        breaker: z.enum(['closed', 'open', 'half-open']),
        since_at: at,
        failures: z.number(),
        retry_at: at.nullable(),
        reason: z.string(),
        served: z.number(),
        failed: z.number(),
      }),
    ),
  }) satisfies z.ZodType<FallbackView>,
  'A fallback chain of an application, first choice first.',
);

export const statementSchema = name(
  'Statement',
  z.object({
    statement: z.string(),
    pool: z.string(),
    service: z.string(),
    text: z.string(),
    summary: z.string(),
    count: z.number(),
    errors: z.number(),
    rows: z.number(),
    per_second: z.number(),
    avg: number,
    max: number,
    p50: number,
    p95: number,
    p99: number,
    time_ratio: z.number(),
  }) satisfies z.ZodType<StatementView>,
  'What statements of one shape did through one pool; durations in seconds.',
);

export const slowQuerySchema = name(
  'SlowQuery',
  z.object({
    id: z.string(),
    at,
    pool: z.string(),
    service: z.string(),
    instance: z.string(),
    statement: z.string(),
    text: z.string(),
    duration_ms: z.number(),
    wait_ms: z.number(),
    rows: number,
    caller: z.string(),
    trace_id: text,
    correlation_id: text,
    error: text,
  }) satisfies z.ZodType<SlowQueryView>,
  'One query that took longer than slow_query_threshold_ms.',
);
