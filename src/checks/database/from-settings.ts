import type { Check } from '../../model/check.ts';
import type { Clock } from '../../model/clock.ts';
import { type Chain, type ChainEvents, createChain } from '../chain.ts';
import type { DatabaseMonitoringSettings } from '../database-settings.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { databaseCheck } from './database-check.ts';
import { databaseKinds } from './kinds.ts';
import { type Place, placeOfFields, placeOfUrl, type TlsChoice } from './place.ts';

/** Makes the checks of `database_monitoring`, in fallback order. `intervalSeconds` is `monitoring.health_check_intervals.database`. */
export function databaseChecks(
  settings: DatabaseMonitoringSettings,
  intervalSeconds: number,
  clock: Clock,
  events: ChainEvents = {},
): Check[] {
  if (!settings.enabled) return [];
  const rules = {
    failureThreshold: settings.connection_failure_threshold,
    resetMs: settings.circuit_breaker_reset_seconds * 1000,
  };
  const connections = settings.connections
    .filter((connection) => connection.enabled)
    .map((connection) => ({ connection, place: placeOf(connection) }))
    .map((one) => ({ ...one, chain: one.connection.chain ?? one.place.kind }));
  const chains = new Map<string, Chain>();
  return connections.map(({ connection, place, chain: name }, index) => {
    const members = connections.filter((one) => one.chain === name);
    const chain = chains.get(name) ?? createChain(name, rules, clock, events);
    chains.set(name, chain);
    return chain.join(
      connectionCheck(settings, connection, place, intervalSeconds, clock, {
        ...(members.length > 1 ? { chain: name, order: members.indexOf(connections[index]!) } : {}),
      }),
    );
  });
}

function connectionCheck(
  settings: DatabaseMonitoringSettings,
  connection: ConnectionSettings,
  place: Place,
  intervalSeconds: number,
  clock: Clock,
  position: { readonly chain?: string; readonly order?: number },
): Check {
  const kind = databaseKinds[place.kind];
  if (!kind) throw new TypeError(`no check for ${place.kind}`);
  return databaseCheck({
    info: {
      id: `database:${connection.name}`,
      kind: place.kind,
      name: connection.name,
      intervalMs: (connection.interval_seconds ?? intervalSeconds) * 1000,
      timeoutMs: (connection.timeout_seconds ?? settings.timeout_seconds) * 1000,
      ...position,
    },
    kind,
    place,
    query: connection.query,
    slowQueryMs: settings.monitor_query_time
      ? (connection.slow_query_threshold_ms ?? settings.slow_query_threshold_ms)
      : undefined,
    freshEvery: settings.fresh_connection_every,
    factsEveryMs: settings.monitor_pool_size ? settings.statistics_interval_seconds * 1000 : undefined,
    withStatements: settings.monitor_query_time,
    levels: settings.thresholds,
    expectWritable: connection.expect_writable,
    clock,
  });
}

function placeOf(connection: ConnectionSettings): Place {
  const tls = tlsOf(connection.tls);
  if (connection.url !== undefined) return placeOfUrl(connection.url, tls);
  return placeOfFields({ ...connection, type: connection.type ?? 'postgres' }, tls);
}

function tlsOf(given: ConnectionSettings['tls']): TlsChoice | undefined {
  if (given === undefined) return undefined;
  const { reject_unauthorized: verify = true, ca, cert, key, server_name } = typeof given === 'object' ? given : {};
  return { enabled: given !== false, verify, ca, cert, key, serverName: server_name };
}
