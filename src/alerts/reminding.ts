import type { Episode } from '../model/alert.ts';
import { formatDuration } from '../model/duration.ts';
import { allBundles, type Bundle, closeBundle, groupOf, putBundle, takesMore } from './bundle.ts';
import { stillKnown } from './flush.ts';
import { type Pen, record } from './pen.ts';
import { summaryEntry } from './summary-entry.ts';
import { reminders } from './telling.ts';

/** Tells again what nobody looks after: alerts whose acknowledgement has lapsed, and those that fire for long. */
export function remind(pen: Pen): void {
  const { draft, now, noise } = pen;
  for (const episode of draft.allOpen()) {
    if (episode.state !== 'firing') continue;
    const { acknowledged } = episode;
    if (acknowledged?.until !== undefined && acknowledged.until <= now) lapse(pen, episode);
    else if (isDue(episode, noise.repeatMs, now)) {
      const waited = formatDuration(now - episode.startedAt);
      tellAgain(
        pen,
        episode,
        record(pen, episode, 'reminded', `it fires for ${waited} and nobody has acknowledged it`),
      );
    }
  }
}

function isDue({ acknowledged, holds, told, toldAt, escalation }: Episode, repeatMs: number, now: number): boolean {
  if (repeatMs === 0 || told === undefined || toldAt === undefined || acknowledged || holds) return false;
  // An escalation says itself how often it begins again.
  if (escalation) return false;
  return now - toldAt >= repeatMs;
}

/** The time of an acknowledgement is over: the alert is open to everybody again. */
function lapse(pen: Pen, episode: Episode): void {
  const { acknowledged, ...rest } = episode;
  const reason = `the acknowledgement of ${acknowledged?.by ?? 'somebody'} has lapsed`;
  const id = record(pen, rest, 'unacknowledged', reason);
  tellAgain(pen, { ...rest, reason: `${rest.reason} (${reason})` }, id, rest);
}

/** Owes the news once more to everybody who was told of this alert by itself; nobody is reminded of what is held back. */
export function tellAgain(pen: Pen, shown: Episode, transitionId: string, stored: Episode = shown): Episode {
  const entries = stored.holds ? [] : reminders(shown, pen.channels, transitionId, pen.now);
  pen.draft.owe(entries);
  const told = { ...stored, toldAt: pen.now };
  pen.draft.putEpisode(told);
  return told;
}

/** Tells again what was told in summaries and still fires, and forgets bundles in which everything is over. */
export function keepBundles(pen: Pen): void {
  const { draft, now, noise } = pen;
  const bundles = allBundles(draft);
  if (bundles.length === 0) return;
  const alive = new Map<string, number>();
  const groups = new Set<string>();
  for (const episode of draft.allOpen()) {
    if (episode.state !== 'firing') continue;
    for (const id of new Set(Object.values(episode.toldIn ?? {}))) alive.set(id, (alive.get(id) ?? 0) + 1);
    if (noise.groupBy.length > 0) groups.add(groupOf(episode, noise.groupBy).key);
  }
  for (const kept of bundles) {
    const bundle = { ...kept, alive: alive.get(kept.id) ?? 0 };
    const idle = bundle.flushAt === null && bundle.alive === 0;
    if (idle && !(bundle.kind === 'group' ? groups.has(bundle.key) : takesMore(draft, bundle)))
      closeBundle(draft, bundle);
    else if (noise.repeatMs > 0 && bundle.alive > 0 && now - bundle.toldAt >= noise.repeatMs)
      tellBundleAgain(pen, bundle);
    else if (bundle.alive !== kept.alive) putBundle(draft, bundle);
  }
}

function tellBundleAgain(pen: Pen, bundle: Bundle): void {
  for (const [channel, still] of stillKnown(pen, bundle)) {
    pen.draft.owe([summaryEntry(bundle, channel, { begun: [], ended: [], missed: [], still }, pen.now)]);
  }
  putBundle(pen.draft, { ...bundle, toldAt: pen.now });
}
