import type { Episode } from '../model/alert.ts';
import { formatDuration } from '../model/duration.ts';
import { newId } from '../model/id.ts';
import type { NotificationEvent, NotificationFacts, OutboxEntry } from '../model/notification.ts';
import type { Labels } from '../model/sample.ts';
import { isAtLeast, type Severity } from '../model/severity.ts';
import { type Escalation, standing } from './escalation.ts';
import { matchableLabels } from './silencing.ts';
import { isKeptQuiet } from './waiting.ts';

/** A channel as the engine sees it. */
export interface Channel {
  readonly name: string;
  readonly minSeverity: Severity;
  /** True where an acknowledgement is news to the receiver. @default false */
  readonly acknowledgements?: boolean;
  /** True where each alert opens something that only its own end closes. @default false */
  readonly individually?: boolean;
  /** Whether alerts with these labels are told there. @default all */
  wants?(labels: Labels): boolean;
}

/** A message that is missing: what a channel should hear and has not. */
export interface Missing {
  readonly channel: Channel;
  readonly event: 'firing' | 'flapping' | 'escalated' | 'resolved';
}

/**
 * Compares what an episode is with what each channel has been told of it, and gives the messages that are missing.
 * Asked after every change, so nothing has to be remembered about *why* a message was held back: when a silence ends, a channel is
 * added or a severity rises, the difference is what is owed. An episode that is kept quiet owes no news, but always the end of what
 * was told.
 */
export function missing(episode: Episode, { channels, escalations }: Audience): Missing[] {
  if (episode.state === 'pending') return [];
  return channels.flatMap((channel) => {
    const event = missingAt(channel, episode, episode.told?.[channel.name], escalations);
    return event ? [{ channel, event }] : [];
  });
}

/** Who may be told: the channels, and the escalations that say whose turn it is. */
export interface Audience {
  readonly channels: readonly Channel[];
  readonly escalations: readonly Escalation[];
}

function missingAt(
  channel: Channel,
  episode: Episode,
  heard: Severity | undefined,
  escalations: readonly Escalation[],
): Missing['event'] | undefined {
  if (episode.state === 'resolved') return heard ? 'resolved' : undefined;
  if (isKeptQuiet(episode) || !listens(channel, episode, escalations)) return undefined;
  if (heard === undefined) return episode.flappingSince === undefined ? 'firing' : 'flapping';
  return heard !== episode.severity && isAtLeast(episode.severity, heard) ? 'escalated' : undefined;
}

/** Whether a channel is one for this alert now, whatever holds it back. */
export function listens(channel: Channel, episode: Episode, escalations: readonly Escalation[]): boolean {
  // A channel cannot be asked to tell of its own failure.
  if (episode.alertType === 'notification_failed' && episode.labels.channel === channel.name) return false;
  const turn = escalations.length === 0 ? 'free' : standing(episode, channel.name, escalations);
  if (turn === 'waiting' && episode.told?.[channel.name] === undefined) return false;
  // Who is called by an escalation is called whatever the channel usually wants to hear.
  if (turn === 'called') return true;
  return isAtLeast(episode.severity, channel.minSeverity) && (channel.wants?.(matchableLabels(episode)) ?? true);
}

/** The episode with what was told just now noted in it. */
export function withTold(episode: Episode, news: readonly Missing[], now: number, bundle?: string): Episode {
  if (news.length === 0) return episode;
  const told: Record<string, Severity> = { ...episode.told };
  const toldIn: Record<string, string> = { ...episode.toldIn };
  for (const { channel, event } of news) {
    if (event === 'resolved') continue;
    told[channel.name] = episode.severity;
    if (bundle !== undefined) toldIn[channel.name] = bundle;
  }
  const { toldIn: _, ...rest } = episode;
  return {
    ...rest,
    told,
    ...(Object.keys(toldIn).length === 0 ? {} : { toldIn }),
    toldAt: now,
    notified: true,
  };
}

/** Messages to those who heard of the alert and act on it: somebody has it now. */
export function acknowledgements(
  episode: Episode,
  channels: readonly Channel[],
  transitionId: string,
  now: number,
): OutboxEntry[] {
  return channels
    .filter((channel) => channel.acknowledgements && wasToldAlone(episode, channel))
    .map((channel) => entryOf(episode, channel.name, 'acknowledged', transitionId, now));
}

/** The same news once more, to everybody who was told of this alert by itself. */
export function reminders(
  episode: Episode,
  channels: readonly Channel[],
  transitionId: string,
  now: number,
): OutboxEntry[] {
  return channels
    .filter((channel) => wasToldAlone(episode, channel))
    .map((channel) => entryOf(episode, channel.name, 'reminder', transitionId, now));
}

function wasToldAlone(episode: Episode, channel: Channel): boolean {
  return episode.told?.[channel.name] !== undefined && episode.toldIn?.[channel.name] === undefined;
}

/** A message about one episode. */
export function entryOf(
  episode: Episode,
  channel: string,
  event: NotificationEvent,
  transitionId: string,
  now: number,
  why: readonly string[] = [],
): OutboxEntry {
  const facts = factsOf(episode);
  const flapping =
    event === 'flapping' ? { message: `Flapping: ${facts.message}`, reason: flappingReason(episode) } : {};
  return {
    id: newId(now),
    episodeId: episode.id,
    transitionId,
    channel,
    event,
    facts: { ...facts, ...flapping, ...(why.length === 0 ? {} : { context: { ...facts.context, why } }) },
    state: 'queued',
    createdAt: now,
    dueAt: now,
    attempts: 0,
  };
}

function flappingReason(episode: Episode): string {
  return episode.holds?.find((hold) => hold.kind === 'flapping')?.text ?? episode.reason;
}

/** The facts of an episode, complete enough to render any message from them long afterwards. */
export function factsOf(episode: Episode): NotificationFacts {
  const resolved = episode.state === 'resolved';
  return {
    alertId: episode.id,
    alertType: episode.alertType,
    source: episode.source,
    severity: episode.severity,
    message: resolved ? `Resolved after ${lasted(episode)}: ${episode.message}` : episode.message,
    reason: episode.reason,
    status: resolved ? 'resolved' : 'firing',
    startedAt: episode.startedAt,
    labels: episode.labels,
    context: episode.context,
    ...(episode.resolvedAt === undefined ? {} : { resolvedAt: episode.resolvedAt }),
    ...(episode.value === undefined ? {} : { value: episode.value }),
    ...(episode.threshold === undefined ? {} : { threshold: episode.threshold }),
    ...(episode.unit === undefined ? {} : { unit: episode.unit }),
    ...(episode.series === undefined ? {} : { series: episode.series }),
    ...(episode.annotations === undefined ? {} : { annotations: episode.annotations }),
    ...(episode.runbook === undefined ? {} : { runbook: episode.runbook }),
  };
}

function lasted(episode: Episode): string {
  return formatDuration(Math.max(0, (episode.resolvedAt ?? episode.startedAt) - episode.startedAt));
}
