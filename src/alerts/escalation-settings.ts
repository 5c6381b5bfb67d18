import { z } from 'zod';
import { parseMatchers } from '../model/matcher.ts';

const step = z.strictObject({
  after_seconds: z
    .number()
    .min(0)
    .max(604_800)
    .default(0)
    .describe('When this step comes, counted from the moment the alert fires (or the steps begin again).'),
  notify: z.array(z.string().min(1)).min(1).describe('Channels that are told at this step, by name.'),
});

const policy = z
  .strictObject({
    name: z.string().min(1).max(100).describe('Name of the escalation, shown with the alert.'),
    match: z
      .string()
      .default('')
      .superRefine((text, context) => {
        try {
          parseMatchers(text);
        } catch (error) {
          context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
        }
      })
      .describe('Which alerts, e.g. `severity="critical",source="database"`. Empty: all.'),
    steps: z.array(step).min(1).max(20).describe('Who is told when, as long as nobody acknowledges.'),
    repeat: z.int().min(0).max(100).default(0).describe('How often the steps begin again after the last one.'),
    repeat_after_seconds: z
      .number()
      .min(60)
      .max(604_800)
      .default(600)
      .describe('How long after the last step they begin again.'),
  })
  .superRefine(({ steps }, context) => {
    for (const [index, { after_seconds: after }] of steps.entries()) {
      const before = steps[index - 1]?.after_seconds ?? 0;
      if (after >= before) continue;
      const message = `must not be before the step above it, which comes after ${before} seconds`;
      context.addIssue({ code: 'custom', path: ['steps', index, 'after_seconds'], message });
    }
  });

/** `alerts.escalation`. */
export const escalationSettings = z
  .array(policy)
  .default([])
  .describe(
    'Who is told next while nobody acknowledges. The first that fits an alert counts. Channels named in its steps are told at their step only, whatever their min_severity; all others as ever.',
  );
export type EscalationSettings = z.output<typeof escalationSettings>;
