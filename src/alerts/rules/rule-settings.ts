import type { AlertsSettings } from '../settings.ts';

/** The numbers of `monitoring.alert_thresholds`. */
export interface Thresholds {
  readonly database_failures: number;
  readonly api_errors: number;
  /** Percent. */
  readonly cpu_usage: number;
  readonly memory_usage: number;
  readonly disk_usage: number;
}

/** What the rules read of the sections of the checks. */
export interface CheckThresholds {
  readonly database: {
    readonly slow_query_threshold_ms: number;
    readonly pool_wait_threshold_ms: number;
    readonly pool_hold_threshold_ms: number;
  };
  readonly api: {
    readonly response_time_warning_threshold_ms: number;
    readonly response_time_error_threshold_ms: number;
  };
  /** Percent. */
  readonly system: {
    readonly cpu_warning_threshold: number;
    readonly memory_warning_threshold: number;
    readonly disk_warning_threshold: number;
  };
}

/** Everything a built-in rule is made from. */
export interface RuleSettings {
  readonly alerts: AlertsSettings;
  readonly thresholds: Thresholds;
  readonly checks: CheckThresholds;
}
