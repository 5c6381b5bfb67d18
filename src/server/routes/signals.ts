import { z } from 'zod';
import { Refusal } from '../refusal.ts';
import { route } from '../route.ts';
import { anything } from '../schemas/base.ts';

const order = z.looseObject({ id: z.number(), kind: z.enum(['run-check', 'alert']) });

/** What remote agents send, and what this API is. */
export const signalRoutes = [
  route({
    name: 'signals',
    summary: 'A batch of signals from an agent in another process; byte arrays are base64 text.',
    body: anything,
    bodyLimit: 8 * 1_048_576,
    answer: z.object({ accepted: z.literal(true), orders: z.array(order).optional() }),
    status: 202,
    handle: async ({ options }, { body }) => {
      const result = await options.acceptSignals(body);
      if (!result.ok)
        throw new Refusal('bad-request', result.message, { path: 'body', hint: 'See `SignalBatch` in the package.' });
      // The only way to a process that cannot be called: it finds what is asked of it in the answer.
      return { accepted: true, ...(result.orders ? { orders: result.orders.map((one) => ({ ...one })) } : {}) };
    },
  }),
  route({
    name: 'openapi',
    summary: 'This document.',
    answer: anything,
    handle: (room) => room.openapi(),
  }),
];
