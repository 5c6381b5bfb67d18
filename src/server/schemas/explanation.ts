import { z } from 'zod';
import type { ExplanationView, NoiseView, SilencePreviewView, WhyNotView } from '../../model/api.ts';
import { alertSchema, holdSchema } from './alert.ts';
import { at, name, number, severity, text } from './base.ts';

const figures = { average: number, highest: number };

export const explanationSchema = name(
  'Explanation',
  z.object({
    id: z.string(),
    sentences: z.array(z.string()),
    value: number,
    threshold: number,
    unit: text,
    since_at: at,
    baseline: z.array(z.object({ when: z.enum(['yesterday', 'last-week']), from: at, to: at, ...figures })),
    current: z.object(figures).nullable(),
    series_unit: text,
    changes: z.array(z.object({ at, lead_ms: z.number(), kind: z.string(), text: z.string(), link: text })),
    correlated: z.array(
      z.object({
        at,
        lead_ms: z.number(),
        kind: z.enum(['alert', 'check']),
        id: z.string(),
        text: z.string(),
        severity,
      }),
    ),
    told: z.array(
      z.object({
        channel: z.string(),
        event: z.string(),
        at,
        state: z.string(),
        delivered_at: at.nullable(),
        attempts: z.number(),
        together: z.boolean(),
        error: text,
      }),
    ),
    not_told: z.array(z.object({ channel: z.string(), reason: z.string() })),
    holds: z.array(holdSchema),
  }) satisfies z.ZodType<ExplanationView>,
  'Why an alert fires, and who knows.',
);

export const whyNotSchema = name(
  'WhyNot',
  z.object({
    subject: z.string(),
    kind: z.enum(['alert', 'check', 'rule', 'unknown']),
    name: z.string(),
    verdict: z.string(),
    reasons: z.array(
      z.object({ code: z.string(), text: z.string(), channel: text, until_at: at.nullable(), alert: text }),
    ),
  }) satisfies z.ZodType<WhyNotView>,
  'Why somebody is not told of something.',
);

export const noiseSchema = name(
  'Noise',
  z.object({
    storm: z.object({ since_at: at, alerts: z.number() }).nullable(),
    windows: z.array(z.object({ kind: z.enum(['quiet-hours', 'maintenance']), name: z.string(), until_at: at })),
    flapping: z.number(),
    waiting: z.number(),
  }) satisfies z.ZodType<NoiseView>,
  'What keeps alerts from being told one by one now.',
);

export const silencePreviewSchema = name(
  'SilencePreview',
  z.object({
    matching: z.number(),
    firing: z.number(),
    alerts: z.array(alertSchema),
  }) satisfies z.ZodType<SilencePreviewView>,
  'What a silence would cover if it were made now.',
);
