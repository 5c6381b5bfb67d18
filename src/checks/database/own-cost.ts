import type { Clock } from '../../model/clock.ts';
import type { Sample } from '../../model/sample.ts';
import type { DatabaseSession } from './kind.ts';

/** What this check costs its server, so that watching cannot become a burden that nobody sees. Counted since the monitor's start. */
export interface OwnCost {
  /** A connection was made. */
  connected(): void;
  /** `ms` were spent waiting for this session's answers; how many statements that were, the session knows. */
  asked(session: DatabaseSession, ms: number): void;
  readonly seen: {
    readonly statements: number;
    readonly connections: number;
    readonly seconds: number;
    readonly since_at: number;
  };
  samples(): readonly Omit<Sample, 'at'>[];
}

/** Begins to count. */
export function createOwnCost(clock: Clock): OwnCost {
  const since = clock.now();
  let last: DatabaseSession | undefined;
  let counted = 0;
  let statements = 0;
  let connections = 0;
  let seconds = 0;
  return {
    connected() {
      connections += 1;
    },
    asked(session, ms) {
      // Sessions follow each other: one that was left is never asked again.
      if (session !== last) counted = 0;
      statements += session.sent - counted;
      last = session;
      counted = session.sent;
      seconds += ms / 1000;
    },
    get seen() {
      return { statements, connections, seconds, since_at: since };
    },
    samples: () => [
      { name: 'database_monitor_statements_total', labels: {}, value: statements, kind: 'counter' },
      { name: 'database_monitor_connections_total', labels: {}, value: connections, kind: 'counter' },
      { name: 'database_monitor_seconds_total', labels: {}, value: seconds, kind: 'counter' },
    ],
  };
}
