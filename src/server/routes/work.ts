import { z } from 'zod';
import { notFound } from '../refusal.ts';
import { route } from '../route.ts';
import { limit, listOf, moment } from '../schemas/query.ts';
import {
  agentSchema,
  errorDetailSchema,
  errorGroupSchema,
  operationSchema,
  progressSchema,
} from '../schemas/record.ts';
import { operations } from '../views/operations.ts';
import { agentView, errorGroupView, occurrenceView, progressView } from '../views/record-views.ts';
import { bounds } from './series.ts';

const groupStates = ['open', 'resolved', 'regressed', 'ignored'] as const;
const hint = 'GET /monitoring/api/errors lists them.';
const day = 24 * 3_600_000;

/** What applications report: operations, jobs, errors, and the processes themselves. */
export const workRoutes = [
  route({
    name: 'operations',
    summary: 'Every operation in the range (the last hour when absent), busiest in total time first.',
    query: z.strictObject({ from: moment.optional(), to: moment.optional(), limit: limit(500, 5000) }),
    answer: z.object({ operations: z.array(operationSchema) }),
    handle: async ({ options }, { query, signal }) => {
      const { from, to } = bounds(query, options.clock.now());
      return { operations: (await operations(options.series, from, to, signal)).slice(0, query.limit) };
    },
  }),
  route({
    name: 'progress',
    summary: 'Jobs that run, and those that ended in the last day (or since `from`), newest first.',
    query: z.strictObject({ from: moment.optional(), limit: limit(200, 1000) }),
    answer: z.object({ progress: z.array(progressSchema) }),
    handle: async ({ options }, { query }) => {
      const now = options.clock.now();
      const [recent, open] = await Promise.all([
        options.state.find('progress_runs', { from: query.from?.(now) ?? now - day, limit: query.limit }),
        options.state.find('progress_runs', { where: { state: ['running', 'paused', 'stalled'] }, limit: query.limit }),
      ]);
      const all = new Map([...open, ...recent].map((run) => [run.id, run]));
      const runs = [...all.values()].sort((a, b) => b.updatedAt - a.updatedAt).slice(0, query.limit);
      return { progress: runs.map((run) => progressView(run, now)) };
    },
  }),
  route({
    name: 'errors',
    summary: 'Error groups, newest first.',
    query: z.strictObject({
      state: listOf(groupStates).optional(),
      type: z.string().optional(),
      limit: limit(200, 2000),
    }),
    answer: z.object({ errors: z.array(errorGroupSchema) }),
    handle: async ({ options }, { query }) => {
      const groups = await options.state.find('error_groups', {
        where: { ...(query.state && { state: query.state }), ...(query.type !== undefined && { type: query.type }) },
        limit: query.limit,
      });
      return { errors: groups.map(errorGroupView) };
    },
  }),
  route({
    name: 'error',
    summary: 'One error group with its kept occurrences, newest first.',
    query: z.strictObject({ limit: limit(20, 200) }),
    answer: errorDetailSchema,
    handle: async ({ options }, { params, query }) => {
      const id = params['id'] ?? '';
      const group = await options.state.get('error_groups', id);
      if (group === undefined) throw notFound('error group', id, hint);
      const occurrences = await options.state.find('error_occurrences', { where: { groupId: id }, limit: query.limit });
      return { ...errorGroupView(group), occurrences: occurrences.map(occurrenceView) };
    },
  }),
  route({
    name: 'errorState',
    summary: 'Resolves, ignores or reopens an error group.',
    body: z.strictObject({ state: z.enum(['open', 'resolved', 'ignored']) }),
    answer: errorGroupSchema,
    handle: async ({ options }, { params, body, caller }) => {
      const id = params['id'] ?? '';
      const changed = await options.setErrorState(id, body.state, caller.name ?? 'unknown');
      if (changed === undefined) throw notFound('error group', id, hint);
      return errorGroupView(changed);
    },
  }),
  route({
    name: 'agents',
    summary: 'Processes that report to this monitor.',
    answer: z.object({ agents: z.array(agentSchema) }),
    handle: ({ options }) => ({ agents: options.agents.all().map(agentView) }),
  }),
];
