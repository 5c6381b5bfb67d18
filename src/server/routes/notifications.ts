import { z } from 'zod';
import { notFound } from '../refusal.ts';
import { route } from '../route.ts';
import { attemptSchema, channelSchema, journalSchema } from '../schemas/alert.ts';
import { limit, moment } from '../schemas/query.ts';
import { attemptView, channelView, journalView } from '../views/record-views.ts';

/** Channels and the journal. */
export const notificationRoutes = [
  route({
    name: 'channels',
    summary: 'Notification channels and how delivery goes.',
    answer: z.object({ channels: z.array(channelSchema) }),
    handle: ({ options }) => ({ channels: options.delivery.channels().map(channelView) }),
  }),
  route({
    name: 'channelAttempts',
    summary: 'The last attempts to deliver through one channel, newest first.',
    query: z.strictObject({ limit: limit(20, 500) }),
    answer: z.object({ attempts: z.array(attemptSchema) }),
    handle: async ({ options }, { params, query }) => {
      const channel = params['name'] ?? '';
      if (!options.delivery.channels().some(({ name }) => name === channel))
        throw notFound('channel', channel, 'GET /monitoring/api/channels lists them.');
      const attempts = await options.state.find('attempts', { where: { channel }, limit: query.limit });
      return { attempts: attempts.map(attemptView) };
    },
  }),
  route({
    name: 'testChannel',
    summary: 'Sends a test message through one channel now and answers what came of it.',
    answer: z.object({
      outcome: z.enum(['delivered', 'retry', 'final']),
      reason: z.string().nullable(),
      summary: z.string(),
    }),
    handle: async ({ options }, { params }) => {
      const name = params['name'] ?? '';
      const result = await options.delivery.test(name);
      if (result === undefined) throw notFound('channel', name, 'GET /monitoring/api/channels lists them.');
      return { outcome: result.outcome, reason: 'reason' in result ? result.reason : null, summary: result.summary };
    },
  }),
  route({
    name: 'journal',
    summary: 'What happened once, newest first: markers for every chart.',
    query: z.strictObject({
      from: moment.optional(),
      to: moment.optional(),
      kind: z
        .string()
        .transform((value) => value.split(','))
        .optional(),
      limit: limit(200, 2000),
    }),
    answer: z.object({ journal: z.array(journalSchema) }),
    handle: async ({ options }, { query }) => {
      const now = options.clock.now();
      const entries = await options.state.find('journal', {
        ...(query.from && { from: query.from(now) }),
        ...(query.to && { to: query.to(now) }),
        ...(query.kind && { where: { kind: query.kind } }),
        limit: query.limit,
      });
      return { journal: entries.map(journalView) };
    },
  }),
];
