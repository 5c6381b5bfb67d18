import { route } from '../route.ts';
import { configSchema, overviewSchema, selfSchema, storeSchema, systemSchema } from '../schemas/monitor.ts';
import { overviewView } from '../views/overview.ts';
import { storeView } from '../views/record-views.ts';
import { systemView } from '../views/system-figures.ts';

/** The overview and system pages, and what the monitor says about itself. */
export const overviewRoutes = [
  route({
    name: 'overview',
    summary: 'How everything is, in one sentence; cards, the last 24 hours, what changed in the last hour.',
    answer: overviewSchema,
    handle: async (room) => overviewView(room.options, await room.overview(), room.self()),
  }),
  route({
    name: 'system',
    summary: 'This machine and the processes on it: current figures with their thresholds and charts.',
    answer: systemSchema,
    handle: ({ options, settings }) => systemView(options.series, settings, options.clock.now()),
  }),
  route({
    name: 'self',
    summary: 'What the monitor itself costs and loses.',
    answer: selfSchema,
    handle: (room) => room.self(),
  }),
  route({
    name: 'store',
    summary: 'What the store holds and costs, tier by tier.',
    answer: storeSchema,
    handle: ({ options }) => storeView(options.series.stats()),
  }),
  route({
    name: 'config',
    summary: 'Every effective setting with its origin; secrets are masked.',
    answer: configSchema,
    handle: ({ options }) => options.config(),
  }),
];
