import { z } from 'zod';
import type { CheckView } from '../../model/api.ts';
import { notFound } from '../refusal.ts';
import { type Room, route } from '../route.ts';
import { checkSchema } from '../schemas/check.ts';
import { checkView } from '../views/check-view.ts';

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
];

async function one({ options, uptimes }: Room, id: string): Promise<CheckView> {
  const state = options.checks.one(id);
  if (state === undefined) throw notFound('check', id, hint);
  return checkView(state, options.checks.all(), await uptimes.of(state.check));
}
