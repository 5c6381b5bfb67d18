import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { NotificationFacts, OutboxEntry } from '../model/notification.ts';
import type { NotificationsSettings } from './settings.ts';

/** Numbers of a series over time, for the chart in a mail. */
export interface History {
  /** Epoch ms of each point, oldest first. */
  readonly at: readonly number[];
  readonly values: readonly number[];
}

/** Addresses that lead from a message into the monitor; undefined where none can be made. */
export interface Links {
  /** Opens the page that acknowledges the message's alert, without a login, for a limited time. Always the same for the same message. */
  acknowledge(entry: OutboxEntry): string | undefined;
  /** The alert in the dashboard. */
  alert(alertId: string): string | undefined;
}

/** What a channel works with besides its own settings. */
export interface ChannelTools {
  readonly log: Log;
  readonly clock: Clock;
  /** Of this package; receivers see it as the sender. */
  readonly version: string;
  readonly links: Links;
  /** What the alert's series did in the hours before, if it has one and it can be read. */
  history(facts: NotificationFacts, until: number): Promise<History | undefined>;
}

/** What the channels are made from. */
export interface NotifierParts extends Partial<Omit<ChannelTools, 'log' | 'version'>> {
  readonly settings: NotificationsSettings;
  readonly log: Log;
  readonly version: string;
}
