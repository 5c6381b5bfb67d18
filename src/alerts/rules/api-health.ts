import type { CheckResult } from '../../model/check.ts';
import type { Finding, Rule, RuleDesk } from '../rule.ts';
import type { RuleSettings } from './rule-settings.ts';

/** What the rule knows of an endpoint: its latest result and how many in a row failed. */
interface Endpoint {
  readonly name: string;
  readonly failures: number;
  readonly reason: string;
  /** Epoch ms of the latest conclusive result, and after how long without one it no longer counts. */
  readonly at: number;
  readonly forgetAfterMs: number;
}
type Endpoints = Map<string, Endpoint>;

/** More names than this help nobody at night, and every result would write them all. */
const mostNamed = 20;
/** Looking through a thousand endpoints at every one's result would cost more than asking it. */
const sweepEveryMs = 1000;

/**
 * `api_health_degraded`: one episode for all endpoints together. It is an error when `api_errors` endpoints fail in their latest
 * results. A service with fewer endpoints would never hear of a failure that way, so an endpoint that failed `api_errors` times in
 * a row counts too: a warning, and an error when no endpoint works.
 */
export function apiHealthRule({ alerts, thresholds }: RuleSettings): Rule {
  const limit = thresholds.api_errors;
  let endpoints: Endpoints | undefined;
  let sweptAt = Number.NEGATIVE_INFINITY;

  /** Of those that fail now; after a restart their next failure brings it back. */
  const evidence = new Map<string, Evidence>();

  function take(result: CheckResult, desk: RuleDesk): Endpoints {
    endpoints ??= restored(desk);
    const { id, name, intervalMs, timeoutMs } = result.check;
    const before = endpoints.get(id);
    const failures = result.status === 'error' && !onlySlow(result) ? (before?.failures ?? 0) + 1 : 0;
    const endpoint = {
      name,
      failures,
      reason: result.reason,
      at: desk.now,
      forgetAfterMs: 10 * intervalMs + timeoutMs,
    };
    endpoints.set(id, endpoint);
    if (failures > 0) evidence.set(id, evidenceOf(result));
    else evidence.delete(id);
    // One that works as before changes nothing that a restart would need to know.
    if (failures !== before?.failures) desk.remember(endpoint, id);
    if (Math.abs(desk.now - sweptAt) >= sweepEveryMs) {
      sweptAt = desk.now;
      for (const gone of forget(endpoints, desk.now)) desk.remember(undefined, gone);
    }
    return endpoints;
  }

  return {
    info: {
      id: 'api_health_degraded',
      alertType: 'api_health_degraded',
      source: 'api',
      condition: `${limit} endpoints fail at the same time, or one fails ${limit} times in a row`,
      explanation:
        'Several endpoints failing at once is an error; one endpoint that keeps failing is a warning, or an error when no endpoint works.',
    },
    policy: {
      failures: 1,
      recoveries: alerts.recoveries,
      forMs: 0,
      keepFiringForMs: alerts.keep_firing_for_seconds * 1000,
    },
    read(observation, desk) {
      if (observation.kind !== 'check' || observation.result.check.component !== 'api') return [];
      const { result } = observation;
      if (result.status === 'unknown') return [];
      const all = take(result, desk);
      const worst = [...all].find(([, each]) => each.failures > 0)?.[0];
      return [judge([...all.values()], limit, worst === undefined ? undefined : evidence.get(worst))];
    },
  };
}

/** What was remembered before the restart; its times may be old, so each endpoint gets its whole time again to report. */
function restored(desk: RuleDesk): Endpoints {
  return new Map(desk.parts().map((id) => [id, { ...(desk.recall(id) as Endpoint), at: desk.now }]));
}

/** Lets go of endpoints that are no longer asked, and says which. */
function forget(endpoints: Endpoints, now: number): string[] {
  const gone: string[] = [];
  for (const [id, each] of endpoints) if (Math.abs(now - each.at) >= each.forgetAfterMs) gone.push(id);
  for (const id of gone) endpoints.delete(id);
  return gone;
}

/** Slow answers are told by slow_api_response; telling them here too would be two alerts for one thing. */
function onlySlow(result: CheckResult): boolean {
  const errors = (result.conditions ?? []).filter((each) => !each.met && each.severity === 'error');
  return errors.length > 0 && errors.every((each) => each.id === 'response-time');
}

/** What a failing endpoint leaves behind for the person who is woken up, small and redacted by its check. */
type Evidence = Readonly<Record<string, unknown>>;

const evidenceKeys = [
  'stage',
  'code',
  'address',
  'status_code',
  'head',
  'excerpt',
  'answer',
  'answers',
  'dns_answers',
  'certificate_chain',
  'failed_attempts',
] as const;

function evidenceOf({ seen }: CheckResult): Evidence {
  return Object.fromEntries(evidenceKeys.filter((key) => key in seen).map((key) => [key, seen[key]]));
}

function judge(all: readonly Endpoint[], limit: number, evidence: Evidence | undefined): Finding {
  const failing = all.filter((each) => each.failures > 0);
  const stubborn = failing.filter((each) => each.failures >= limit);
  const bad = failing.length >= limit || stubborn.length > 0;
  const named = failing.slice(0, mostNamed);
  const rest = failing.length - named.length;
  const list = `${named.map((each) => each.name).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  const first = failing[0];
  return {
    labels: {},
    verdict: bad ? 'bad' : 'good',
    severity: failing.length >= limit || failing.length === all.length ? 'error' : 'warning',
    message: `API health check failed for ${failing.length} of ${all.length} endpoints: ${list}`,
    reason: bad
      ? `${failing.length} of ${all.length} endpoints fail (limit ${limit}); ${first?.name}: ${first?.reason}`
      : failing.length === 0
        ? `all ${all.length} endpoints work`
        : `only ${failing.length} of ${all.length} endpoints fail, and not for long`,
    value: failing.length,
    threshold: limit,
    unit: 'endpoints',
    context: {
      failing: Object.fromEntries(named.map((each) => [each.name, each.reason])),
      endpoints: all.length,
      ...(evidence && Object.keys(evidence).length > 0 ? { evidence: { endpoint: first?.name, ...evidence } } : {}),
    },
  };
}
