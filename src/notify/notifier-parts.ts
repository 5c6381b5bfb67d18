import type { Log } from '../model/log.ts';
import type { NotificationsSettings } from './settings.ts';

/** What a channel is made from. */
export interface NotifierParts {
  readonly settings: NotificationsSettings;
  readonly log: Log;
  /** Of this package; receivers see it as the sender. */
  readonly version: string;
}
