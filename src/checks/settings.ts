/** The configuration sections this room owns: `database_monitoring`, `api_monitoring`, `system_monitoring`, `heartbeats`, `maintenance_windows`. */
export { apiMonitoringSettings } from './api-settings.ts';
export { databaseMonitoringSettings } from './database-settings.ts';
export { heartbeatsSettings } from './heartbeat/settings.ts';
export { maintenanceWindowsSettings } from './maintenance/settings.ts';
export { systemMonitoringSettings } from './system-settings.ts';
