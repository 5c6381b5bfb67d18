import { z } from 'zod';

/** A figure's two thresholds. */
function level(what: string, warning: number | null, error: number | null) {
  const limit = (value: number | null) => z.number().positive().nullable().default(value);
  return z
    .strictObject({
      warning: limit(warning).describe('Above this the check warns; null = not judged.'),
      error: limit(error).describe('Above this the alert is an error; null = never.'),
    })
    .superRefine((one, context) => {
      if (one.warning !== null && one.error !== null && one.error < one.warning) {
        context.addIssue({
          code: 'custom',
          path: ['error'],
          message: `must not be below the warning (${one.warning}): it would never come first`,
        });
      }
    })
    .prefault({})
    .describe(what);
}

/** `database_monitoring.thresholds`: when what a server says about itself is worth a warning. */
export const thresholdSettings = z
  .strictObject({
    connections_used_percent: level('Connections in use, percent of what the server allows.', 85, 95),
    blocked_seconds: level('The longest that a session has been waiting for another’s lock, seconds.', 30, 300),
    long_query_seconds: level('Age of the longest query that runs, seconds.', 900, null),
    idle_in_transaction_seconds: level(
      'The longest that a session has held a transaction open without doing anything, seconds.',
      300,
      3600,
    ),
    replication_lag_seconds: level('How far a replica is behind, seconds.', 60, 600),
    memory_used_percent: level('Redis: memory in use, percent of maxmemory.', 90, 98),
    wal_size_mb: level('SQLite: size of the write-ahead log that nobody checkpoints, MiB.', 256, 2048),
  })
  .prefault({})
  .describe(
    'When what a server says about itself makes its check warn (it never makes it fail: the server answers), and how severe the alert is.',
  );
