import type { Episode } from '../model/alert.ts';
import { formatDuration } from '../model/duration.ts';
import { newId } from '../model/id.ts';
import type { NotificationFacts, OutboxEntry } from '../model/notification.ts';
import { severities, worst } from '../model/severity.ts';
import type { Bundle } from './bundle.ts';

/** Alerts that a summary names one by one; the others are counted, and all of them stand in the list of alerts. */
const named = 50;
const namedTypes = 5;

/** What one channel hears in a summary. */
export interface Digest {
  /** Alerts that it hears of for the first time (or again because they are worse), and those that are over. */
  readonly begun: readonly Episode[];
  readonly ended: readonly Episode[];
  /** Alerts that came and went in quiet hours. */
  readonly missed: readonly Episode[];
  /** Alerts of the bundle that this channel knows of and that still fire, without those begun. */
  readonly still: number;
}

/** One message in place of many. Its `alert_id` is the bundle, so that receivers which open something close it with the last alert. */
export function summaryEntry(bundle: Bundle, channel: string, digest: Digest, now: number): OutboxEntry {
  const { begun, ended, missed, still } = digest;
  const firing = begun.length + still;
  const all = [...begun, ...ended, ...missed];
  const facts: NotificationFacts = {
    alertId: bundle.id,
    alertType: 'alert_summary',
    source: 'monitor',
    severity:
      all.length === 0 ? bundle.worst : worst((begun.length > 0 ? begun : all).map((episode) => episode.severity)),
    message: messageOf(bundle, digest),
    reason: {
      storm: 'many alerts at the same time are told together',
      group: `alerts with ${bundle.title} are told together`,
      'quiet-hours': `it was quiet (${bundle.title})`,
    }[bundle.kind],
    status: firing > 0 ? 'firing' : 'resolved',
    startedAt: all.reduce((first, episode) => Math.min(first, episode.startedAt), bundle.startedAt),
    ...(firing > 0 ? {} : { resolvedAt: now }),
    value: all.length === 0 ? still : all.length,
    unit: 'alerts',
    labels: {},
    context: {
      firing: begun.length,
      resolved: ended.length,
      still_firing: firing,
      ...(missed.length === 0 ? {} : { came_and_went: missed.length }),
      by_type: Object.fromEntries(countTypes(all).slice(0, 20)),
      first: firstOf(all),
      alerts: namedOf(all).map(shortly),
      not_named: Math.max(0, all.length - named),
    },
  };
  const id = newId(now);
  return {
    id,
    episodeId: bundle.id,
    transitionId: id,
    channel,
    event: 'summary',
    facts,
    state: 'queued',
    createdAt: now,
    dueAt: now,
    attempts: 0,
  };
}

function messageOf(bundle: Bundle, { begun, ended, missed, still }: Digest): string {
  const all = [...begun, ...ended, ...missed];
  if (all.length === 0) return `${still} ${still === 1 ? 'alert still fires' : 'alerts still fire'} (${bundle.title})`;
  const more = bundle.flushes > 0 || bundle.kind === 'group' ? 'more ' : '';
  const counts = [
    begun.length > 0 && `${begun.length} ${more}${begun.length === 1 ? 'alert fires' : 'alerts fire'}`,
    ended.length > 0 && `${ended.length} ${ended.length === 1 ? 'alert is' : 'alerts are'} over`,
    missed.length > 0 && `${missed.length} came and went`,
  ].filter((text) => text !== false);
  const types = countTypes(all);
  const list = types.slice(0, namedTypes).map(([type, count]) => `${type} (${count})`);
  const others = types.length > namedTypes ? ` and ${types.length - namedTypes} other types` : '';
  const quiet = bundle.kind === 'quiet-hours' && bundle.flushes === 0 ? 'While it was quiet: ' : '';
  return `${quiet}${counts.join(', ')}: ${list.join(', ')}${others}${restOf(begun.length, ended.length, still)}`;
}

function restOf(begun: number, ended: number, still: number): string {
  if (still > 0) return `; ${still} told before still ${still === 1 ? 'fires' : 'fire'}`;
  return begun === 0 && ended > 0 ? '; none of them fires any more' : '';
}

function countTypes(episodes: readonly Episode[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { alertType } of episodes) counts.set(alertType, (counts.get(alertType) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

/** The alert that began first: often the cause of the others. */
function firstOf(episodes: readonly Episode[]): Record<string, string> | undefined {
  let first: Episode | undefined;
  for (const episode of episodes) if (!first || episode.startedAt < first.startedAt) first = episode;
  return first && { alert_id: first.id, message: first.message.slice(0, 300) };
}

/** The worst ones first, the earlier of the same severity first. */
function namedOf(episodes: readonly Episode[]): Episode[] {
  const byRank = new Map<string, Episode[]>();
  for (const episode of episodes) {
    const key = `${episode.state === 'resolved' ? 1 : 0}${severities.length - severities.indexOf(episode.severity)}`;
    const rank = byRank.get(key);
    if (!rank) byRank.set(key, [episode]);
    else if (rank.length < named) rank.push(episode);
  }
  const ranks = [...byRank.keys()].sort();
  return ranks.flatMap((rank) => byRank.get(rank)!).slice(0, named);
}

function shortly(episode: Episode): Record<string, string> {
  return {
    alert_id: episode.id,
    alert_type: episode.alertType,
    source: episode.source,
    severity: episode.severity,
    status: episode.state === 'resolved' ? 'resolved' : 'firing',
    message: episode.message.slice(0, 300),
    ...(episode.state === 'resolved'
      ? { lasted: formatDuration(Math.max(0, (episode.resolvedAt ?? episode.startedAt) - episode.startedAt)) }
      : {}),
  };
}
