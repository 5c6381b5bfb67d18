import { z } from 'zod';
import type { RuleDetailView, RulePreviewView, RuleView } from '../../model/api.ts';
import { anything, at, labels, name, number, severity, text } from './base.ts';

const ruleShape = {
  id: z.string(),
  alert_type: z.string(),
  source: z.string(),
  condition: z.string().meta({ description: 'In words, with its numbers.' }),
  explanation: z.string(),
  origin: z.enum(['built-in', 'configuration', 'code']),
  every_seconds: number.meta({ description: 'null: it only answers to what happens.' }),
  runbook: text,
  health: z.enum(['ok', 'pending', 'firing', 'no-data', 'error']),
  firing: z.number(),
  pending: z.number(),
  last_evaluated_at: at.nullable(),
  last_error: text,
  groups: number.meta({ description: 'Label sets it judges; null for rules that do not judge series.' }),
  overflow: z.number().meta({ description: 'What found no room within the limit of the rule, since the start.' }),
};

export const ruleSchema = name('Rule', z.object(ruleShape) satisfies z.ZodType<RuleView>);

export const ruleDetailSchema = name(
  'RuleDetail',
  z.object({ ...ruleShape, definition: anything.nullable() }) satisfies z.ZodType<RuleDetailView>,
);

export const rulePreviewSchema = name(
  'RulePreview',
  z.object({
    rule: ruleSchema,
    from: at,
    to: at,
    evaluations: z.number(),
    expected_evaluations: z.number(),
    coverage_ratio: z.number(),
    tier: z.enum(['raw', 'minute', 'hour', 'events', 'none']),
    episodes: z.array(
      z.object({
        labels,
        severity,
        started_at: at,
        fired_at: at,
        resolved_at: at.nullable(),
        peak: number,
        message: z.string(),
        reason: z.string(),
      }),
    ),
    passed_over: z.number(),
    overflow: z.number(),
    lines: z.array(z.object({ labels, at: z.array(at), values: z.array(z.number()) })),
    notes: z.array(z.string()),
  }) satisfies z.ZodType<RulePreviewView>,
  'When a rule would have fired over the stored history.',
);
