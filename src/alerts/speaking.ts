import type { Episode, Hold } from '../model/alert.ts';
import { isAtLeast, worst } from '../model/severity.ts';
import { type Bundle, bundleAt, bundleOf, groupOf, openBundle, putBundle } from './bundle.ts';
import { type Ending, putEnding } from './ending.ts';
import { wakeBy } from './noise.ts';
import { calmMs } from './pace.ts';
import { type Pen, record, setHolds } from './pen.ts';
import { entryOf, type Missing, missing, withTold } from './telling.ts';
import { isKeptQuiet, isWaiting } from './waiting.ts';
import { holdsBack, openWindows } from './windows.ts';

/** Ends that a bundle has to tell are collected for so long at least, unless everything in it is over. */
const endsTogetherMs = 10_000;

/** Owes what is missing about an episode, or lets it wait for a summary. Gives the episode with what was told or why it waits. */
export function speak(pen: Pen, episode: Episode, transitionId: string): Episode {
  if (episode.state === 'resolved') return speakEnd(pen, episode, transitionId);
  const news = missing(episode, pen);
  const standing = (episode.holds ?? []).filter((hold) => !isWaiting(hold));
  if (news.length === 0) return setHolds(episode, standing);
  const waits = whyWait(pen, episode, news);
  if (!waits) return tellAlone(pen, setHolds(episode, standing), news, transitionId);
  return setHolds(episode, [...standing, waits]);
}

/** Owes a message of its own to each channel. */
export function tellAlone(pen: Pen, episode: Episode, news: readonly Missing[], transitionId: string): Episode {
  const why = pen.recollection.before(episode);
  pen.draft.owe(
    news.map(({ channel, event }) =>
      entryOf(episode, channel.name, event, transitionId, pen.now, event === 'resolved' ? [] : why),
    ),
  );
  return withTold(episode, news, pen.now);
}

/** Why news has to wait for a summary, if it has to. */
function whyWait(pen: Pen, episode: Episode, news: readonly Missing[]): Hold | undefined {
  const { draft, now, noise } = pen;
  const before = episode.holds?.find(isWaiting);
  const quiet = quietWindow(pen, episode);
  if (quiet) {
    const since = before?.by === quiet.by ? before.since : now;
    const hold: Hold = { kind: 'quiet-hours', ...quiet, since };
    if (before?.by !== quiet.by) record(pen, setHolds(episode, [hold]), 'held', hold.text);
    wakeBy(noise, quiet.until);
    return hold;
  }
  // News of an alert that is known by itself is told at once; only what was told in a crowd gets worse in a crowd.
  if (episode.told !== undefined && episode.toldIn === undefined) return undefined;
  const storm = bundleAt(draft, 'storm');
  if (storm) return joinStorm(pen, storm, episode, before);
  const begins = news.some(({ event }) => event !== 'escalated');
  const group = begins && noise.groupBy.length > 0 ? groupOf(episode, noise.groupBy) : undefined;
  const bundle = group && bundleAt(draft, group.key);
  if (bundle) return joinGroup(pen, bundle, before);
  if (!noise.pace.admits(now)) return collect(pen, before);
  if (group) openBundle(draft, 'group', group.key, group.title, now);
  return undefined;
}

/** The quiet hours that hold an episode back now, those that end last. */
function quietWindow(pen: Pen, episode: Episode): { by: string; text: string; until: number } | undefined {
  let found: { by: string; text: string; until: number } | undefined;
  for (const open of openWindows(pen.noise.windows, pen.now)) {
    const { kind, name } = open.window;
    if (kind !== 'quiet-hours' || (found && open.until <= found.until) || !holdsBack(open, episode)) continue;
    found = { by: name, text: `quiet hours “${name}”`, until: open.until };
  }
  return found;
}

/** Lets an alert be told in the next summary of the storm. The first that is worse than all before brings it forward. */
export function joinStorm(pen: Pen, storm: Bundle, episode: Episode, before?: Hold): Hold {
  const { now, noise } = pen;
  noise.pace.lastJoinAt = now;
  const longest = now + (storm.flushes === 0 ? noise.storm.firstSummaryMs : noise.storm.summaryIntervalMs);
  const worse = episode.severity !== storm.worst && isAtLeast(episode.severity, storm.worst) && storm.flushes > 0;
  const flushAt = Math.min(storm.flushAt ?? longest, worse ? now + calmMs : longest);
  if (flushAt !== storm.flushAt) putBundle(pen.draft, { ...storm, flushAt });
  wakeBy(noise, Math.min(flushAt, now + calmMs));
  const since = before?.by === storm.id ? before.since : now;
  return {
    kind: 'storm',
    by: storm.id,
    text: 'many alerts at once: it is told in the next summary',
    since,
    until: flushAt,
  };
}

function joinGroup(pen: Pen, group: Bundle, before: Hold | undefined): Hold {
  const { now, noise } = pen;
  const wait = group.flushes === 0 ? noise.groupWaitMs : noise.groupIntervalMs;
  const flushAt = group.flushAt ?? Math.max(now, group.toldAt + wait);
  if (flushAt !== group.flushAt) putBundle(pen.draft, { ...group, flushAt });
  wakeBy(noise, flushAt);
  const since = before?.by === group.id ? before.since : now;
  return { kind: 'grouped', by: group.id, text: `told in the next summary of ${group.title}`, since, until: flushAt };
}

function collect(pen: Pen, before: Hold | undefined): Hold {
  const until = pen.noise.pace.collect(pen.now);
  wakeBy(pen.noise, until);
  const since = before?.by === 'pace' ? before.since : pen.now;
  return {
    kind: 'storm',
    by: 'pace',
    text: 'several alerts within half a second are looked at together',
    since,
    until,
  };
}

/** Owes the end to those who heard of the begin, at once or in a summary. Nobody hears of an end whose begin was never told. */
function speakEnd(pen: Pen, episode: Episode, transitionId: string): Episode {
  const news = missing(episode, pen);
  const waits: Record<string, string> = {};
  const alone: Missing[] = [];
  const quiet = quietWindow(pen, episode)?.by;
  for (const one of news) {
    const wait = endWaitsFor(pen, episode, one, quiet);
    if (wait === undefined) alone.push(one);
    else waits[one.channel.name] = wait;
  }
  for (const id of new Set(Object.values(episode.toldIn ?? {}))) countDown(pen, id);
  const missedIn = news.length === 0 && !isKeptQuiet(episode) ? quietHold(episode)?.by : undefined;
  const closed = tellAlone(pen, episode, alone, transitionId);
  if (Object.keys(waits).length > 0 || missedIn !== undefined) {
    putEnding(
      pen.draft,
      { episode: closed, transitionId, waits, ...(missedIn === undefined ? {} : { missedIn }) },
      pen.now,
    );
  }
  return closed;
}

function quietHold(episode: Episode): Hold | undefined {
  return episode.holds?.find((hold) => hold.kind === 'quiet-hours');
}

function endWaitsFor(pen: Pen, episode: Episode, { channel }: Missing, quiet: string | undefined): string | undefined {
  const bundle = episode.toldIn?.[channel.name];
  if (episode.flappingSince !== undefined) return 'flapping';
  if (bundle !== undefined && bundleOf(pen.draft, bundle)) return bundle;
  // What was opened alone is closed alone, however many there are: only so does the receiver's list become empty.
  if (channel.individually) return undefined;
  if (quiet !== undefined) return `quiet:${quiet}`;
  return undefined;
}

/** An alert of a bundle is over: its summary comes soon when it was the last one. */
function countDown(pen: Pen, id: string): void {
  const { draft, now, noise } = pen;
  const bundle = bundleOf(draft, id);
  if (!bundle) return;
  const alive = Math.max(0, bundle.alive - 1);
  const together = Math.max(now + endsTogetherMs, bundle.toldAt + noise.groupIntervalMs);
  const flushAt = Math.min(bundle.flushAt ?? together, alive === 0 ? now + calmMs : together);
  putBundle(draft, { ...bundle, alive, flushAt });
  wakeBy(noise, flushAt);
}

/** Lets go an ending that waited for something which is over now. */
export function releaseEnding(pen: Pen, ending: Ending, wasWaitingFor: string): void {
  const { episode } = ending;
  const waits: Record<string, string> = {};
  const alone: Missing[] = [];
  for (const [name, wait] of Object.entries(ending.waits)) {
    const channel = pen.channels.find((each) => each.name === name);
    if (!channel) continue;
    const next = wait === wasWaitingFor ? endWaitsFor(pen, episode, { channel, event: 'resolved' }, undefined) : wait;
    if (next === undefined) alone.push({ channel, event: 'resolved' });
    else waits[name] = next;
  }
  tellAlone(pen, episode, alone, ending.transitionId);
  const { missedIn: _, ...rest } = ending;
  putEnding(pen.draft, { ...rest, waits }, pen.now);
}

/** The worst of several alerts, and of what a bundle told before. */
export function worstOf(bundle: Bundle, episodes: readonly Episode[]): Bundle['worst'] {
  return worst([bundle.worst, ...episodes.map((episode) => episode.severity)]);
}
