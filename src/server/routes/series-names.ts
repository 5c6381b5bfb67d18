import { z } from 'zod';
import type { MetricView } from '../../model/api.ts';
import type { SeriesInfo } from '../../model/store.ts';
import { helpOf } from '../metric-help.ts';
import { route } from '../route.ts';
import { limit, matchers, metricName } from '../schemas/query.ts';

const choice = { name: metricName.optional(), match: matchers };

/** What there is to ask for: metrics, labels, values of labels. */
export const seriesNameRoutes = [
  route({
    name: 'seriesMetrics',
    summary: 'Which metrics there are: kind, meaning, number of series and labels.',
    query: z.strictObject({ match: matchers }),
    answer: z.object({
      metrics: z.array(
        z.object({
          name: z.string(),
          kind: z.string(),
          help: z.string(),
          series: z.number(),
          labels: z.array(z.string()),
        }),
      ),
    }),
    handle: ({ options }, { query }) => ({ metrics: metricsOf(options.series.list(chosen(query))) }),
  }),
  route({
    name: 'seriesLabels',
    summary: 'The labels of the matching series, and how many values each has.',
    query: z.strictObject(choice),
    answer: z.object({ labels: z.array(z.object({ name: z.string(), values: z.number() })) }),
    handle: ({ options }, { query }) => {
      const values = new Map<string, Set<string>>();
      for (const { labels } of options.series.list(chosen(query))) {
        for (const [name, value] of Object.entries(labels)) {
          const known = values.get(name);
          if (known) known.add(value);
          else values.set(name, new Set([value]));
        }
      }
      const labels = [...values].map(([name, { size }]) => ({ name, values: size }));
      return { labels: labels.sort((a, b) => (a.name < b.name ? -1 : 1)) };
    },
  }),
  route({
    name: 'seriesLabelValues',
    summary: 'The values of a label over the matching series, in order, and how many series have each.',
    query: z.strictObject({ ...choice, prefix: z.string().max(500).default(''), limit: limit(1000, 10_000) }),
    answer: z.object({
      values: z.array(z.object({ value: z.string(), series: z.number() })),
      truncated: z.boolean(),
    }),
    handle: ({ options }, { params, query }) => {
      const label = params['label'] ?? '';
      const counts = new Map<string, number>();
      for (const { labels } of options.series.list(chosen(query))) {
        const value = Object.hasOwn(labels, label) ? labels[label]! : undefined;
        if (value?.startsWith(query.prefix)) counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      const values = [...counts].map(([value, series]) => ({ value, series }));
      values.sort((a, b) => (a.value < b.value ? -1 : 1));
      return { values: values.slice(0, query.limit), truncated: values.length > query.limit };
    },
  }),
];

function chosen(query: { name?: string | undefined; match?: z.output<typeof matchers> }) {
  return {
    ...(query.name !== undefined && { name: query.name }),
    ...(query.match && { matchers: query.match }),
    limit: Number.POSITIVE_INFINITY,
  };
}

function metricsOf(list: readonly SeriesInfo[]): MetricView[] {
  const metrics = new Map<string, { kind: string; series: number; labels: Set<string> }>();
  for (const { name, kind, labels } of list) {
    const known = metrics.get(name) ?? { kind, series: 0, labels: new Set<string>() };
    metrics.set(name, known);
    known.series++;
    for (const label of Object.keys(labels)) known.labels.add(label);
  }
  const views = [...metrics].map(([name, { kind, series, labels }]) => ({
    name,
    kind,
    help: helpOf(name),
    series,
    labels: [...labels].sort(),
  }));
  return views.sort((a, b) => (a.name < b.name ? -1 : 1));
}
