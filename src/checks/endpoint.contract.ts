import type { Check, CheckOutcome } from '../model/check.ts';
import { systemClock } from '../model/clock.ts';
import { type ApiMonitoringSettings, apiMonitoringSettings } from './api-settings.ts';
import { endpointChecks } from './endpoint-checks.ts';
import type { Guard } from './network/guard.ts';

/** Makes the check of one endpoint as the settings would, with a deadline of two seconds. */
export function endpointCheck(endpoint: object, section: object = {}, guard?: Guard): Check {
  const settings = apiMonitoringSettings.parse({ timeout_seconds: 2, ...section, endpoints: [endpoint] });
  return endpointChecks(settings as ApiMonitoringSettings, 60, systemClock, guard)[0]!;
}

/** Runs a check once, under its own deadline. */
export function runCheck(check: Check): Promise<CheckOutcome> {
  return check.run(AbortSignal.timeout(check.info.timeoutMs));
}

/** Runs the check of one endpoint once. */
export function ask(endpoint: object, section: object = {}, guard?: Guard): Promise<CheckOutcome> {
  return runCheck(endpointCheck(endpoint, section, guard));
}

/** What is wrong with an endpoint's settings: place and sentence; empty when nothing is. */
export function endpointProblems(endpoint: object): string[] {
  const result = apiMonitoringSettings.safeParse({ base_url: 'http://localhost:1', endpoints: [endpoint] });
  return (result.error?.issues ?? []).map((issue) => `${issue.path.slice(2).join('.')}: ${issue.message}`);
}
