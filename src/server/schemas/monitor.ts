import { z } from 'zod';
import type {
  CardView,
  ConfigView,
  ImportAnswer,
  OverviewView,
  SelfView,
  SeriesAnswer,
  SessionView,
  StoreView,
  SystemView,
} from '../../model/api.ts';
import { journalSchema } from './alert.ts';
import { at, labels, name, number, text, verdict } from './base.ts';
import { agentSchema } from './record.ts';

export const selfSchema = name(
  'Self',
  z.object({
    version: z.string(),
    pid: z.number(),
    mode: z.enum(['standalone', 'embedded']),
    started_at: at,
    cpu_ratio: z.number(),
    rss_bytes: z.number(),
    event_loop_delay_p99_seconds: z.number(),
    outbox_queued: z.number(),
    store_size_bytes: z.number(),
    dropped: z.record(z.string(), z.number()),
    stream_clients: z.number(),
  }) satisfies z.ZodType<SelfView>,
  'What the monitor itself costs and loses.',
);

const cardSchema = name(
  'Card',
  z.object({
    id: z.enum(['databases', 'endpoints', 'system', 'operations', 'progress', 'errors', 'alerts']),
    title: z.string(),
    verdict,
    text: z.string(),
    value: number,
    unit: z.enum(['ms', 'seconds', 'ratio', 'per_second', 'count', 'bytes']).nullable(),
    spark: z.array(number).max(60),
  }) satisfies z.ZodType<CardView>,
);

export const overviewSchema = name(
  'Overview',
  z.object({
    at,
    verdict,
    sentence: z.string(),
    details: z.array(z.object({ verdict, text: z.string(), link: z.string() })),
    cards: z.array(cardSchema),
    timeline: z.array(z.object({ from: at, to: at, verdict, text: z.string(), link: z.string() })),
    changes: z.array(journalSchema),
    self: selfSchema,
    agents: z.array(agentSchema),
  }) satisfies z.ZodType<OverviewView>,
);

export const systemSchema = name(
  'System',
  z.object({
    at,
    hostname: z.string(),
    platform: z.string(),
    cpu_count: z.number(),
    total_memory_bytes: z.number(),
    uptime_seconds: z.number(),
    figures: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        unit: z.enum(['ratio', 'bytes', 'bytes_per_second', 'seconds', 'count']),
        value: number,
        warning: number,
        error: number,
        verdict,
        help: z.string(),
        lines: z.array(z.object({ label: z.string(), metric: z.string(), labels, aggregate: z.string() })),
        group: z.enum(['machine', 'monitor', 'application']),
      }),
    ),
  }) satisfies z.ZodType<SystemView>,
);

export const seriesSchema = name(
  'SeriesAnswer',
  z.object({
    from: at,
    to: at,
    step_ms: z.number(),
    tier: z.enum(['raw', 'minute', 'hour']),
    tiers: z.array(z.enum(['raw', 'minute', 'hour'])),
    truncated: z.boolean(),
    series: z.array(
      z.object({
        name: z.string(),
        labels,
        kind: z.string(),
        at: z.array(at),
        values: z.record(z.string(), z.array(number)),
      }),
    ),
  }) satisfies z.ZodType<SeriesAnswer>,
);

export const configSchema = name(
  'Config',
  z.object({
    file: text,
    warnings: z.array(z.string()),
    settings: z.array(
      z.object({ path: z.string(), value: z.unknown(), origin: z.string(), description: z.string(), dormant: text }),
    ),
  }) satisfies z.ZodType<ConfigView>,
);

export const storeSchema = name(
  'Store',
  z.object({
    size_bytes: z.number(),
    series: z.number(),
    samples: z.number(),
    bytes_per_sample: number,
    oldest_at: at.nullable(),
    newest_at: at.nullable(),
    tiers: z.array(
      z.object({
        tier: z.string(),
        retention_days: z.number(),
        size_bytes: z.number(),
        points: z.number(),
        oldest_at: at.nullable(),
      }),
    ),
    drops: z.record(z.string(), z.number()),
    overflow: z.array(z.object({ metric: z.string(), label: z.string(), folded: z.number() })),
    problem: text,
  }) satisfies z.ZodType<StoreView>,
);

export const importSchema = name(
  'ImportAnswer',
  z.object({
    lines: z.number(),
    samples: z.number(),
    sketches: z.number(),
    rejected: z.number(),
    rejects: z.array(z.object({ line: z.number(), reason: z.string() })),
  }) satisfies z.ZodType<ImportAnswer>,
);

export const sessionSchema = name(
  'Session',
  z.object({
    authenticated: z.boolean(),
    user: text,
    role: z.enum(['viewer', 'operator']).nullable(),
    login_required: z.boolean(),
  }) satisfies z.ZodType<SessionView>,
);
