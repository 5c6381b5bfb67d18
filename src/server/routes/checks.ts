import { z } from 'zod';
import type { CheckView } from '../../model/api.ts';
import { notFound } from '../refusal.ts';
import { type Room, route } from '../route.ts';
import { chainSchema } from '../schemas/breaker.ts';
import { checkSchema, checkWindowSchema } from '../schemas/check.ts';
import { moment } from '../schemas/query.ts';
import { chainViews } from '../views/breakers.ts';
import { checkView } from '../views/check-view.ts';
import { checkWindows } from '../views/check-windows.ts';

const hint = 'GET /monitoring/api/checks lists all of them; slashes in an id are sent as %2F.';

/** Checks as they stand, and running one now. */
export const checkRoutes = [
  route({
    name: 'checks',
    summary: 'Every check as it stands now.',
    answer: z.object({ checks: z.array(checkSchema) }),
    handle: async ({ options, uptimes }) => {
      const all = options.checks.all();
      return {
        checks: await Promise.all(all.map(async (state) => checkView(state, all, await uptimes.of(state.check)))),
      };
    },
  }),
  route({
    name: 'check',
    summary: 'One check.',
    answer: checkSchema,
    handle: (room, { params }) => one(room, params['id'] ?? ''),
  }),
  route({
    name: 'runCheck',
    summary: 'Runs a check now (or shares the run under way) and answers how it stands then.',
    answer: checkSchema,
    handle: async (room, { params }) => {
      const id = params['id'] ?? '';
      if ((await room.options.checks.runNow(id)) === undefined) throw notFound('check', id, hint);
      return one(room, id);
    },
  }),
  route({
    name: 'checkWindows',
    summary:
      'Error rate and percentiles of a check over three windows, with the application’s own traffic beside them.',
    answer: z.object({ windows: z.array(checkWindowSchema) }),
    handle: async ({ options }, { params, signal }) => {
      const state = options.checks.one(params['id'] ?? '');
      if (state === undefined) throw notFound('check', params['id'] ?? '', hint);
      return { windows: await checkWindows(options.series, state.check, options.clock.now(), signal) };
    },
  }),
  route({
    name: 'breakers',
    summary:
      'Fallback chains of databases, their circuit breakers, and what these did in the range (the last day when absent).',
    query: z.strictObject({ from: moment.optional(), to: moment.optional() }),
    answer: z.object({ from: z.number(), to: z.number(), chains: z.array(chainSchema) }),
    handle: async ({ options }, { query }) => {
      const now = options.clock.now();
      const [from, to] = [query.from?.(now) ?? now - day, query.to?.(now) ?? now];
      const journal = await options.state.find('journal', { where: { kind: 'breaker' }, from, to, limit: 2000 });
      return { from, to, chains: chainViews(options.checks.all(), journal.reverse(), now) };
    },
  }),
];

const day = 24 * 3_600_000;

async function one({ options, uptimes }: Room, id: string): Promise<CheckView> {
  const state = options.checks.one(id);
  if (state === undefined) throw notFound('check', id, hint);
  return checkView(state, options.checks.all(), await uptimes.of(state.check));
}
