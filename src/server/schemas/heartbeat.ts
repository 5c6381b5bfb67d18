import { z } from 'zod';
import type { HeartbeatView } from '../../model/api.ts';
import { at, name, number } from './base.ts';

export const heartbeatPhase = z.enum(['new', 'ok', 'running', 'due', 'late', 'failed', 'overrun']);

export const heartbeatSchema = name(
  'Heartbeat',
  z.object({
    id: z.string(),
    name: z.string(),
    key: z.string().nullable(),
    schedule: z.string(),
    phase: heartbeatPhase,
    reason: z.string(),
    expected_at: at.nullable(),
    missing_at: at.nullable(),
    last_seen_at: at.nullable(),
    last_duration_ms: number,
    last_exit_code: number,
    message: z.string().nullable(),
    open_runs: z.array(z.object({ run: z.string().nullable(), started_at: at })),
  }) satisfies z.ZodType<HeartbeatView>,
  'A job that must report.',
);
