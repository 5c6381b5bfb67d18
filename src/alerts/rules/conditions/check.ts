import { z } from 'zod';
import type { CheckResult } from '../../../model/check.ts';
import { compileMatchers } from '../../../model/matcher.ts';
import { conditionKind, type Fact, type FactPlan } from '../condition.ts';
import { matchersOf, matchSetting } from '../matcher-setting.ts';

const statuses = ['warning', 'error'] as const;
const choice = {
  match: matchSetting
    .optional()
    .describe('Which checks: matchers on `check` (its id), `name`, `component`, `kind`, `target` and `tag`.'),
  status: z.array(z.enum(statuses)).min(1).default(['error']).describe('Which results count as failures.'),
};

/** Checks that fail; the value is how many times in a row. */
export const checkCondition = conditionKind({
  kind: 'check',
  source: 'checks',
  threshold: { op: 'above', at: 0, recoverAt: 0 },
  schema: z.strictObject({
    kind: z.literal('check').describe('A check fails; the value is how many times in a row.'),
    ...choice,
  }),
  plan: (when) => checkPlan(when, 'checks'),
});

/** Heartbeats (jobs that must report in time) that are late or failed; they are checks of kind `heartbeat`. */
export const heartbeatCondition = conditionKind({
  kind: 'heartbeat',
  source: 'heartbeat',
  threshold: { op: 'above', at: 0, recoverAt: 0 },
  schema: z.strictObject({
    kind: z
      .literal('heartbeat')
      .describe('A heartbeat is late or reports failure; the value is how many times in a row.'),
    ...choice,
  }),
  plan: (when) => checkPlan(when, 'heartbeats', 'heartbeat'),
});

/** Applications whose event loop is blocked; the value is for how many seconds. */
export const eventLoopCondition = conditionKind({
  kind: 'event_loop',
  source: 'application',
  threshold: { op: 'above', at: 0, recoverAt: 0 },
  schema: z.strictObject({
    kind: z
      .literal('event_loop')
      .describe('The event loop of an application is blocked; the value is for how many seconds.'),
    match: choice.match,
  }),
  plan: (when) => ({
    ...checkPlan({ ...when, status: ['error'] }, 'event loops', 'event-loop'),
    unit: 'seconds',
    judge: (fact) => ({
      value: fact.seen.bad === true ? Number(fact.seen.blocked_seconds ?? 0) || 0.001 : 0,
      message: `Event loop of ${fact.seen.name} is blocked`,
      reason: String(fact.seen.reason),
    }),
  }),
});

function checkPlan(
  when: { match?: string | Record<string, string> | undefined; status: readonly (typeof statuses)[number][] },
  what: string,
  onlyKind?: string,
): FactPlan {
  const matchers = matchersOf(when.match);
  const fits = compileMatchers(matchers);
  return {
    sort: 'facts',
    kinds: ['check'],
    history: 'checks',
    subject: `${what}${matchers.length > 0 ? ` with ${matchers.map((each) => `${each.name}${each.op}${JSON.stringify(each.value)}`).join(', ')}` : ''} ${when.status.join(' or ')}, failures in a row`,
    unit: 'failures',
    byClock: false,
    settled: (fact) => fact.seen.bad !== true,
    note(observation, before) {
      if (observation.kind !== 'check') return undefined;
      const { result } = observation;
      if (onlyKind !== undefined && result.check.kind !== onlyKind) return undefined;
      if (!fits(matchable(result)) && !(result.check.tags ?? []).some((tag) => fits({ ...matchable(result), tag })))
        return undefined;
      // The monitor could not tell: neither good nor bad.
      if (result.status === 'unknown') return undefined;
      const key = result.check.id;
      const bad = when.status.some((status) => status === result.status);
      const failures = bad ? Number(before(key)?.seen.failures ?? 0) + 1 : 0;
      return { key, fact: factOf(result, bad, failures) };
    },
    judge: (fact) => ({
      value: Number(fact.seen.failures),
      message: `Check ${fact.seen.name} is ${fact.seen.status}: ${fact.seen.reason}`,
      reason: String(fact.seen.reason),
      context: { target: fact.seen.target },
    }),
  };
}

function factOf(result: CheckResult, bad: boolean, failures: number): Fact {
  const { check, status, reason, at } = result;
  const silentMs = result.seen.silent_ms;
  return {
    labels: { check: check.id, component: check.component },
    at,
    seen: {
      name: check.name,
      target: check.target,
      status,
      reason,
      bad,
      failures,
      ...(typeof silentMs === 'number' ? { blocked_seconds: silentMs / 1000 } : {}),
    },
  };
}

function matchable({ check }: CheckResult): Record<string, string> {
  return { check: check.id, name: check.name, component: check.component, kind: check.kind, target: check.target };
}
