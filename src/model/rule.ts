import type { Severity } from './severity.ts';

/** The kinds of conditions a rule may have. */
export type ConditionName =
  | 'value'
  | 'rate'
  | 'change'
  | 'absence'
  | 'percentile'
  | 'error_rate'
  | 'burn_rate'
  | 'spike'
  | 'check'
  | 'heartbeat'
  | 'event_loop'
  | 'errors'
  | 'progress'
  | 'delivery';

/** One level of a rule: exactly one of `above`, `below` and `equal`. */
export interface RuleLevel {
  readonly above?: number;
  readonly below?: number;
  readonly equal?: number;
  /** It stays bad until the value is back at this or better. */
  readonly recover_at?: number;
}

/** A duration: `"90s"`, `"5m"`, `"1h30m"`, or a number of seconds. */
export type RuleDuration = string | number;

/** What a rule does when there is nothing to judge, or when judging fails. */
export type RulePolicy = 'ok' | 'alert' | 'keep' | 'unknown';

/**
 * A rule as code writes it: the same keys as in `alerts.rules` of the configuration. Its condition stands in `when`, or `value` is a
 * function of the application that is called every `every` and whose number is judged.
 */
export interface RuleInCode extends RuleLevel {
  readonly id: string;
  readonly when?: { readonly kind: ConditionName } & Readonly<Record<string, unknown>>;
  /** Gives the number to judge; undefined, null, NaN or an error are no data. It must be quick: it runs on the application's event loop. */
  readonly value?: () => number | null | undefined;
  readonly enabled?: boolean;
  readonly alert_type?: string;
  readonly source?: string;
  readonly description?: string;
  readonly severity?: Severity;
  readonly levels?: readonly (RuleLevel & { readonly severity: Severity })[];
  readonly by?: readonly string[];
  readonly every?: RuleDuration;
  readonly for?: RuleDuration;
  readonly keep_firing_for?: RuleDuration;
  readonly failures?: number;
  readonly out_of?: number;
  readonly recoveries?: number;
  readonly no_data?: RulePolicy;
  readonly on_error?: RulePolicy;
  readonly limit?: number;
  readonly unit?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly summary?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly runbook?: string;
}
