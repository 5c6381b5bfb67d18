import type { Episode } from '../../model/alert.ts';
import type { ExplanationView } from '../../model/api.ts';
import type { ChannelState, OutboxEntry } from '../../model/notification.ts';
import { isAtLeast } from '../../model/severity.ts';
import type { ServerOptions } from '../options.ts';

/** Who was told of an alert and how it went, and why the other channels were not told. */
export async function tellingOf(
  { state, delivery }: ServerOptions,
  episode: Episode,
): Promise<Pick<ExplanationView, 'told' | 'not_told'>> {
  const bundles = Object.values(episode.toldIn ?? {});
  const entries = (
    await state.find('outbox', { where: { episodeId: [episode.id, ...new Set(bundles)] }, order: 'oldest' })
  ).filter((entry) => entry.episodeId === episode.id || isAbout(entry, episode));
  const told = entries
    .sort((a, b) => a.createdAt - b.createdAt)
    .map((entry) => ({
      channel: entry.channel,
      event: entry.event,
      at: entry.createdAt,
      state: entry.state,
      delivered_at: entry.deliveredAt ?? null,
      attempts: entry.attempts,
      together: entry.event === 'summary',
      error: entry.lastError ?? null,
    }));
  const reached = new Set(told.map(({ channel }) => channel));
  return {
    told,
    not_told: delivery
      .channels()
      .filter(({ name }) => !reached.has(name))
      .map((channel) => ({ channel: channel.name, reason: whyNotThere(channel, episode) })),
  };
}

/** A summary of the alert's bundle counts when it was told to a channel that heard of this alert in it. */
function isAbout(entry: OutboxEntry, { toldIn, startedAt }: Episode): boolean {
  return toldIn?.[entry.channel] === entry.episodeId && entry.createdAt >= startedAt;
}

/** Why a channel has not heard of an alert. */
export function whyNotThere({ name, minSeverity }: ChannelState, episode: Episode): string {
  if (episode.state === 'pending') return `the alert is pending: ${episode.reason}`;
  if (episode.alertType === 'notification_failed' && episode.labels['channel'] === name)
    return 'a channel cannot be asked to tell of its own failure';
  if (!isAtLeast(episode.severity, minSeverity)) return `${episode.severity} is below its min_severity ${minSeverity}`;
  const hold = episode.holds?.find(({ kind }) => kind !== 'flapping');
  if (hold) return hold.text;
  const { escalation } = episode;
  if (escalation && escalation.next < escalation.steps)
    return `it does not want alerts with these labels, or its step of escalation “${escalation.name}” has not come`;
  return 'it does not want alerts with these labels (its `match`), or it was added after the alert';
}
