import { z } from 'zod';
import { connectionSettings } from './database/connection-settings.ts';
import { thresholdSettings } from './database/threshold-settings.ts';

/** Section `database_monitoring`. */
export const databaseMonitoringSettings = z
  .strictObject({
    enabled: z.boolean().default(true).describe('false switches all database checks off.'),
    monitor_pool_size: z
      .boolean()
      .default(true)
      .describe(
        'Ask the server about itself: connections in use, locks and who blocks whom, cache, replication; and follow who holds and who waits for connections of the pools that the application has given to watchPool.',
      ),
    monitor_query_time: z
      .boolean()
      .default(true)
      .describe(
        'Judge how long the query takes against slow_query_threshold_ms, and ask the server which statements cost most; and time every query of the application that goes through a watched pool.',
      ),
    slow_query_threshold_ms: z
      .number()
      .positive()
      .default(500)
      .describe(
        'A check warns when its query takes longer than this, in ms; queries of the application that take longer are listed with the place that asked.',
      ),
    pool_wait_threshold_ms: z
      .number()
      .positive()
      .default(1000)
      .describe(
        'Longest time that the application may wait for a connection of a watched pool before it is an alert, in ms.',
      ),
    pool_hold_threshold_ms: z
      .number()
      .positive()
      .default(30_000)
      .describe(
        'A connection of a watched pool that is held longer than this is pointed out with the place that took it, in ms.',
      ),
    connection_failure_threshold: z
      .int()
      .min(1)
      .default(3)
      .describe('So many failures in a row open the circuit breaker of a connection.'),
    circuit_breaker_reset_seconds: z
      .number()
      .positive()
      .default(300)
      .describe('An open circuit breaker lets traffic try again after this many seconds.'),
    timeout_seconds: z
      .number()
      .positive()
      .max(600)
      .default(10)
      .describe('Hard total deadline of one check, DNS and login included.'),
    fresh_connection_every: z
      .int()
      .min(1)
      .default(10)
      .describe(
        'Every n-th check opens a new connection instead of using the kept one, so that DNS and login are tested too.',
      ),
    statistics_interval_seconds: z
      .number()
      .positive()
      .default(30)
      .describe(
        'The server is asked about itself at most every so many seconds, and in the moment in which something gets worse.',
      ),
    thresholds: thresholdSettings,
    connections: z
      .array(connectionSettings)
      .default([])
      .superRefine((list, context) => {
        const seen = new Set<string>();
        for (const [index, { name }] of list.entries()) {
          if (seen.has(name)) {
            context.addIssue({ code: 'custom', path: [index, 'name'], message: `the name "${name}" is used twice` });
          }
          seen.add(name);
        }
      })
      .describe('The databases to check, in fallback order: the first one that works is the one traffic should use.'),
  })
  .prefault({})
  .describe('Database checks.');
export type DatabaseMonitoringSettings = z.output<typeof databaseMonitoringSettings>;
