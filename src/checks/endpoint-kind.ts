import type { Check, CheckInfo } from '../model/check.ts';
import type { Clock } from '../model/clock.ts';
import type { ApiMonitoringSettings } from './api-settings.ts';
import type { EndpointSettings } from './endpoint-settings.ts';
import type { Guard } from './network/guard.ts';

/** What every kind of endpoint is made from. */
export interface EndpointRequest {
  readonly endpoint: EndpointSettings;
  readonly section: ApiMonitoringSettings;
  readonly info: Omit<CheckInfo, 'kind' | 'component' | 'target' | 'explanation'>;
  readonly limits: Limits;
  readonly clock: Clock;
  /** Set when private targets are forbidden. */
  readonly guard: Guard | undefined;
}

/** The thresholds that hold for an endpoint: its own, else the section's. */
export interface Limits {
  readonly warningMs: number;
  readonly errorMs: number;
  readonly certificateWarningDays: number;
  /** Undefined: only a certificate that verification refuses is an error. */
  readonly certificateErrorDays: number | undefined;
}

/** Makes the check of one kind of endpoint. */
export type EndpointKind = (request: EndpointRequest) => Check;
