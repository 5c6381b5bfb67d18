import { z } from 'zod';
import type {
  AlertDetailView,
  AlertView,
  AttemptView,
  ChannelView,
  HoldView,
  JournalView,
  SilenceView,
} from '../../model/api.ts';
import { anything, at, labels, name, number, severity, text } from './base.ts';
import { ruleSchema } from './rule.ts';

export const journalSchema = name(
  'JournalEntry',
  z.object({
    id: z.string(),
    at,
    kind: z.string(),
    text: z.string(),
    severity: z.enum(['info', 'warning', 'error']),
    about: labels,
  }) satisfies z.ZodType<JournalView>,
  'Something that happened once; a marker on every chart.',
);

export const holdSchema = name(
  'Hold',
  z.object({
    kind: z.enum(['silenced', 'maintenance', 'inhibited', 'quiet-hours', 'flapping', 'grouped', 'storm']),
    by: z.string(),
    text: z.string(),
    since_at: at,
    until_at: at.nullable(),
  }) satisfies z.ZodType<HoldView>,
  'One reason why nobody is told of an alert.',
);

const alertShape = {
  id: z.string(),
  fingerprint: z.string(),
  rule: z.string(),
  alert_type: z.string(),
  source: z.string(),
  severity,
  state: z.enum(['pending', 'firing', 'resolved']),
  message: z.string(),
  reason: z.string(),
  labels,
  value: number,
  threshold: number,
  unit: text,
  series: z.object({ name: z.string(), labels }).nullable(),
  context: anything,
  annotations: labels,
  runbook: text,
  started_at: at,
  fired_at: at.nullable(),
  resolved_at: at.nullable(),
  last_seen_at: at,
  silenced_by: text,
  acknowledged: z.object({ at, by: z.string(), note: z.string(), until_at: at.nullable() }).nullable(),
  holds: z.array(holdSchema),
  flapping_since_at: at.nullable(),
  escalation: z
    .object({ name: z.string(), step: z.number(), steps: z.number(), round: z.number(), next_at: at.nullable() })
    .nullable(),
  notified: z.boolean(),
  timestamp: z.number().meta({ description: 'Epoch seconds, as the predecessor had it.' }),
  formatted_time: z.string().meta({ description: 'Local time, YYYY-MM-DD HH:MM:SS.' }),
};

export const alertSchema = name(
  'Alert',
  z.object(alertShape) satisfies z.ZodType<AlertView>,
  'One episode of a problem, from its first sign to its end.',
);

export const transitionSchema = name(
  'Transition',
  z.object({ at, kind: z.string(), severity, reason: z.string(), value: number, by: text }),
);

export const deliverySchema = name(
  'Delivery',
  z.object({
    channel: z.string(),
    event: z.string(),
    state: z.string(),
    attempts: z.number(),
    created_at: at,
    delivered_at: at.nullable(),
    last_error: text,
    log: z.array(z.object({ at, outcome: z.string(), duration_ms: z.number(), summary: z.string() })),
  }),
);

export const alertDetailSchema = name(
  'AlertDetail',
  z.object({
    ...alertShape,
    transitions: z.array(transitionSchema),
    deliveries: z.array(deliverySchema),
    changes: z.array(journalSchema),
    rule_info: ruleSchema.nullable(),
  }) satisfies z.ZodType<AlertDetailView>,
);

export const silenceSchema = name(
  'Silence',
  z.object({
    id: z.string(),
    matchers: z.array(z.object({ name: z.string(), op: z.string(), value: z.string() })),
    alert_type: text,
    created_at: at,
    starts_at: at,
    ends_at: at,
    remaining_seconds: z.number(),
    created_by: z.string(),
    comment: z.string(),
    state: z.enum(['pending', 'active', 'idle', 'expired']),
    schedule: z.object({ cron: z.string(), duration_seconds: z.number(), time_zone: z.string() }).nullable(),
    until_resolved: z.boolean(),
  }) satisfies z.ZodType<SilenceView>,
);

export const channelSchema = name(
  'Channel',
  z.object({
    name: z.string(),
    kind: z.string(),
    target: z.string(),
    min_severity: severity,
    health: z.enum(['ok', 'failing', 'unused']),
    queued: z.number(),
    delivered: z.number(),
    dead: z.number(),
    last_delivered_at: at.nullable(),
    last_error: text,
    breaker: z.enum(['closed', 'open', 'half-open']),
    opens_at: at.nullable(),
    fallback: text,
  }) satisfies z.ZodType<ChannelView>,
);

export const attemptSchema = name(
  'Attempt',
  z.object({
    at,
    outcome: z.enum(['delivered', 'retry', 'final']),
    duration_ms: z.number(),
    summary: z.string(),
    alert_id: z.string(),
  }) satisfies z.ZodType<AttemptView>,
  'One attempt to deliver a message.',
);
