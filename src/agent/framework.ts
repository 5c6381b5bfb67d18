import type { RequestWatcher } from './request.ts';

/** Knows one kind of app and how to hear of its requests. */
export interface FrameworkAdapter {
  readonly name: string;
  /** True for an app of this framework. Gets objects and functions only. */
  recognises(app: object): boolean;
  /** Begins to watch. Called once for each app. */
  attach(app: object, watcher: RequestWatcher): void;
}
