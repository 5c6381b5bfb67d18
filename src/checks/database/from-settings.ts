import type { Check } from '../../model/check.ts';
import type { Clock } from '../../model/clock.ts';
import { createChain } from '../chain.ts';
import type { DatabaseMonitoringSettings } from '../database-settings.ts';
import { databaseSchemes } from '../schemes.ts';
import { databaseCheck } from './database-check.ts';
import { databaseKinds } from './kinds.ts';

/** Makes the checks of `database_monitoring`, in fallback order. `intervalSeconds` is `monitoring.health_check_intervals.database`. */
export function databaseChecks(settings: DatabaseMonitoringSettings, intervalSeconds: number, clock: Clock): Check[] {
  if (!settings.enabled) return [];
  const chain = createChain(
    { failureThreshold: settings.connection_failure_threshold, resetMs: settings.circuit_breaker_reset_seconds * 1000 },
    clock,
  );
  const connections = settings.connections.filter((connection) => connection.enabled);
  return connections.map((connection, order) => {
    const kindName = databaseSchemes[new URL(connection.url).protocol] ?? '';
    const kind = databaseKinds[kindName];
    if (!kind) throw new TypeError(`no check for ${kindName}`);
    const slowQueryMs = connection.slow_query_threshold_ms ?? settings.slow_query_threshold_ms;
    return chain.join(
      databaseCheck({
        info: {
          id: `database:${connection.name}`,
          kind: kindName,
          name: connection.name,
          intervalMs: (connection.interval_seconds ?? intervalSeconds) * 1000,
          timeoutMs: (connection.timeout_seconds ?? settings.timeout_seconds) * 1000,
          ...(connections.length > 1 ? { order } : {}),
        },
        kind,
        url: connection.url,
        query: connection.query,
        slowQueryMs: settings.monitor_query_time ? slowQueryMs : undefined,
        freshEvery: settings.fresh_connection_every,
        withFacts: settings.monitor_pool_size,
        clock,
      }),
    );
  });
}
