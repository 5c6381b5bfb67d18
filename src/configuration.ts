/**
 * Puts the configuration together: every room's sections in one schema, read by the engine in `config/`.
 * Adding a section is an import and a line in `settingsSchema`.
 */
import { z } from 'zod';
import { observabilitySettings, progressTrackersSettings } from './agent/settings.ts';
import { alertsSettings } from './alerts/settings.ts';
import { parentProblems } from './checks/parents.ts';
import {
  apiMonitoringSettings,
  databaseMonitoringSettings,
  heartbeatsSettings,
  maintenanceWindowsSettings,
  systemMonitoringSettings,
} from './checks/settings.ts';
import type { Flag } from './config/argument-layer.ts';
import { changedPaths } from './config/difference.ts';
import { jsonSchemaOf } from './config/json-schema.ts';
import { type Loaded, load } from './config/load.ts';
import { loggingSettings } from './config/sections/logging.ts';
import { monitoringSettings } from './config/sections/monitoring.ts';
import { enabledChannels, notificationsSettings } from './notify/settings.ts';
import { prometheusSettings, serverSettings } from './server/settings.ts';
import { storeSettings } from './store/settings.ts';

export { createLog } from './config/log.ts';

/** The whole configuration. A file that worked with the predecessor is valid here. */
export const settingsSchema = z
  .strictObject({
    monitoring: monitoringSettings.prefault({}).describe('What concerns the monitor as a whole.'),
    notifications: notificationsSettings.prefault({}).describe('Who is told of alerts.'),
    logging: loggingSettings.prefault({}).describe('What the monitor says about itself, and where.'),
    database_monitoring: databaseMonitoringSettings.prefault({}).describe('The databases to watch.'),
    api_monitoring: apiMonitoringSettings.prefault({}).describe('The endpoints to watch.'),
    system_monitoring: systemMonitoringSettings.prefault({}).describe('How this machine is watched.'),
    heartbeats: heartbeatsSettings.prefault([]).describe('Jobs that must report: each on time, or somebody is told.'),
    maintenance_windows: maintenanceWindowsSettings
      .prefault([])
      .describe('Planned work: while it goes on, failures of checks are shown and count against nothing.'),
    progress_trackers: progressTrackersSettings.prefault({}).describe('Batch jobs that report how far they are.'),
    observability: observabilitySettings.prefault({}).describe('What is followed through the application.'),
    prometheus: prometheusSettings.prefault({}).describe('A port of its own for Prometheus.'),
    alerts: alertsSettings.prefault({}).describe('How patient the rules are.'),
    server: serverSettings.prefault({}).describe('Where the dashboard listens and who may use it.'),
    store: storeSettings.prefault({}).describe('How data is kept on the disk.'),
  })
  .superRefine((settings, context) => {
    // Only here are the checks of all sections known.
    for (const { path, message } of [...parentProblems(settings), ...escalationProblems(settings)])
      context.addIssue({ code: 'custom', path, message });
  });

/** Every setting with its value. Keys are the file's own (snake_case). */
export type Settings = z.output<typeof settingsSchema>;
/** What may be given: every key is optional. */
export type SettingsInput = z.input<typeof settingsSchema>;
/** A configuration in force. */
export type Configuration = Loaded<Settings>;

/** The launcher's flags: the predecessor's, and short names for what is set most often. */
export const launcherFlags: readonly Flag[] = [
  { name: '--config' },
  { name: '--dashboard-port', path: ['monitoring', 'dashboard_port'] },
  { name: '--no-dashboard', path: ['monitoring', 'dashboard_enabled'], value: false },
  { name: '--open-browser', path: ['monitoring', 'open_dashboard_on_start'], value: true },
  { name: '--data-dir', path: ['monitoring', 'monitoring_dir'] },
  { name: '--host', path: ['server', 'host'] },
  { name: '--system-info', value: true },
  { name: '--print-config', value: true },
];

export interface ConfigurationRequest {
  /** Path of the file; without it `monitoring_config.json` in the current folder is read if it is there. */
  readonly file?: string | undefined;
  /** Folder that relative paths start from. @default process.cwd() */
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Arguments of the launcher, without the program's own name. */
  readonly args: readonly string[];
  /** Values given in code; they win over everything. */
  readonly overrides?: SettingsInput | undefined;
}

/**
 * Reads the configuration: defaults < file < environment (`CRYOPROTECT_…`, and `CRYOMON_CONFIG` for the file) < arguments < overrides.
 * Throws `ConfigurationError` with every problem, or a MonitorError `configuration-missing` / `configuration-unreadable`.
 */
export function loadConfiguration(request: ConfigurationRequest): Configuration {
  return load({
    ...request,
    file: request.file ?? (request.env.CRYOMON_CONFIG || undefined),
    schema: settingsSchema,
    defaultFile: 'monitoring_config.json',
    prefix: 'CRYOPROTECT_',
    flags: launcherFlags,
  });
}

/** The JSON Schema of `monitoring_config.json`; `docs/configuration.schema.json` is this. */
export function configurationJsonSchema(): Record<string, unknown> {
  return jsonSchemaOf(settingsSchema, 'CryoProtect Monitoring: monitoring_config.json');
}

/** The dotted paths that a reload would change, e.g. `['logging.level']`. */
export function changedSettings(before: Settings, after: Settings): string[] {
  return changedPaths(before, after);
}

/** Steps of escalations that speak of channels nobody configured. Only here are the channels and the steps known. */
function escalationProblems({ notifications, alerts }: Pick<Settings, 'notifications' | 'alerts'>) {
  const known = enabledChannels(notifications);
  return alerts.escalation.flatMap(({ steps }, policy) =>
    steps.flatMap(({ notify }, step) =>
      notify.flatMap((name, index) => {
        if (known.includes(name)) return [];
        const message = `must be the name of an enabled channel: ${known.join(', ') || 'there is none'}`;
        return [{ path: ['alerts', 'escalation', policy, 'steps', step, 'notify', index], message }];
      }),
    ),
  );
}
