/** The agent's sections of the configuration file. Reached by configuration.ts only: the app's main door knows no schema library. */
import { z } from 'zod';
import { defaultAgentSettings } from './agent-settings.ts';

const { observability, progress_trackers } = defaultAgentSettings;

/** A header name as HTTP allows it (RFC 9110 token). */
const header = (name: string, what: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'must be a header name: letters, digits and hyphens')
    .default(name)
    .describe(`${what}: read from requests and written to responses.`);

/** Section `observability`. */
export const observabilitySettings = z.strictObject({
  enabled: z
    .boolean()
    .default(observability.enabled)
    .describe('Watch requests and operations in the app. When false the agent records nothing by itself.'),
  tracing_enabled: z
    .boolean()
    .default(observability.tracing_enabled)
    .describe(
      'Keep context, ids, headers and traces. When false requests are only counted and timed, at a third of the cost.',
    ),
  correlation_id_header: header(observability.correlation_id_header, 'Header of the correlation id'),
  request_id_header: header(observability.request_id_header, 'Header of the request id'),
  trace_id_header: header(observability.trace_id_header, 'Header of the trace id (besides the standard traceparent)'),
  span_id_header: header(observability.span_id_header, 'Header of the span id'),
  timing_header: header(observability.timing_header, 'Header of the response time in milliseconds'),
  active_trace_limit: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(observability.active_trace_limit)
    .describe('Most traces that are recorded at the same time; requests past it are counted and timed without spans.'),
});

/** Section `progress_trackers`. */
export const progressTrackersSettings = z.strictObject({
  checkpoint_dir: z
    .string()
    .min(1)
    .default(progress_trackers.checkpoint_dir)
    .describe('Folder of checkpoints for jobs that name no file of their own.'),
  auto_resume: z
    .boolean()
    .default(progress_trackers.auto_resume)
    .describe('Go on from a checkpoint when a job with one is started again.'),
});
