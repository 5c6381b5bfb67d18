import type { Episode } from '../model/alert.ts';
import { formatDuration } from '../model/duration.ts';
import { newId } from '../model/id.ts';
import type { NotificationEvent, NotificationFacts, OutboxEntry } from '../model/notification.ts';
import type { Labels } from '../model/sample.ts';
import { isAtLeast, type Severity } from '../model/severity.ts';
import { matchableLabels } from './silencing.ts';

/** A channel as the engine sees it. */
export interface Channel {
  readonly name: string;
  readonly minSeverity: Severity;
  /** True where an acknowledgement is news to the receiver. @default false */
  readonly acknowledgements?: boolean;
  /** Whether alerts with these labels are told there. @default all */
  wants?(labels: Labels): boolean;
}

/** What must be told about an episode as it stands now. */
export interface Owed {
  readonly episode: Episode;
  readonly entries: readonly OutboxEntry[];
}

/**
 * Compares what an episode is with what each channel has been told of it, and gives the messages that are missing.
 * Asked after every change, so nothing has to be remembered about *why* a message was held back: when a silence ends, a channel is
 * added or a severity rises, the difference is what is owed. A silenced episode owes no news, but always the end of what was told.
 */
export function owed(
  episode: Episode,
  channels: readonly Channel[],
  transitionId: string,
  now: number,
  standingOf: (channel: string) => 'free' | 'waiting' | 'called' = () => 'free',
): Owed {
  if (episode.state === 'pending') return { episode, entries: [] };
  const entries: OutboxEntry[] = [];
  const told: Record<string, Severity> = { ...episode.told };
  for (const channel of channels) {
    const event = missing(episode, channel, told[channel.name], standingOf(channel.name));
    if (!event) continue;
    if (event !== 'resolved') told[channel.name] = episode.severity;
    entries.push(entry(episode, channel.name, event, transitionId, now));
  }
  if (entries.length === 0) return { episode, entries };
  return { episode: { ...episode, told, notified: true }, entries };
}

function missing(
  episode: Episode,
  channel: Channel,
  heard: Severity | undefined,
  standing: 'free' | 'waiting' | 'called',
): NotificationEvent | undefined {
  if (episode.state === 'resolved') return heard ? 'resolved' : undefined;
  if (episode.silencedBy !== undefined) return undefined;
  if (standing === 'waiting' && heard === undefined) return undefined;
  // A channel cannot be asked to tell of its own failure.
  if (episode.alertType === 'notification_failed' && episode.labels.channel === channel.name) return undefined;
  // Who is called by an escalation is called whatever the channel usually wants to hear.
  if (standing !== 'called' && !wanted(episode, channel)) return undefined;
  if (heard === undefined) return 'firing';
  return heard !== episode.severity && isAtLeast(episode.severity, heard) ? 'escalated' : undefined;
}

function wanted(episode: Episode, { minSeverity, wants }: Channel): boolean {
  if (!isAtLeast(episode.severity, minSeverity)) return false;
  return wants === undefined || wants(matchableLabels(episode));
}

/** The same news once more, to channels that have heard it. */
export function reminders(
  episode: Episode,
  channels: readonly Channel[],
  transitionId: string,
  now: number,
): OutboxEntry[] {
  return channels.map((channel) => entry(episode, channel.name, 'reminder', transitionId, now));
}

/** Messages to those who heard of the alert and act on it: somebody has it now. */
export function acknowledgements(
  episode: Episode,
  channels: readonly Channel[],
  transitionId: string,
  now: number,
): OutboxEntry[] {
  return channels
    .filter((channel) => channel.acknowledgements && episode.told?.[channel.name] !== undefined)
    .map((channel) => entry(episode, channel.name, 'acknowledged', transitionId, now));
}

function entry(
  episode: Episode,
  channel: string,
  event: NotificationEvent,
  transitionId: string,
  now: number,
): OutboxEntry {
  return {
    id: newId(now),
    episodeId: episode.id,
    transitionId,
    channel,
    event,
    facts: factsOf(episode),
    state: 'queued',
    createdAt: now,
    dueAt: now,
    attempts: 0,
  };
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
