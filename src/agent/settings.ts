import { z } from 'zod';

/** Section `progress_trackers`: batch jobs that report how far they are. */
export const progressTrackersSettings = z.strictObject({
  checkpoint_dir: z
    .string()
    .min(1)
    .default('monitoring/checkpoints')
    .describe('Folder of checkpoint files given without a folder.'),
  auto_resume: z.boolean().default(true).describe('Read an existing checkpoint when a tracker is made.'),
});
export type ProgressTrackersSettings = z.output<typeof progressTrackersSettings>;

const header = (fallback: string, what: string) => z.string().min(1).default(fallback).describe(`Header of ${what}.`);

/** Section `observability`: what is followed through the application. */
export const observabilitySettings = z.strictObject({
  enabled: z.boolean().default(true).describe('false: requests are neither timed nor given ids.'),
  tracing_enabled: z.boolean().default(true).describe('Keep traces of requests and operations.'),
  correlation_id_header: header('X-Correlation-ID', 'the correlation id, in requests and answers'),
  request_id_header: header('X-Request-ID', 'the request id'),
  trace_id_header: header('X-Trace-ID', 'the trace id'),
  span_id_header: header('X-Span-ID', 'the span id'),
  timing_header: header('X-Response-Time-Ms', 'the time a request took, in ms'),
  active_trace_limit: z.int().min(1).max(1_000_000).default(1000).describe('Most traces followed at one time.'),
});
export type ObservabilitySettings = z.output<typeof observabilitySettings>;
