import type { Notifier } from '../model/notification.ts';
import type { CommonSettings } from './common-settings.ts';
import type { ChannelTools } from './notifier-parts.ts';

/** What a kind of channel itself brings; the rest of a notifier follows from the keys that all channels have. */
export type ChannelCore = Omit<
  Notifier,
  'name' | 'kind' | 'minSeverity' | 'throttleMs' | 'fallback' | 'probeEveryMs' | 'wants' | 'opensAt'
>;

/** A kind of channel: a word, and how a channel is made from its settings. */
export interface ChannelKind<S extends CommonSettings> {
  readonly kind: string;
  create(settings: S, tools: ChannelTools): ChannelCore;
}
