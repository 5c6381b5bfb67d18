import type { Notifier } from '../model/notification.ts';
import { emailChannel } from './channels/email.ts';
import { logChannel } from './channels/log.ts';
import { pagerdutyChannel } from './channels/pagerduty.ts';
import { slackChannel } from './channels/slack.ts';
import { smsChannel } from './channels/sms.ts';
import { webhookChannels } from './channels/webhook.ts';
import type { NotifierParts } from './notifier-parts.ts';

/** The kinds of channels. A new one is a file with its code, one with its settings, a line here and a line in `settings.ts`. */
const kinds: readonly ((parts: NotifierParts) => readonly Notifier[])[] = [
  logChannel,
  emailChannel,
  slackChannel,
  pagerdutyChannel,
  smsChannel,
  webhookChannels,
];

/** Makes every channel that is enabled. Names are unique: the kind, and the place in the list where there can be several. */
export function createNotifiers(parts: NotifierParts): Notifier[] {
  return kinds.flatMap((kind) => kind(parts));
}
