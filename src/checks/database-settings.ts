import { z } from 'zod';
import { databaseUrlProblem, supportedSchemes } from './schemes.ts';

const databaseUrl = z
  .string()
  .superRefine((text, context) => {
    const problem = databaseUrlProblem(text);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({
    description: `Where the database is: ${supportedSchemes()}. User and password belong in it; they are never shown.`,
    secret: true,
  });

/** One database connection of `database_monitoring.connections`. */
const connectionSettings = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1, 'give it a name, e.g. "pooler"')
    .max(80)
    .describe('Name shown to people and part of the check id `database:<name>`; unique.'),
  url: databaseUrl,
  enabled: z.boolean().default(true).describe('false leaves this connection out.'),
  timeout_seconds: z
    .number()
    .positive()
    .max(600)
    .optional()
    .describe('Hard total deadline of one check of this connection, DNS and login included. Default: the section’s.'),
  interval_seconds: z
    .number()
    .positive()
    .optional()
    .describe('Seconds between two checks of this connection. Default: monitoring.health_check_intervals.database.'),
  slow_query_threshold_ms: z
    .number()
    .positive()
    .optional()
    .describe('The check warns when its query takes longer, in ms. Default: the section’s.'),
  query: z
    .string()
    .min(1)
    .optional()
    .describe('The question asked. Default: the cheapest the server knows (SELECT 1, PING).'),
});

/** Section `database_monitoring`. */
export const databaseMonitoringSettings = z
  .strictObject({
    enabled: z.boolean().default(true).describe('false switches all database checks off.'),
    monitor_pool_size: z
      .boolean()
      .default(true)
      .describe(
        'Ask the server how many of its connections are in use, and what they do; and follow who holds and who waits for connections of the pools that the application has given to watchPool.',
      ),
    monitor_query_time: z
      .boolean()
      .default(true)
      .describe(
        'Judge how long the query takes against slow_query_threshold_ms; and time every query of the application that goes through a watched pool.',
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
