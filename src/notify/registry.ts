import { systemClock } from '../model/clock.ts';
import { compileMatchers, type LabelPredicate, parseMatchers } from '../model/matcher.ts';
import type { Notifier, OutboxEntry } from '../model/notification.ts';
import type { ChannelCore, ChannelKind } from './channel-kind.ts';
import { alertmanagerKind } from './channels/alertmanager.ts';
import { discordKind } from './channels/discord.ts';
import { emailKind } from './channels/email.ts';
import { logKind } from './channels/log.ts';
import { ntfyKind } from './channels/ntfy.ts';
import { pagerdutyKind } from './channels/pagerduty.ts';
import { slackKind } from './channels/slack.ts';
import { smsKind } from './channels/sms.ts';
import { teamsKind } from './channels/teams.ts';
import { telegramKind } from './channels/telegram.ts';
import { webhookKind } from './channels/webhook.ts';
import type { CommonSettings } from './common-settings.ts';
import type { ChannelTools, NotifierParts } from './notifier-parts.ts';
import { discreet, secretsOf } from './redaction.ts';
import { createSchedule, openingOf } from './schedule.ts';
import { withTemplate } from './template.ts';

/** The kinds of channels. A new one is a file with its code, one with its settings, a line here and two in `settings.ts`. */
const kinds = {
  log: logKind,
  email: emailKind,
  slack: slackKind,
  pagerduty: pagerdutyKind,
  sms: smsKind,
  discord: discordKind,
  teams: teamsKind,
  telegram: telegramKind,
  ntfy: ntfyKind,
  alertmanager: alertmanagerKind,
  webhook: webhookKind,
} as const;

/** Makes every channel that is enabled. Names are unique: the kind, `webhooks[n]`, or the name that was given. */
export function createNotifiers(parts: NotifierParts): Notifier[] {
  const { settings, log, version, clock = systemClock } = parts;
  const { webhooks, channels, ...sections } = settings;
  const tools: ChannelTools = {
    log,
    version,
    clock,
    links: parts.links ?? { acknowledge: () => undefined, alert: () => undefined },
    history: parts.history ?? (() => Promise.resolve(undefined)),
  };
  const make = (name: string, kind: keyof typeof kinds, given: CommonSettings): Notifier[] =>
    given.enabled ? [notifierOf(name, kinds[kind] as unknown as ChannelKind<CommonSettings>, given, tools)] : [];
  return [
    ...Object.entries(sections).flatMap(([kind, given]) => make(kind, kind as keyof typeof sections, given)),
    ...webhooks.flatMap((given, index) => make(`webhooks[${index}]`, 'webhook', given)),
    ...channels.flatMap((given) => make(given.name, given.type, given)),
  ];
}

/** A channel's own part, and what the keys that all channels have make of it. */
function notifierOf<S extends CommonSettings>(
  name: string,
  kind: ChannelKind<S>,
  settings: S,
  tools: ChannelTools,
): Notifier {
  const own = kind.create(settings, tools);
  const core: ChannelCore = { ...own, ...discreet(own, secretsOf(settings)) };
  const { schedule, fallback, rate_limit_per_minute: perMinute, probe_interval_hours: probeHours, match } = settings;
  return {
    ...core,
    ...worded(core, settings, tools),
    name,
    kind: kind.kind,
    minSeverity: settings.min_severity,
    throttleMs: settings.throttle_seconds * 1000,
    ...(match.length === 0 ? {} : { wants: anyOf(match) }),
    ...(schedule
      ? { opensAt: openingOf(createSchedule(schedule.windows, schedule.timezone), schedule.always_from) }
      : {}),
    ...(fallback === undefined ? {} : { fallback }),
    ...(perMinute === undefined ? {} : { rate: { burst: Math.max(1, Math.min(10, perMinute / 6)), perMinute } }),
    ...(probeHours === 0 ? {} : { probeEveryMs: probeHours * 3_600_000 }),
  };
}

/** Replaces the message by the sentence of the template, if there is one, before the channel sees it. */
function worded(core: ChannelCore, { template }: CommonSettings, tools: ChannelTools): Partial<ChannelCore> {
  if (template === undefined || template === '') return {};
  const own = (entry: OutboxEntry) => withTemplate(entry, template, tools.links);
  const { together } = core;
  return {
    deliver: (entry, signal) => core.deliver(own(entry), signal),
    ...(together
      ? { together: { ...together, deliver: (entries, signal) => together.deliver(entries.map(own), signal) } }
      : {}),
  };
}

function anyOf(match: readonly string[]): LabelPredicate {
  const tests = match.map((text) => compileMatchers(parseMatchers(text)));
  return (labels) => tests.some((test) => test(labels));
}
