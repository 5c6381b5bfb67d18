import type { AlertEngineOptions } from './engine.ts';

/** The predecessor's thresholds and the defaults of the checks, for engines in tests and benchmarks. */
export const seedThresholds: Pick<AlertEngineOptions, 'thresholds' | 'checks'> = {
  thresholds: { database_failures: 3, api_errors: 3, cpu_usage: 90, memory_usage: 90, disk_usage: 90 },
  checks: {
    database: { slow_query_threshold_ms: 500, pool_wait_threshold_ms: 1000, pool_hold_threshold_ms: 30_000 },
    api: { response_time_warning_threshold_ms: 500, response_time_error_threshold_ms: 2000 },
    system: { cpu_warning_threshold: 80, memory_warning_threshold: 80, disk_warning_threshold: 80 },
  },
};
