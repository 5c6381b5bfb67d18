import { type RouteName, routes } from '../../model/api.ts';
import type { Route } from '../route.ts';
import { alertRoutes } from './alerts.ts';
import { checkRoutes } from './checks.ts';
import { heartbeatRoutes } from './heartbeats.ts';
import { notificationRoutes } from './notifications.ts';
import { overviewRoutes } from './overview.ts';
import { poolRoutes } from './pools.ts';
import { ruleRoutes } from './rules.ts';
import { seriesRoutes } from './series.ts';
import { seriesNameRoutes } from './series-names.ts';
import { sessionRoutes } from './session.ts';
import { signalRoutes } from './signals.ts';
import { silenceRoutes } from './silences.ts';
import { statusRoutes } from './status.ts';
import { storeRoutes } from './store.ts';
import { workRoutes } from './work.ts';

/** Every route that answers JSON. A new page of the API is one file and one line here. */
export const table: readonly Route[] = [
  ...statusRoutes,
  ...overviewRoutes,
  ...checkRoutes,
  ...heartbeatRoutes,
  ...seriesRoutes,
  ...seriesNameRoutes,
  ...storeRoutes,
  ...workRoutes,
  ...poolRoutes,
  ...alertRoutes,
  ...ruleRoutes,
  ...silenceRoutes,
  ...notificationRoutes,
  ...sessionRoutes,
  ...signalRoutes,
];

/** The live stream answers by other means than JSON; every other route must stand in the table. */
export const streamed: ReadonlySet<RouteName> = new Set<RouteName>(['events']);

/** Routes that nobody answers; a test keeps it empty. */
export function unanswered(): RouteName[] {
  const answered = new Set(table.map((route) => route.name));
  return (Object.keys(routes) as RouteName[]).filter((name) => !answered.has(name) && !streamed.has(name));
}
