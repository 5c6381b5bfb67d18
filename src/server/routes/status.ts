import { formatIsoLocal } from '../local-time.ts';
import { Answer, type Room, route } from '../route.ts';
import { healthSchema, statusSchema } from '../schemas/status.ts';
import { componentWord, overallHealth } from '../views/health.ts';
import { type StatusRecords, statusDocument } from '../views/status.ts';

/** The two documents of the predecessor. */
export const statusRoutes = [
  route({
    name: 'status',
    summary:
      "The predecessor's status document: its names and units, plus progress, silences, active alerts and verdict.",
    answer: statusSchema,
    handle: async (room) => {
      const [history, records] = await Promise.all([room.history(), statusRecords(room)]);
      return statusDocument(room.options, room.settings, history, records);
    },
  }),
  route({
    name: 'health',
    summary: "The predecessor's health document; status 200 always, unless server.health_status_503 is set.",
    answer: healthSchema,
    handle: ({ options }) => {
      const checks = options.checks.all();
      const database = componentWord(checks, 'database');
      const api = componentWord(checks, 'api');
      const system = componentWord(checks, 'system');
      const application = componentWord(checks, 'application');
      const status = overallHealth([database, api, system, application]);
      const body = {
        status,
        database,
        api,
        system,
        ...(application !== 'Not configured' && { application }),
        timestamp: formatIsoLocal(options.clock.now()),
      };
      return new Answer(body, { status: options.settings.health_status_503 && status === 'unhealthy' ? 503 : 200 });
    },
  }),
];

async function statusRecords({ options }: Room): Promise<StatusRecords> {
  const { state, clock, alerts } = options;
  const [occurrences, resolved, runs] = await Promise.all([
    state.find('error_occurrences', { limit: 10 }),
    state.find('episodes', { where: { state: 'resolved' }, limit: 30 }),
    state.find('progress_runs', { from: clock.now() - 24 * 3_600_000, limit: 100 }),
  ]);
  // Pending episodes are not alerts yet: the predecessor's list held what had fired.
  const episodes = [...alerts.active(), ...resolved]
    .filter((episode) => episode.firedAt !== undefined)
    .sort((a, b) => b.firedAt! - a.firedAt!)
    .slice(0, 10);
  return { occurrences, episodes, runs };
}
