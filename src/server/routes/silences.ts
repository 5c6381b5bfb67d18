import { z } from 'zod';
import { compileMatchers } from '../../model/matcher.ts';
import { isMonitorError } from '../../model/problem.ts';
import type { Matcher } from '../../model/sample.ts';
import { notFound } from '../refusal.ts';
import { route } from '../route.ts';
import { silenceSchema } from '../schemas/alert.ts';
import { silencedType, silenceView } from '../views/alert-view.ts';

const matcher = z
  .strictObject({
    name: z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'must be a label name, e.g. alert_type, source or check'),
    op: z.enum(['=', '!=', '=~', '!~']).default('='),
    value: z.string().max(500),
  })
  .superRefine((one, context) => {
    try {
      compileMatchers([one]);
    } catch (error) {
      const message = isMonitorError(error) ? error.message : 'is not a matcher';
      context.addIssue({ code: 'custom', message, path: ['value'] });
    }
  });

const silenceBody = z
  .strictObject({
    alert_type: z.string().min(1).max(200).optional(),
    matchers: z.array(matcher).min(1).max(20).optional(),
    duration_seconds: z
      .number()
      .positive()
      .max(366 * 86_400)
      .default(3600),
    comment: z.string().max(2000).default(''),
  })
  .refine((body) => (body.alert_type === undefined) !== (body.matchers === undefined), {
    error: 'must have either alert_type or matchers',
  });

/** Silences: nobody is told, everything is still recorded. */
export const silenceRoutes = [
  route({
    name: 'silences',
    summary: 'Silences that have not ended, soonest end first.',
    answer: z.object({ silences: z.array(silenceSchema) }),
    handle: ({ options }) => ({
      silences: options.alerts.silences().map((one) => silenceView(one, options.clock.now())),
    }),
  }),
  route({
    name: 'silence',
    summary: 'Silences an alert type, or whatever the matchers choose.',
    body: silenceBody,
    answer: silenceSchema,
    status: 201,
    handle: async ({ options }, { body, caller }) => {
      const matchers: Matcher[] = body.matchers ?? [{ name: 'alert_type', op: '=', value: body.alert_type ?? '' }];
      const silence = await options.alerts.silence({
        matchers,
        durationMs: body.duration_seconds * 1000,
        createdBy: caller.name ?? 'unknown',
        comment: body.comment,
      });
      return silenceView(silence, options.clock.now());
    },
  }),
  route({
    name: 'unsilence',
    summary: 'Ends one silence.',
    answer: z.object({ ended: z.number() }),
    handle: async ({ options }, { params, caller }) => {
      const id = params['id'] ?? '';
      if (!(await options.alerts.unsilence(id, caller.name ?? 'unknown'))) {
        throw notFound('silence', id, 'GET /monitoring/api/silences lists those that have not ended.');
      }
      return { ended: 1 };
    },
  }),
  route({
    name: 'unsilenceType',
    summary: 'Ends every silence of an alert type.',
    body: z.strictObject({ alert_type: z.string().min(1) }),
    answer: z.object({ ended: z.number() }),
    handle: async ({ options }, { body, caller }) => {
      const ended = await Promise.all(
        options.alerts
          .silences()
          .filter((one) => silencedType(one) === body.alert_type)
          .map((one) => options.alerts.unsilence(one.id, caller.name ?? 'unknown')),
      );
      return { ended: ended.filter(Boolean).length };
    },
  }),
];
