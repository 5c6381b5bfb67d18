import { z } from 'zod';
import type { Recurrence, Silence, SilenceChange } from '../../model/alert.ts';
import { compileMatchers } from '../../model/matcher.ts';
import { isMonitorError } from '../../model/problem.ts';
import type { Matcher } from '../../model/sample.ts';
import { notFound, Refusal } from '../refusal.ts';
import { type Room, route } from '../route.ts';
import { silenceSchema } from '../schemas/alert.ts';
import { silencePreviewSchema } from '../schemas/explanation.ts';
import { limit } from '../schemas/query.ts';
import { alertView, silencedType, silenceView } from '../views/alert-view.ts';

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

const chosen = {
  alert_type: z.string().min(1).max(200).optional(),
  matchers: z.array(matcher).min(1).max(20).optional(),
};
const oneChoice = (body: { alert_type?: string | undefined; matchers?: unknown }) =>
  (body.alert_type === undefined) !== (body.matchers === undefined);
const choice = { error: 'must have either alert_type or matchers' };

const schedule = z.strictObject({
  cron: z.string().min(9).max(200),
  duration_seconds: z
    .number()
    .positive()
    .max(31 * 86_400),
  time_zone: z.string().max(100).default(''),
});

const length = z
  .number()
  .positive()
  .max(366 * 86_400);

const silenceBody = z
  .strictObject({
    ...chosen,
    duration_seconds: length.optional(),
    until_resolved: z.boolean().default(false),
    schedule: schedule.optional(),
    starts_at: z.number().int().positive().optional(),
    comment: z.string().max(2000).default(''),
  })
  .refine(oneChoice, choice);

const changeBody = z
  .strictObject({
    matchers: chosen.matchers,
    duration_seconds: length.optional(),
    schedule: schedule.optional(),
    comment: z.string().max(2000).optional(),
  })
  .refine((body) => Object.keys(body).length > 0, { error: 'must have something to change' });

const silencesQuery = z.strictObject({
  state: z.enum(['active', 'expired', 'all']).default('active'),
  limit: limit(200, 2000),
});

function matchersOf(body: { alert_type?: string | undefined; matchers?: Matcher[] | undefined }): Matcher[] {
  return body.matchers ?? [{ name: 'alert_type', op: '=', value: body.alert_type ?? '' }];
}

/** An empty time zone is the one of this machine. */
function recurrenceOf(given: z.output<typeof schedule> | undefined): { schedule?: Recurrence } {
  if (!given) return {};
  const timeZone = given.time_zone || Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { schedule: { cron: given.cron, durationMs: given.duration_seconds * 1000, timeZone } };
}

function view({ options }: Room, silence: Silence) {
  return silenceView(silence, options.clock.now(), options.alerts.inForce(silence));
}

/** A bad schedule is the caller's mistake, told with its place. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isMonitorError(error) || error.code !== 'bad-argument') throw error;
    throw new Refusal('bad-request', error.message, {
      path: 'body',
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

const noSuch = 'GET /monitoring/api/silences lists those that have not ended.';

/** Silences: nobody is told, everything is still recorded. */
export const silenceRoutes = [
  route({
    name: 'silences',
    summary: 'Silences that have not ended, soonest end first; past ones with `state=expired`, newest first.',
    query: silencesQuery,
    answer: z.object({ silences: z.array(silenceSchema) }),
    handle: async (room, { query }) => {
      const { alerts, state, clock } = room.options;
      const active = query.state === 'expired' ? [] : alerts.silences();
      const past =
        query.state === 'active'
          ? []
          : (await state.find('silences', { limit: 5000 })).filter((one) => one.endsAt <= clock.now());
      return { silences: [...active, ...past].slice(0, query.limit).map((one) => view(room, one)) };
    },
  }),
  route({
    name: 'silence',
    summary: 'Silences an alert type, or whatever the matchers choose: for a time, by a schedule, or until it is over.',
    body: silenceBody,
    answer: silenceSchema,
    status: 201,
    handle: async (room, { body, caller }) => {
      const open = body.until_resolved || body.schedule !== undefined;
      const seconds = body.duration_seconds ?? (open ? undefined : 3600);
      const silence = await refusing(() =>
        room.options.alerts.silence({
          matchers: matchersOf(body),
          ...(seconds === undefined ? {} : { durationMs: seconds * 1000 }),
          ...(body.starts_at === undefined ? {} : { startsAt: body.starts_at }),
          ...(body.until_resolved ? { untilResolved: true } : {}),
          ...recurrenceOf(body.schedule),
          createdBy: caller.name ?? 'unknown',
          comment: body.comment,
        }),
      );
      return view(room, silence);
    },
  }),
  route({
    name: 'previewSilence',
    summary: 'What a silence would cover if it were made now. Nothing is changed.',
    body: z.strictObject(chosen).refine(oneChoice, choice),
    answer: silencePreviewSchema,
    handle: ({ options }, { body }) => {
      const found = options.alerts.matching(matchersOf(body));
      return {
        matching: found.length,
        firing: found.filter(({ state }) => state === 'firing').length,
        alerts: found.slice(0, 20).map(alertView),
      };
    },
  }),
  route({
    name: 'changeSilence',
    summary: 'Changes what a silence covers, why, or when it ends (`duration_seconds` from now).',
    body: changeBody,
    answer: silenceSchema,
    handle: async (room, { params, body, caller }) => {
      const { alerts, clock } = room.options;
      const id = params['id'] ?? '';
      const change: SilenceChange = {
        ...(body.matchers ? { matchers: body.matchers } : {}),
        ...(body.duration_seconds === undefined ? {} : { endsAt: clock.now() + body.duration_seconds * 1000 }),
        ...(body.comment === undefined ? {} : { comment: body.comment }),
        ...recurrenceOf(body.schedule),
      };
      const changed = await refusing(() => alerts.changeSilence(id, change, caller.name ?? 'unknown'));
      if (changed === undefined) throw notFound('silence', id, noSuch);
      return view(room, changed);
    },
  }),
  route({
    name: 'unsilence',
    summary: 'Ends one silence.',
    answer: z.object({ ended: z.number() }),
    handle: async ({ options }, { params, caller }) => {
      const id = params['id'] ?? '';
      if (!(await options.alerts.unsilence(id, caller.name ?? 'unknown'))) {
        throw notFound('silence', id, noSuch);
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
