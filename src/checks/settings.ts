/** The configuration sections this room owns: `database_monitoring`, `api_monitoring`, `system_monitoring`. */
export { type ApiMonitoringSettings, apiMonitoringSettings, type EndpointSettings } from './api-settings.ts';
export {
  type ConnectionSettings,
  type DatabaseMonitoringSettings,
  databaseMonitoringSettings,
} from './database-settings.ts';
export { type SystemMonitoringSettings, systemMonitoringSettings } from './system-settings.ts';
