import { z } from 'zod';
import { alertSchema, silenceSchema } from './alert.ts';
import { anything, name, number, text, verdict } from './base.ts';
import { heartbeatSchema } from './heartbeat.ts';
import { progressSchema } from './record.ts';

const word = z.enum(['OK', 'Warning', 'Error', 'Unknown', 'Not configured']);
const overall = z.enum(['healthy', 'warning', 'unhealthy']);

export const healthSchema = name(
  'Health',
  z.object({
    status: overall,
    database: word,
    api: word,
    system: word,
    application: word.optional().meta({ description: 'Only when an application reports to this monitor.' }),
    timestamp: z.string().meta({ description: 'ISO 8601, local time with its offset.' }),
  }),
);

const connectionType = z.object({
  name: z.string(),
  state: z.enum(['CLOSED', 'OPEN', 'HALF-OPEN']),
  failure_count: z.number(),
  failure_threshold: z.number(),
  recovery_timeout: z.number(),
  last_failure_time: number,
  time_since_last_failure: number,
  stats: z.object({
    success_count: z.number(),
    failure_count: z.number(),
    last_state_change: number,
    total_open_time: z.number(),
    open_count: z.number(),
  }),
});

const databaseHealth = z.object({
  status: word,
  configured: z.boolean(),
  last_check_time: z.number(),
  is_healthy: z.boolean(),
  active_connection_type: text,
  connection_types: z.record(z.string(), connectionType),
  recent_failures: z.array(z.object({ timestamp: z.number(), connection_type: z.string(), error: z.string() })).max(10),
  recent_successes: z
    .array(z.object({ timestamp: z.number(), connection_type: z.string(), latency: z.number() }))
    .max(10),
  check_frequency_seconds: z.number(),
  check_duration: number,
  error_message: text,
});

const endpointHealth = z.object({
  status: word,
  configured: z.boolean(),
  endpoints: z.record(
    z.string(),
    z.object({ method: z.string(), status: word, message: z.string(), response_time: number, last_checked: text }),
  ),
  last_check_time: z.number(),
  overall_health_percentage: number,
  check_frequency_seconds: z.number(),
  avg_response_time: number,
  error_rate: number,
});

const systemHealth = z.object({
  status: word,
  cpu_usage: number,
  memory_usage: number,
  disk_usage: number,
  last_check_time: z.number(),
  check_frequency_seconds: z.number(),
  cpu_info: z.object({ cores: z.number(), threads: z.number() }),
  memory_info: z.object({ total: number, available: number, used: number }),
  disk_info: z.object({ total: number, free: number, used: number }),
  process_info: z.object({ pid: z.number(), cpu_percent: number, memory_percent: number, threads: number }),
});

const performance = name(
  'Performance',
  z.object({
    name: z.string(),
    start_time: z.number(),
    elapsed_time: z.number(),
    operations: z.object({ total: z.number(), successful: z.number(), failed: z.number() }),
    timing: z.object({
      total_execution_time: z.number(),
      min_execution_time: number,
      max_execution_time: number,
      avg_execution_time: z.number(),
    }),
    throughput: z.object({
      items_processed: z.number(),
      items_per_second: z.number(),
      bytes_processed: z.number(),
      bytes_per_second: z.number(),
    }),
    memory: z.object({ peak_memory_usage: number, current_memory_usage: number }),
    database: z.object({
      connection_attempts: z.number(),
      connection_failures: z.number(),
      query_count: z.number(),
      transaction_count: z.number(),
      rollback_count: z.number(),
    }),
    custom_metrics: z.record(z.string(), z.number()),
    history: z
      .array(
        z.object({
          timestamp: z.number(),
          operation_type: z.string(),
          success: z.boolean().nullable(),
          execution_time: number,
          items_processed: number,
          count: z.number(),
        }),
      )
      .max(1000),
  }),
  'Operations of one kind since the monitor started (at most a day); times in seconds.',
);

const percentages = z.array(number).max(100);

export const statusSchema = name(
  'Status',
  z.object({
    health: z.object({ database: databaseHealth, api: endpointHealth, system: systemHealth }),
    performance: z.object({ database: performance, api: performance, system: performance }),
    resources: z.object({
      cpu_history: percentages,
      memory_history: percentages,
      disk_history: percentages,
      network_history: z.array(z.object({ bytes_sent: number, bytes_recv: number }).nullable()).max(100),
      timestamps: z.array(z.number()).max(100),
    }),
    errors: z
      .array(
        z.object({
          error_type: z.string(),
          message: z.string(),
          timestamp: z.number(),
          formatted_time: z.string(),
          stack_trace: text,
          correlation_id: z.string().optional(),
          trace_id: z.string().optional(),
          context: anything,
        }),
      )
      .max(10),
    alerts: z
      .array(
        z.object({
          alert_type: z.string(),
          message: z.string(),
          source: z.string(),
          severity: z.string(),
          timestamp: z.number(),
          formatted_time: z.string(),
          context: anything,
          alert_id: z.string(),
          status: z.string(),
        }),
      )
      .max(10),
    system_info: z.object({
      hostname: z.string(),
      platform: z.string(),
      python_version: text,
      node_version: z.string(),
      start_time: z.string(),
    }),
    last_updated: z.string(),
    status: overall,
    verdict,
    sentence: z.string(),
    details: z.array(z.object({ verdict, text: z.string(), link: z.string() })),
    heartbeats: z.array(heartbeatSchema),
    progress: z.array(progressSchema),
    silences: z.array(silenceSchema),
    active_alerts: z.array(alertSchema),
    monitor: z.object({ version: z.string(), mode: z.string(), started_at: z.number(), pid: z.number() }),
  }),
  "The predecessor's document. Seconds and percent, except response_time and avg_response_time, which are milliseconds.",
);
