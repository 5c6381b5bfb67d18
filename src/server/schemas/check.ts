import { z } from 'zod';
import type { CheckView, CheckWindowView } from '../../model/api.ts';
import { anything, at, name, number, status, text } from './base.ts';

export const checkSchema = name(
  'Check',
  z.object({
    id: z.string(),
    kind: z.string(),
    component: z.enum(['database', 'api', 'system', 'application', 'heartbeat']),
    name: z.string(),
    target: z.string(),
    status,
    reason: z.string(),
    explanation: z.string(),
    since_at: at,
    last_at: at.nullable(),
    duration_ms: number,
    next_at: at,
    interval_seconds: z.number(),
    timeout_seconds: z.number(),
    consecutive_failures: z.number(),
    order: number,
    chain: text,
    active: z.boolean(),
    running: z.boolean(),
    seen: anything,
    conditions: z.array(
      z.object({ condition: z.string(), met: z.boolean(), seen: z.string(), severity: z.enum(['warning', 'error']) }),
    ),
    phases: z.array(z.object({ name: z.string(), ms: z.number() })),
    recent: z.array(
      z.object({
        at,
        status,
        duration_ms: z.number(),
        inconclusive: z.boolean(),
        excuse: z.enum(['maintenance', 'parent']).nullable(),
      }),
    ),
    parents: z.array(z.string()),
    tags: z.array(z.string()),
    because_of: z.object({ check: z.string(), name: z.string(), reason: z.string() }).nullable(),
    maintenance: z.object({ name: z.string(), until_at: at }).nullable(),
    uptime: z.array(
      z.object({ window: z.enum(['24h', '7d', '30d']), ratio: number, coverage_ratio: z.number().min(0).max(1) }),
    ),
  }) satisfies z.ZodType<CheckView>,
  'Something that is asked how it is, as it stands now.',
);

const times = { p50_ms: number, p95_ms: number, p99_ms: number };

export const checkWindowSchema = name(
  'CheckWindow',
  z.object({
    window: z.enum(['1h', '24h', '7d']),
    step_seconds: z.number(),
    runs: z.number(),
    error_ratio: number,
    ...times,
    traffic: z
      .object({ operations: z.array(z.string()), requests: z.number(), error_ratio: z.number(), ...times })
      .nullable(),
  }) satisfies z.ZodType<CheckWindowView>,
  'How a check was over a window.',
);
