import { z } from 'zod';
import { alertmanagerSettings } from './channels/alertmanager-settings.ts';
import { discordSettings } from './channels/discord-settings.ts';
import { emailSettings } from './channels/email-settings.ts';
import { logSettings } from './channels/log-settings.ts';
import { ntfySettings } from './channels/ntfy-settings.ts';
import { pagerdutySettings } from './channels/pagerduty-settings.ts';
import { slackSettings } from './channels/slack-settings.ts';
import { smsSettings } from './channels/sms-settings.ts';
import { teamsSettings } from './channels/teams-settings.ts';
import { telegramSettings } from './channels/telegram-settings.ts';
import { webhookSettings } from './channels/webhook-settings.ts';

/** One more channel of any kind. */
const entries = [
  alertmanagerSettings.entry,
  discordSettings.entry,
  emailSettings.entry,
  logSettings.entry,
  ntfySettings.entry,
  pagerdutySettings.entry,
  slackSettings.entry,
  smsSettings.entry,
  teamsSettings.entry,
  telegramSettings.entry,
  webhookSettings.entry,
] as const;

const channelEntry = z.discriminatedUnion('type', entries, {
  error: ({ code }) =>
    code === 'invalid_union'
      ? `must be one of ${entries.map((entry) => entry.shape.type.value).join(', ')}`
      : undefined,
});

/** Section `notifications`: who is told of alerts, and how. The schema of a channel stands beside its code. */
export const notificationsSettings = z
  .strictObject({
    log: logSettings.section.prefault({}).describe('Writes every notification into the log of the monitor.'),
    email: emailSettings.section.prefault({}).describe('Sends e-mail by SMTP.'),
    slack: slackSettings.section.prefault({}).describe('Posts to a Slack incoming webhook.'),
    pagerduty: pagerdutySettings.section
      .prefault({})
      .describe('Opens and resolves PagerDuty incidents (Events API v2).'),
    sms: smsSettings.section.prefault({}).describe('Sends text messages through Twilio.'),
    discord: discordSettings.section.prefault({}).describe('Posts to a Discord webhook.'),
    teams: teamsSettings.section.prefault({}).describe('Posts cards to a Microsoft Teams workflow.'),
    telegram: telegramSettings.section.prefault({}).describe('Sends messages as a Telegram bot.'),
    ntfy: ntfySettings.section.prefault({}).describe('Publishes to an ntfy topic.'),
    alertmanager: alertmanagerSettings.section
      .prefault({})
      .describe('Pushes alerts into an existing Alertmanager cluster.'),
    webhooks: z.array(webhookSettings.section).default([]).describe('Sends JSON to any HTTP address.'),
    channels: z
      .array(channelEntry)
      .default([])
      .describe('Further channels by name: several of a kind. Keys as in the section of the kind, and `type`.'),
  })
  .superRefine((sections, context) => {
    const names = channelNames(sections);
    for (const { path, name, fallback, enabled } of names) {
      if (names.find((other) => other.name === name)?.path !== path) {
        context.addIssue({
          code: 'custom',
          path: [...path, 'name'],
          message: 'is the name of another channel already',
        });
      }
      if (!enabled || fallback === undefined) continue;
      const others = names.filter((other) => other.enabled && other.name !== name).map((other) => other.name);
      if (others.includes(fallback)) continue;
      const message = `must be the name of another enabled channel: ${others.join(', ') || 'there is none'}`;
      context.addIssue({ code: 'custom', path: [...path, 'fallback'], message });
    }
  });

/** The values of section `notifications`. */
export type NotificationsSettings = z.output<typeof notificationsSettings>;

/** The names of the channels that are used, for settings elsewhere that speak of channels. */
export function enabledChannels(settings: NotificationsSettings): string[] {
  return channelNames(settings)
    .filter(({ enabled }) => enabled)
    .map(({ name }) => name);
}

interface Named {
  readonly path: readonly (string | number)[];
  readonly name: string;
  readonly enabled: boolean;
  readonly fallback: string | undefined;
}

/** Every channel that is written down, with the name it goes by. */
function channelNames({ webhooks, channels, ...sections }: NotificationsSettings): Named[] {
  const { entries } = Object;
  return [
    ...entries(sections).map(([name, { enabled, fallback }]) => ({ path: [name], name, enabled, fallback })),
    ...webhooks.map(({ enabled, fallback }, index) => ({
      path: ['webhooks', index],
      name: `webhooks[${index}]`,
      enabled,
      fallback,
    })),
    ...channels.map(({ name, enabled, fallback }, index) => ({ path: ['channels', index], name, enabled, fallback })),
  ];
}
