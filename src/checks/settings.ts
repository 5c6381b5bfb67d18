/** The configuration sections this room owns: `database_monitoring`, `api_monitoring`, `system_monitoring`. */
export { apiMonitoringSettings } from './api-settings.ts';
export { databaseMonitoringSettings } from './database-settings.ts';
export { systemMonitoringSettings } from './system-settings.ts';
