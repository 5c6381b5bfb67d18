/** What the agent may be told. Plain data with the file's own keys: the worker, which reads the configuration, sends it over. */
export interface AgentSettings {
  readonly observability: ObservabilityFacts;
  readonly progress_trackers: { readonly checkpoint_dir: string; readonly auto_resume: boolean };
}

export interface ObservabilityFacts {
  readonly enabled: boolean;
  /** False: metrics only; no context, no ids, no headers. */
  readonly tracing_enabled: boolean;
  readonly correlation_id_header: string;
  readonly request_id_header: string;
  readonly trace_id_header: string;
  readonly span_id_header: string;
  readonly timing_header: string;
  readonly active_trace_limit: number;
}

/** In force until the worker has read the configuration. */
export const defaultAgentSettings: AgentSettings = {
  observability: {
    enabled: true,
    tracing_enabled: true,
    correlation_id_header: 'X-Correlation-ID',
    request_id_header: 'X-Request-ID',
    trace_id_header: 'X-Trace-ID',
    span_id_header: 'X-Span-ID',
    timing_header: 'X-Response-Time-Ms',
    active_trace_limit: 1000,
  },
  progress_trackers: { checkpoint_dir: 'monitoring/checkpoints', auto_resume: true },
};
