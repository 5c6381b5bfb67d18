/** Door of the room: the alert engine. */
export { type AlertEngine, createAlertEngine } from './engine.ts';
export { type SeriesTap, tapSeries } from './rules/series-tap.ts';
