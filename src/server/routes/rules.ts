import { z } from 'zod';
import { asked } from '../asked.ts';
import { notFound } from '../refusal.ts';
import { route } from '../route.ts';
import { moment } from '../schemas/query.ts';
import { ruleDetailSchema, rulePreviewSchema, ruleSchema } from '../schemas/rule.ts';
import { ruleDetailView, rulePreviewView, ruleView } from '../views/rule-view.ts';

/** The rules that make alerts, and what a rule would have done. */
export const ruleRoutes = [
  route({
    name: 'rules',
    summary: 'The rules in force, in words, and how each stands.',
    answer: z.object({ rules: z.array(ruleSchema) }),
    handle: ({ options }) => ({ rules: options.alerts.rules().map(ruleView) }),
  }),
  route({
    name: 'rule',
    summary: 'One rule, with its definition as it was written.',
    answer: ruleDetailSchema,
    handle({ options }, { params }) {
      const id = params['id'] ?? '';
      const rule = options.alerts.rules().find((one) => one.id === id);
      if (!rule) throw notFound('rule', id, 'GET /monitoring/api/rules lists them.');
      return ruleDetailView(rule);
    },
  }),
  route({
    name: 'previewRule',
    summary: 'Says when a rule would have fired over the stored history. Nothing is stored or told.',
    body: z.strictObject({
      rule: z
        .record(z.string(), z.unknown())
        .meta({ description: 'A rule as in `alerts.rules` of the configuration.' }),
      from: moment.prefault('now-7d'),
      to: moment.prefault('now'),
    }),
    answer: rulePreviewSchema,
    async handle({ options }, { body, signal }) {
      const now = options.clock.now();
      const span = { from: body.from(now), to: body.to(now) };
      return rulePreviewView(await asked('body', () => options.alerts.preview(body.rule, span, signal)));
    },
  }),
];
