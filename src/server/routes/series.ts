import { z } from 'zod';
import type { Aggregate, LatestPoint, RangeQuery } from '../../model/store.ts';
import { asked } from '../asked.ts';
import { Refusal } from '../refusal.ts';
import { JsonText, route, Streamed } from '../route.ts';
import { at, labels, number } from '../schemas/base.ts';
import { seriesSchema } from '../schemas/monitor.ts';
import { aggregate, deadlineMs, limit, matchers, metricName, moment, stepMs, tierChoice } from '../schemas/query.ts';
import { isLong, seriesText, seriesTextSlowly } from '../views/series-text.ts';

const mostPoints = 11_000;
const hour = 3_600_000;
const point = z.object({ name: z.string(), labels, kind: z.string(), at, value: number });
const range = { name: metricName, match: matchers, from: moment.optional(), to: moment.optional() };

/** Numbers over time. */
export const seriesRoutes = [
  route({
    name: 'series',
    summary: 'Series over a range, aggregated into steps; about 300 steps when `step` is absent.',
    query: z.strictObject({
      ...range,
      step: stepMs.optional(),
      aggregate: z
        .string()
        .default('avg')
        .transform((value) => value.split(',').map((one) => one.trim()))
        .pipe(z.array(aggregate).min(1).max(8)),
      limit: limit(100, 2000),
      tier: tierChoice,
      deadline: deadlineMs.optional(),
    }),
    answer: seriesSchema,
    handle: async ({ options }, { query, signal }) => {
      const { from, to } = bounds(query, options.clock.now());
      const step = query.step ?? niceStep((to - from) / 300);
      if ((to - from) / step > mostPoints) {
        throw new Refusal(
          'bad-request',
          `query.step: ${Math.ceil((to - from) / step)} steps are more than ${mostPoints}.`,
          {
            path: 'query.step',
            hint: `Ask for a shorter range, or a step of at least ${Math.ceil((to - from) / mostPoints)} ms.`,
          },
        );
      }
      const aggregates = query.aggregate as Aggregate[];
      const answer = await asked('query', () =>
        options.series.query(
          {
            name: query.name,
            matchers: query.match ?? [],
            from,
            to,
            stepMs: step,
            aggregates,
            limit: query.limit,
            ...reading(query),
          },
          signal,
        ),
      );
      if (isLong(answer)) return new Streamed(seriesTextSlowly(answer, from, to));
      return new JsonText([...seriesText(answer, from, to)].join(''));
    },
  }),
  route({
    name: 'seriesLatest',
    summary: 'The newest value of every matching series.',
    query: z.strictObject({ name: metricName.optional(), match: matchers, limit: limit(500, 10_000) }),
    answer: z.object({ series: z.array(point) }),
    handle: ({ options }, { query }) => {
      const found = options.series.latest({
        ...(query.name !== undefined && { name: query.name }),
        matchers: query.match ?? [],
      });
      return { series: found.slice(0, query.limit).map(pointView) };
    },
  }),
  route({
    name: 'seriesList',
    summary: 'Which series exist.',
    query: z.strictObject({ name: metricName.optional(), match: matchers, limit: limit(1000, 10_000) }),
    answer: z.object({
      series: z.array(z.object({ name: z.string(), labels, kind: z.string() })),
      truncated: z.boolean(),
    }),
    handle: ({ options }, { query }) => {
      const found = options.series.list({
        ...(query.name !== undefined && { name: query.name }),
        matchers: query.match ?? [],
        limit: query.limit + 1,
      });
      const series = found.slice(0, query.limit).map(({ name, labels, kind }) => ({ name, labels, kind }));
      return { series, truncated: found.length > query.limit };
    },
  }),
  route({
    name: 'seriesTop',
    summary: 'The series with the highest aggregate over a range.',
    query: z.strictObject({
      ...range,
      aggregate: aggregate.default('avg'),
      k: limit(10, 1000),
      tier: tierChoice,
      deadline: deadlineMs.optional(),
    }),
    answer: z.object({ series: z.array(point) }),
    handle: async ({ options }, { query, signal }) => {
      const { from, to } = bounds(query, options.clock.now());
      const request = {
        name: query.name,
        matchers: query.match ?? [],
        from,
        to,
        aggregate: query.aggregate as Aggregate,
        k: query.k,
        ...reading(query),
      };
      return { series: (await asked('query', () => options.series.top(request, signal))).map(pointView) };
    },
  }),
];

/** The range asked for; the last hour when nothing is said. */
export function bounds(
  query: { from?: ((now: number) => number) | undefined; to?: ((now: number) => number) | undefined },
  now: number,
  spanMs = hour,
): { from: number; to: number } {
  const to = query.to?.(now) ?? now;
  const from = query.from?.(now) ?? to - spanMs;
  if (from >= to) {
    throw new Refusal('bad-request', `query.from: ${from} is not before query.to (${to}).`, {
      path: 'query.from',
      hint: 'Times are epoch milliseconds, ISO 8601, `now` or e.g. `now-6h`.',
    });
  }
  return { from, to };
}

/** The next step that divides minutes, hours and days evenly, so that steps stand still while the range moves. */
export function niceStep(ms: number): number {
  const nice = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].map(
    (s) => s * 1000,
  );
  return nice.find((step) => step >= ms) ?? Math.ceil(ms / 86_400_000) * 86_400_000;
}

/** How a question may be answered, in the store's words. */
function reading(query: {
  tier: 'auto' | 'raw';
  deadline?: number | undefined;
}): Pick<RangeQuery, 'tier' | 'deadlineMs'> {
  return {
    ...(query.tier === 'raw' && { tier: 'raw' as const }),
    ...(query.deadline !== undefined && { deadlineMs: query.deadline }),
  };
}

function pointView(point: LatestPoint) {
  const { name, labels, kind, at, value } = point;
  return { name, labels, kind, at, value: Number.isFinite(value) ? value : null };
}
