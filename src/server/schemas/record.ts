import { z } from 'zod';
import type {
  AgentView,
  ErrorDetailView,
  ErrorGroupView,
  ErrorOccurrenceView,
  OperationView,
  ProgressView,
} from '../../model/api.ts';
import { anything, at, name, number, text } from './base.ts';

export const operationSchema = name(
  'Operation',
  z.object({
    operation: z.string(),
    category: z.enum(['database', 'api', 'other']),
    count: z.number(),
    errors: z.number(),
    error_ratio: z.number().min(0).max(1),
    per_second: z.number(),
    min: number,
    avg: number,
    max: number,
    p50: number,
    p95: number,
    p99: number,
    time_ratio: z.number(),
    items: z.number(),
    bytes: z.number(),
    trend: z.array(z.number()),
  }) satisfies z.ZodType<OperationView>,
  'What one operation did in the window; durations in seconds.',
);

export const progressSchema = name(
  'Progress',
  z.object({
    id: z.string(),
    name: z.string(),
    instance: z.string(),
    state: z.enum(['running', 'paused', 'stalled', 'done', 'failed', 'abandoned']),
    message: z.string(),
    total_items: z.number(),
    processed_items: z.number(),
    successful_items: z.number(),
    failed_items: z.number(),
    skipped_items: z.number(),
    restored_items: z.number(),
    ratio: number,
    elapsed_seconds: z.number(),
    items_per_second: number,
    remaining_seconds: z.object({ low: z.number(), likely: z.number(), high: z.number() }).nullable(),
    completes_at: at.nullable(),
    started_at: at,
    updated_at: at,
    ended_at: at.nullable(),
    batches: z.number(),
    average_batch_seconds: number,
    average_batch_items: number,
    checkpoint_file: text,
    checkpoint_at: at.nullable(),
  }) satisfies z.ZodType<ProgressView>,
);

const groupShape = {
  id: z.string(),
  type: z.string(),
  title: z.string(),
  culprit: z.string(),
  state: z.enum(['open', 'resolved', 'regressed', 'ignored']),
  first_seen_at: at,
  last_seen_at: at,
  count: z.number(),
  release: text,
  grouped_by: z.string(),
};
export const errorGroupSchema = name('ErrorGroup', z.object(groupShape) satisfies z.ZodType<ErrorGroupView>);

export const occurrenceSchema = name(
  'ErrorOccurrence',
  z.object({
    id: z.string(),
    at,
    instance: z.string(),
    type: z.string(),
    message: z.string(),
    stack: z.string(),
    handled: z.boolean(),
    causes: z.array(z.object({ type: z.string(), message: z.string(), stack: z.string() })),
    correlation_id: text,
    request_id: text,
    trace_id: text,
    context: anything,
  }) satisfies z.ZodType<ErrorOccurrenceView>,
);

export const errorDetailSchema = name(
  'ErrorDetail',
  z.object({ ...groupShape, occurrences: z.array(occurrenceSchema) }) satisfies z.ZodType<ErrorDetailView>,
);

export const agentSchema = name(
  'Agent',
  z.object({
    instance: z.string(),
    service: z.string(),
    host: z.string(),
    pid: z.number(),
    release: z.string(),
    framework: text,
    state: z.enum(['live', 'blocked', 'gone', 'lost']),
    silent_ms: z.number(),
    first_seen_at: at,
    last_seen_at: at,
    cpu_ratio: number,
    rss_bytes: number,
    heap_used_bytes: number,
    event_loop_delay_p99_seconds: number,
    event_loop_utilization_ratio: number,
    dropped: z.record(z.string(), z.number()),
  }) satisfies z.ZodType<AgentView>,
  'A process that reports to this monitor.',
);
