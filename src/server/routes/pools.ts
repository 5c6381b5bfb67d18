import { z } from 'zod';
import { route } from '../route.ts';
import { fallbackSchema, poolSchema, slowQuerySchema, statementSchema } from '../schemas/pool.ts';
import { limit, moment } from '../schemas/query.ts';
import { fallbackView, poolView, slowQueryView, statements } from '../views/pools.ts';
import { bounds } from './series.ts';

const day = 24 * 3_600_000;

/** Connection pools of the applications, their fallback chains, and what their queries cost. */
export const poolRoutes = [
  route({
    name: 'pools',
    summary: 'Watched connection pools and fallback chains of the applications, as they are now.',
    answer: z.object({ pools: z.array(poolSchema), fallbacks: z.array(fallbackSchema) }),
    handle: ({ options }) => ({
      pools: options.pools.pools().map((pool) => poolView(pool, options.poolLimits)),
      fallbacks: options.pools.fallbacks().map(fallbackView),
    }),
  }),
  route({
    name: 'statements',
    summary: 'Statements that went through watched pools in the range (the last hour when absent), most time first.',
    query: z.strictObject({
      from: moment.optional(),
      to: moment.optional(),
      pool: z.string().optional(),
      limit: limit(100, 2000),
    }),
    answer: z.object({ statements: z.array(statementSchema) }),
    handle: async ({ options }, { query, signal }) => {
      const { from, to } = bounds(query, options.clock.now());
      const records = await options.state.find('statements', { limit: 5000 });
      const texts = new Map(records.map((record) => [record.id, record]));
      const all = await statements(options.series, texts, { from, to, pool: query.pool }, signal);
      return { statements: all.slice(0, query.limit) };
    },
  }),
  route({
    name: 'slowQueries',
    summary: 'Queries that took longer than slow_query_threshold_ms in the range (the last day when absent).',
    query: z.strictObject({
      from: moment.optional(),
      to: moment.optional(),
      pool: z.string().optional(),
      statement: z.string().optional(),
      order: z.enum(['newest', 'slowest']).default('newest'),
      limit: limit(100, 2000),
    }),
    answer: z.object({ queries: z.array(slowQuerySchema) }),
    handle: async ({ options }, { query }) => {
      const now = options.clock.now();
      const { pool, statement, order } = query;
      const found = await options.state.find('slow_queries', {
        where: { ...(pool !== undefined && { pool }), ...(statement !== undefined && { statement }) },
        from: query.from?.(now) ?? now - day,
        ...(query.to && { to: query.to(now) }),
        limit: order === 'slowest' ? 2000 : query.limit,
      });
      if (order === 'slowest') found.sort((a, b) => b.durationMs - a.durationMs);
      return { queries: found.slice(0, query.limit).map(slowQueryView) };
    },
  }),
];
