import { z } from 'zod';
import type { Episode } from '../../model/alert.ts';
import type { AlertDetailView } from '../../model/api.ts';
import { severities } from '../../model/severity.ts';
import type { ServerOptions } from '../options.ts';
import { notFound } from '../refusal.ts';
import { type Room, route } from '../route.ts';
import { alertDetailSchema, alertSchema } from '../schemas/alert.ts';
import { explanationSchema, noiseSchema, whyNotSchema } from '../schemas/explanation.ts';
import { limit, listOf, moment } from '../schemas/query.ts';
import { alertView, deliveryView, transitionView } from '../views/alert-view.ts';
import { explain } from '../views/explanation.ts';
import { journalView } from '../views/record-views.ts';
import { ruleView } from '../views/rule-view.ts';
import { noiseView, whyNot } from '../views/why-not.ts';

const states = ['pending', 'firing', 'resolved'] as const;
const hint = 'GET /monitoring/api/alerts lists them; episodes past their retention are gone.';

const query = z.strictObject({
  state: listOf(states).optional(),
  severity: listOf(severities).optional(),
  source: z.string().optional(),
  alert_type: z.string().optional(),
  from: moment.optional(),
  to: moment.optional(),
  limit: limit(200, 2000),
});

type AlertQuery = z.output<typeof query>;

/** Alert episodes, and acknowledging. */
export const alertRoutes = [
  route({
    name: 'alerts',
    summary: 'Episodes, newest first; `from` and `to` bound when they began.',
    query,
    answer: z.object({ alerts: z.array(alertSchema) }),
    handle: async (room, request) => ({ alerts: (await episodes(room, request.query)).map(alertView) }),
  }),
  route({
    name: 'alert',
    summary: 'One episode: how it went, who was told, and what changed before it began.',
    answer: alertDetailSchema,
    handle: (room, { params }) => detail(room, params['id'] ?? ''),
  }),
  route({
    name: 'acknowledge',
    summary: 'Says that somebody looks after it, until it is over or for `duration_seconds`; then it is told again.',
    body: z.strictObject({
      note: z.string().max(2000).default(''),
      duration_seconds: z
        .number()
        .positive()
        .max(31 * 86_400)
        .optional(),
    }),
    answer: alertSchema,
    handle: async ({ options }, { params, body, caller }) => {
      const id = params['id'] ?? '';
      const forMs = body.duration_seconds === undefined ? undefined : body.duration_seconds * 1000;
      const episode = await options.alerts.acknowledge(id, caller.name ?? 'unknown', body.note, forMs);
      if (episode === undefined) throw notFound('active alert', id, hint);
      return alertView(episode);
    },
  }),
  route({
    name: 'unacknowledge',
    summary: 'Takes an acknowledgement back: the alert is told again.',
    body: z.strictObject({ note: z.string().max(2000).default('') }),
    answer: alertSchema,
    handle: async ({ options }, { params, body, caller }) => {
      const id = params['id'] ?? '';
      const episode = await options.alerts.unacknowledge(id, caller.name ?? 'unknown', body.note);
      if (episode === undefined) throw notFound('active alert', id, hint);
      return alertView(episode);
    },
  }),
  route({
    name: 'explanation',
    summary: 'Why it fires: what is usual, what changed and what failed before, who was told and who was not.',
    answer: explanationSchema,
    handle: async ({ options }, { params, signal }) =>
      explain(options, await episodeOf(options, params['id'] ?? ''), signal),
  }),
  route({
    name: 'whyNot',
    summary: 'Why nobody is told of an alert, a check, a rule or an alert type.',
    query: z.strictObject({ subject: z.string().trim().min(1).max(300) }),
    answer: whyNotSchema,
    handle: ({ options }, { query }) => whyNot(options, query.subject),
  }),
  route({
    name: 'noise',
    summary: 'What keeps alerts from being told one by one now: a storm, quiet hours, maintenance, flapping.',
    answer: noiseSchema,
    handle: ({ options }) => noiseView(options.alerts.noise()),
  }),
];

async function episodes({ options }: Room, query: AlertQuery): Promise<Episode[]> {
  const now = options.clock.now();
  const from = query.from?.(now) ?? Number.NEGATIVE_INFINITY;
  const to = query.to?.(now) ?? Number.POSITIVE_INFINITY;
  const wanted = query.state ?? states;
  const open = options.alerts.active().filter((one) => wanted.includes(one.state));
  // Several filters cannot be asked of the store at once with a limit, so it gives more than is needed.
  const ended = wanted.includes('resolved')
    ? await options.state.find('episodes', {
        where: { state: 'resolved', ...(query.alert_type !== undefined && { alertType: query.alert_type }) },
        ...(Number.isFinite(from) && { from }),
        ...(Number.isFinite(to) && { to }),
        limit: query.severity || query.source !== undefined ? 5000 : query.limit,
      })
    : [];
  return [...open, ...ended]
    .filter((one) => one.startedAt >= from && one.startedAt < to)
    .filter((one) => query.severity === undefined || query.severity.includes(one.severity))
    .filter((one) => query.source === undefined || one.source === query.source)
    .filter((one) => query.alert_type === undefined || one.alertType === query.alert_type)
    .sort((a, b) => b.startedAt - a.startedAt)
    .slice(0, query.limit);
}

async function episodeOf({ alerts, state }: ServerOptions, id: string): Promise<Episode> {
  const episode = alerts.active().find((one) => one.id === id) ?? (await state.get('episodes', id));
  if (episode === undefined) throw notFound('alert', id, hint);
  return episode;
}

async function detail({ options }: Room, id: string): Promise<AlertDetailView> {
  const { state, alerts } = options;
  const episode = await episodeOf(options, id);
  // What was told in summaries stands under the ids of the bundles.
  const ids = [id, ...new Set(Object.values(episode.toldIn ?? {}))];
  const [transitions, outbox, attempts, changes] = await Promise.all([
    state.find('transitions', { where: { episodeId: id }, order: 'oldest' }),
    state.find('outbox', { where: { episodeId: ids }, order: 'oldest' }),
    state.find('attempts', { where: { episodeId: ids }, order: 'oldest' }),
    state.find('journal', { from: episode.startedAt - 30 * 60_000, to: episode.startedAt, limit: 200 }),
  ]);
  const rule = alerts.rules().find((one) => one.id === episode.rule);
  return {
    ...alertView(episode),
    transitions: transitions.map(transitionView),
    deliveries: outbox.sort((a, b) => a.createdAt - b.createdAt).map((entry) => deliveryView(entry, attempts)),
    changes: changes.map(journalView),
    rule_info: rule ? ruleView(rule) : null,
  };
}
