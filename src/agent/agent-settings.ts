/** What the agent may be told. Plain data with the file's own keys: the worker, which reads the configuration, sends it over. */
export interface AgentSettings {
  readonly observability: ObservabilityFacts;
  readonly progress_trackers: { readonly checkpoint_dir: string; readonly auto_resume: boolean };
  readonly database_monitoring: DatabaseFacts;
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

/** What concerns the app's own pools and fallback chains; the other keys of the section are the monitor's. */
export interface DatabaseFacts {
  /** Follow the connections of watched pools. */
  readonly monitor_pool_size: boolean;
  /** Time the queries of watched pools. */
  readonly monitor_query_time: boolean;
  readonly slow_query_threshold_ms: number;
  /** Breakers of fallback chains that name no numbers of their own. */
  readonly connection_failure_threshold: number;
  readonly circuit_breaker_reset_seconds: number;
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
  database_monitoring: {
    monitor_pool_size: true,
    monitor_query_time: true,
    slow_query_threshold_ms: 500,
    connection_failure_threshold: 3,
    circuit_breaker_reset_seconds: 300,
  },
};

/** The part of the section that the app's thread is told; addresses and passwords stay in the worker. */
export function databaseFacts(section: DatabaseFacts & { readonly enabled: boolean }): DatabaseFacts {
  return {
    monitor_pool_size: section.enabled && section.monitor_pool_size,
    monitor_query_time: section.enabled && section.monitor_query_time,
    slow_query_threshold_ms: section.slow_query_threshold_ms,
    connection_failure_threshold: section.connection_failure_threshold,
    circuit_breaker_reset_seconds: section.circuit_breaker_reset_seconds,
  };
}
