/**
 * The checks room. Settings and a clock come in; results and samples go out.
 * It asks databases, endpoints and the system how they are, each under a hard deadline. It never throws because something is down,
 * never keeps anything (the store does), and never decides what is an alert.
 */
export { type ChecksOptions, createChecks } from './create-checks.ts';
export { type DefineCheckOptions, defineCheck } from './custom-check.ts';
export { createHeartbeats } from './heartbeat/heartbeats.ts';
export { openMaintenancePlan } from './maintenance/kept-plan.ts';
export { type CheckSet, createScheduler, type Scheduler, type SchedulerOptions } from './scheduler.ts';
export { createSystemSampler, type SystemSampler } from './system/sampler.ts';
