import { z } from 'zod';
import type { ImportAnswer } from '../../model/api.ts';
import type { SeriesStore } from '../../model/store.ts';
import { route, Streamed } from '../route.ts';
import { importSchema } from '../schemas/monitor.ts';
import { matchers, metricName, moment } from '../schemas/query.ts';
import { ndjson, openMetrics } from '../views/export-text.ts';
import { importLine } from '../views/import-line.ts';

/** How many points are taken in before others get a turn. */
const AT_ONCE = 20_000;
/** How many rejected lines are named. */
const MOST_NAMED = 20;

/** The whole store, out and in. */
export const storeRoutes = [
  route({
    name: 'storeExport',
    summary: 'Every value as it came, a line for each stretch of a series; OpenMetrics text with `format=prometheus`.',
    query: z.strictObject({
      name: metricName.optional(),
      match: matchers,
      from: moment.optional(),
      to: moment.optional(),
      format: z.enum(['ndjson', 'prometheus']).default('ndjson'),
    }),
    answer: z.string(),
    answerTypes: ['application/x-ndjson', 'application/openmetrics-text; version=1.0.0'],
    handle: ({ options }, { query, signal }) => {
      const now = options.clock.now();
      const parts = options.series.export(
        {
          ...(query.name !== undefined && { name: query.name }),
          ...(query.match && { matchers: query.match }),
          ...(query.from && { from: query.from(now) }),
          ...(query.to && { to: query.to(now) }),
        },
        signal,
      );
      return query.format === 'prometheus'
        ? new Streamed(openMetrics(parts), 'series.om')
        : new Streamed(ndjson(parts), 'series.ndjson');
    },
  }),
  route({
    name: 'storeImport',
    summary:
      'Takes in lines of an export; answers when all of it is on the disk. Lines with a mistake are left out and named.',
    query: z.strictObject({ first_line: z.coerce.number().int().min(1).default(1) }),
    body: z.string(),
    bodyType: 'application/x-ndjson',
    bodyLimit: 8 * 1_048_576,
    answer: importSchema,
    handle: async ({ options }, { query, body }) => {
      const answer = await takeIn(options.series, body, query.first_line, options.clock.now());
      await options.series.flush();
      return answer;
    },
  }),
];

async function takeIn(series: SeriesStore, body: string, firstLine: number, now: number): Promise<ImportAnswer> {
  const answer: ImportAnswer = { lines: 0, samples: 0, sketches: 0, rejected: 0, rejects: [] };
  let taken = 0;
  for (const [i, line] of body.split('\n').entries()) {
    if (line.trim() === '') continue;
    answer.lines++;
    const read = importLine(line, now);
    if ('reason' in read) {
      answer.rejected++;
      if (answer.rejects.length < MOST_NAMED) answer.rejects.push({ line: firstLine + i, reason: read.reason });
      continue;
    }
    series.append(read.samples);
    series.appendSketches(read.sketches);
    answer.samples += read.samples.length;
    answer.sketches += read.sketches.length;
    taken += read.samples.length + read.sketches.length + 100;
    if (taken < AT_ONCE) continue;
    taken = 0;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return answer;
}
