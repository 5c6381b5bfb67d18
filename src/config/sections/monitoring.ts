import { z } from 'zod';

const interval = (what: string, fallback: number) =>
  z.number().min(0.1).max(86_400).default(fallback).describe(`Seconds between two checks of ${what}.`);

const percent = (what: string) =>
  z.number().min(0).max(100).default(90).describe(`${what} above this percentage raises an alert.`);

/** Section `monitoring`: what concerns the monitor as a whole. */
export const monitoringSettings = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('false: `cryomon start` says so and ends; an application runs without monitor.'),
  dashboard_port: z
    .int()
    .min(0)
    .max(65_535)
    .default(5001)
    .describe('Port of the dashboard and the API; 0 takes a free one.'),
  dashboard_enabled: z.boolean().default(true).describe('false: no dashboard and no API; checks and alerts go on.'),
  open_dashboard_on_start: z
    .boolean()
    .default(false)
    .describe('Open the dashboard in a browser when the monitor is ready.'),
  monitoring_dir: z
    .string()
    .min(1)
    .default('monitoring')
    .describe('Folder of all data, relative to the current folder; made when missing.'),
  metrics_retention_days: z
    .number()
    .positive()
    .max(3650)
    .default(7)
    .describe('Days that metrics are kept in full detail; coarser ones are kept longer (section store).'),
  health_check_intervals: z
    .strictObject({
      database: interval('each database', 60),
      api: interval('each endpoint', 60),
      system: interval('this machine', 30),
    })
    .prefault({})
    .describe('How often is checked.'),
  alert_thresholds: z
    .strictObject({
      database_failures: z
        .int()
        .min(1)
        .max(1000)
        .default(3)
        .describe('Failed checks of a database in a row that raise database_connection_failure.'),
      api_errors: z
        .int()
        .min(1)
        .max(1000)
        .default(3)
        .describe('Failed checks of an endpoint in a row that raise api_health_degraded.'),
      cpu_usage: percent('CPU use'),
      memory_usage: percent('Memory use'),
      disk_usage: percent('Disk use'),
    })
    .prefault({})
    .describe('When the built-in rules raise an alert.'),
});
