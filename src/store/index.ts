/**
 * The store: signals come in as numbers, sketches and records; answers go out.
 * Never knows what an alert or a page is; nothing outside this folder knows SQL or the format of a file.
 */
export type { DirectoryLock, LockInfo } from './data-directory.ts';
export { lockDataDirectory } from './data-directory.ts';
export { readRuntimeFile, removeRuntimeFile, writeRuntimeFile } from './runtime-file.ts';
export type { SeriesStoreOptions } from './series.ts';
export { openSeriesStore } from './series.ts';
export type { DiskStateStore, StateStoreOptions } from './state.ts';
export { openStateStore } from './state.ts';
