/** Door of the room: the alert engine and what it is configured with. */
export { type AlertEngine, type AlertEngineOptions, createAlertEngine } from './engine.ts';
export { type AlertsSettings, alertsSettings } from './settings.ts';
