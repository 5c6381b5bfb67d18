import { z } from 'zod';
import type { HeartbeatReceipt, RouteName } from '../../model/api.ts';
import { type HeartbeatReport, noHeartbeats } from '../../model/heartbeat.ts';
import { notFound } from '../refusal.ts';
import { type Room, type RouteRequest, route } from '../route.ts';
import { at } from '../schemas/base.ts';
import { heartbeatPhase, heartbeatSchema } from '../schemas/heartbeat.ts';
import { heartbeatView } from '../views/heartbeat-view.ts';

const receipt = z.object({
  ok: z.literal(true),
  name: z.string(),
  phase: heartbeatPhase,
  expected_at: at.nullable(),
}) satisfies z.ZodType<HeartbeatReceipt>;

const reportQuery = z.strictObject({
  code: z.coerce
    .number()
    .int()
    .min(-1_000_000)
    .max(1_000_000)
    .optional()
    .describe('Exit code of the job; anything but 0 is a failure.'),
  run: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('Which run, when runs may overlap: the same at its start and at its end.'),
  message: z.string().max(4000).optional().describe('What the job says; a body says it too.'),
});

/** A log may be long; its end is kept. */
const bodyLimit = 1_048_576;

type Query = z.output<typeof reportQuery>;

async function take(
  { options }: Room,
  { params, query, body, caller }: RouteRequest<Query>,
  kind: HeartbeatReport['kind'],
): Promise<HeartbeatReceipt> {
  const heartbeats = options.heartbeats ?? noHeartbeats;
  const key = params['key'] ?? '';
  const message = query.message ?? (typeof body === 'string' && body !== '' ? body : undefined);
  const state = await heartbeats.report(key, {
    kind: kind === 'success' && (query.code ?? 0) !== 0 ? 'failure' : kind,
    ...(query.run === undefined ? {} : { run: query.run }),
    ...(query.code === undefined ? {} : { code: query.code }),
    ...(message === undefined ? {} : { message }),
  });
  if (!state) throw notFound('heartbeat', key, unknownHint(heartbeats.nearestKey(key), caller.role !== null));
  return { ok: true, name: state.name, phase: state.phase, expected_at: state.expectedAt };
}

/** A stranger who tries keys must not be helped. */
function unknownHint(meant: string | undefined, known: boolean): string {
  const list = 'The keys stand in heartbeats[].key of the configuration.';
  return known && meant !== undefined ? `Did you mean ${meant}? ${list}` : list;
}

/** A report over POST, whose body is what the job says, and over GET, for jobs that can do no more. */
function reporting(post: RouteName, get: RouteName, kind: HeartbeatReport['kind'], summary: string) {
  const shared = {
    query: reportQuery,
    answer: receipt,
    handle: (room: Room, request: RouteRequest<Query, never>) => take(room, request, kind),
  };
  return [
    route({ ...shared, name: post, summary, body: z.string(), bodyType: 'text/plain', bodyLimit }),
    route({ ...shared, name: get, summary: `${summary} The same over GET.` }),
  ];
}

/** Jobs that must report: how they stand, and the way in for their reports. */
export const heartbeatRoutes = [
  route({
    name: 'heartbeats',
    summary: 'Every heartbeat as it stands now.',
    answer: z.object({ heartbeats: z.array(heartbeatSchema) }),
    handle: ({ options }, { caller }) => ({
      heartbeats: (options.heartbeats ?? noHeartbeats)
        .all()
        .map((state) => heartbeatView(state, caller.role === 'operator')),
    }),
  }),
  ...reporting(
    'heartbeat',
    'heartbeatGet',
    'success',
    'A job reports that it ran; ?code= other than 0 that it failed.',
  ),
  ...reporting('heartbeatStart', 'heartbeatStartGet', 'start', 'A job reports that it begins.'),
  ...reporting('heartbeatFail', 'heartbeatFailGet', 'failure', 'A job reports that it failed.'),
];
