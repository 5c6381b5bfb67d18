import type { Rule } from '../rule.ts';
import { apiHealthRule } from './api-health.ts';
import { applicationLostRule } from './application-lost.ts';
import { checkFailedRule } from './check-failed.ts';
import { circuitBreakerRule } from './circuit-breaker.ts';
import { databaseFailureRule } from './database-failure.ts';
import { databaseTroubleRule } from './database-trouble.ts';
import { eventLoopRule } from './event-loop.ts';
import { fallbackRule } from './fallback.ts';
import { heartbeatRules } from './heartbeats.ts';
import { jobFailedRule, jobStalledRule } from './jobs.ts';
import { notificationFailedRule } from './notification-failed.ts';
import { poolExhaustedRule } from './pool-exhausted.ts';
import type { RuleSettings } from './rule-settings.ts';
import { slowApiRule } from './slow-api.ts';
import { slowDatabaseRule } from './slow-database.ts';
import { storeProblemRule } from './store-problem.ts';
import { systemRules } from './system.ts';

/** The built-in rules. A new one is a file beside this and a line here. */
export function builtInRules(settings: RuleSettings): Rule[] {
  return [
    databaseFailureRule(settings),
    slowDatabaseRule(settings),
    databaseTroubleRule(settings),
    circuitBreakerRule(settings),
    poolExhaustedRule(settings),
    fallbackRule(settings),
    apiHealthRule(settings),
    slowApiRule(settings),
    ...systemRules(settings),
    checkFailedRule(settings),
    eventLoopRule(settings),
    applicationLostRule(settings),
    ...heartbeatRules(),
    jobStalledRule(settings),
    jobFailedRule(settings),
    notificationFailedRule(settings),
    storeProblemRule(settings),
  ];
}
