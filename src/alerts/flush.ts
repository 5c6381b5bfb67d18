import type { Episode } from '../model/alert.ts';
import {
  allBundles,
  type Bundle,
  bundleAt,
  bundleOf,
  closeBundle,
  openBundle,
  putBundle,
  takesMore,
} from './bundle.ts';
import { allEndings, putEnding } from './ending.ts';
import { wakeBy } from './noise.ts';
import { calmMs } from './pace.ts';
import { type Pen, setHolds } from './pen.ts';
import { joinStorm, tellAlone, worstOf } from './speaking.ts';
import { type Digest, summaryEntry } from './summary-entry.ts';
import { listens, missing, withTold } from './telling.ts';
import { isWaiting, waitingHold } from './waiting.ts';
import { openWindows } from './windows.ts';

/** Tells what waited for this moment: what was collected, what quiet hours held back, the summaries that are due. */
export function flush(pen: Pen): void {
  pen.noise.wakeAt = Number.POSITIVE_INFINITY;
  tellCollected(pen);
  endQuiet(pen);
  for (const bundle of allBundles(pen.draft)) {
    if (bundle.flushAt === null) continue;
    // The first summary of a storm comes as soon as it is calm, those after it by the clock: a storm may have many lulls.
    const calmAt =
      bundle.kind === 'storm' && bundle.flushes === 0 ? pen.noise.pace.lastJoinAt + calmMs : Number.POSITIVE_INFINITY;
    const due = Math.min(bundle.flushAt, calmAt);
    if (due <= pen.now) tellBundle(pen, bundle);
    else wakeBy(pen.noise, due);
  }
}

/** What was collected for half a second: few are told one by one, many are a storm. */
function tellCollected(pen: Pen): void {
  const { draft, now, noise } = pen;
  const begun = draft.waiting().filter((episode) => waitingHold(episode)?.by === 'pace');
  if (begun.length === 0) return noise.pace.collected();
  const due = noise.pace.collect(now);
  if (due > now) return wakeBy(noise, due);
  noise.pace.collected();
  if (!bundleAt(draft, 'storm') && !noise.pace.isStorm(begun.length, now)) {
    noise.pace.note(begun.length, now);
    for (const episode of begun) tellOne(pen, episode);
    return;
  }
  if (!bundleAt(draft, 'storm')) openBundle(draft, 'storm', 'storm', 'a storm of alerts', now);
  for (const episode of begun) {
    const standing = (episode.holds ?? []).filter((hold) => !isWaiting(hold));
    const hold = joinStorm(pen, bundleAt(draft, 'storm')!, episode, waitingHold(episode));
    draft.putEpisode(setHolds(episode, [...standing, hold]));
  }
}

function tellOne(pen: Pen, episode: Episode): void {
  const free = setHolds(
    episode,
    (episode.holds ?? []).filter((hold) => !isWaiting(hold)),
  );
  pen.draft.putEpisode(tellAlone(pen, free, missing(free, pen), episode.id));
}

/** When quiet hours are over, what they held back is told together. */
function endQuiet(pen: Pen): void {
  const { draft, now, noise } = pen;
  const open = new Map(openWindows(noise.windows, now).map(({ window, until }) => [window.name, until]));
  const waiting = new Map<string, Episode[]>();
  for (const episode of draft.waiting()) {
    const hold = waitingHold(episode);
    if (hold?.kind !== 'quiet-hours') continue;
    const until = open.get(hold.by);
    if (until !== undefined) wakeBy(noise, until);
    else waiting.set(hold.by, [...(waiting.get(hold.by) ?? []), episode]);
  }
  for (const ending of allEndings(draft)) {
    const names = [ending.missedIn, ...Object.values(ending.waits).map((wait) => /^quiet:(.*)$/s.exec(wait)?.[1])];
    for (const name of new Set(names)) {
      if (name === undefined) continue;
      const until = open.get(name);
      if (until !== undefined) wakeBy(noise, until);
      else if (!waiting.has(name)) waiting.set(name, []);
    }
  }
  for (const [name, episodes] of waiting) tellAfterQuiet(pen, name, episodes);
}

function tellAfterQuiet(pen: Pen, name: string, episodes: readonly Episode[]): void {
  const { draft, now } = pen;
  const endings = allEndings(draft).filter(
    (ending) => ending.missedIn === name || Object.values(ending.waits).includes(`quiet:${name}`),
  );
  const [only] = episodes;
  if (endings.length === 0 && episodes.length === 1 && only) return tellOne(pen, only);
  const bundle = openBundle(draft, 'quiet-hours', `quiet:${name}`, name, now);
  for (const episode of episodes) {
    const holds = (episode.holds ?? []).map((hold) => (isWaiting(hold) ? { ...hold, by: bundle.id } : hold));
    draft.putEpisode(setHolds(episode, holds));
  }
  for (const ending of endings) {
    const waits = Object.fromEntries(
      Object.entries(ending.waits).map(([channel, wait]) => [channel, wait === `quiet:${name}` ? bundle.id : wait]),
    );
    const missedIn = ending.missedIn === name ? bundle.id : ending.missedIn;
    putEnding(draft, { ...ending, waits, ...(missedIn === undefined ? {} : { missedIn }) }, now);
  }
  tellBundle(pen, bundleOf(draft, bundle.id)!);
  closeBundle(draft, bundleOf(draft, bundle.id)!);
}

/** Owes the summary of a bundle to every channel that it has news for. */
function tellBundle(pen: Pen, bundle: Bundle): void {
  const { draft, now } = pen;
  const begun = draft.waiting().filter((episode) => waitingHold(episode)?.by === bundle.id);
  const endings = allEndings(draft).filter(
    (ending) => ending.missedIn === bundle.id || Object.values(ending.waits).includes(bundle.id),
  );
  const [only] = begun;
  if (bundle.kind === 'group' && begun.length === 1 && endings.length === 0 && only) {
    tellOne(pen, only);
    putBundle(draft, { ...bundle, flushAt: null, flushes: bundle.flushes + 1, toldAt: now });
    return;
  }
  const news = new Map(begun.map((episode) => [episode, missing(episode, pen)]));
  const still = stillKnown(pen, bundle);
  for (const channel of pen.channels) {
    const digest: Digest = {
      begun: begun.filter((episode) => news.get(episode)!.some((one) => one.channel.name === channel.name)),
      ended: endings.filter(({ waits }) => waits[channel.name] === bundle.id).map(({ episode }) => episode),
      missed: endings
        .filter(({ missedIn, episode }) => missedIn === bundle.id && listens(channel, episode, pen.escalations))
        .map(({ episode }) => episode),
      still: still.get(channel.name) ?? 0,
    };
    if (digest.begun.length + digest.ended.length + digest.missed.length > 0)
      draft.owe([summaryEntry(bundle, channel.name, digest, now)]);
  }
  let told = 0;
  for (const [episode, list] of news) {
    const free = setHolds(
      episode,
      (episode.holds ?? []).filter((hold) => !isWaiting(hold)),
    );
    if (list.length > 0 && !Object.values(episode.toldIn ?? {}).includes(bundle.id)) told += 1;
    draft.putEpisode(withTold(free, list, now, bundle.id));
  }
  for (const ending of endings) {
    const waits = Object.fromEntries(Object.entries(ending.waits).filter(([, wait]) => wait !== bundle.id));
    const { missedIn, ...rest } = ending;
    putEnding(
      draft,
      { ...rest, waits, ...(missedIn === undefined || missedIn === bundle.id ? {} : { missedIn }) },
      now,
    );
  }
  const spoke = begun.length + endings.length > 0;
  const after: Bundle = {
    ...bundle,
    flushes: bundle.flushes + (spoke ? 1 : 0),
    toldAt: spoke ? now : bundle.toldAt,
    alerts: bundle.alerts + told,
    alive: bundle.alive + told,
    worst: worstOf(bundle, begun),
    flushAt: null,
  };
  putBundle(draft, after);
  if (bundle.kind === 'storm' && takesMore(draft, bundle)) afterStormSummary(pen, after, spoke);
  else if (after.alive === 0 && !takesMore(draft, after)) closeBundle(draft, after);
}

/** A storm goes on until nothing new has come for the time of one summary. */
function afterStormSummary(pen: Pen, storm: Bundle, spoke: boolean): void {
  if (!spoke && pen.now - storm.toldAt >= pen.noise.storm.summaryIntervalMs) return closeBundle(pen.draft, storm);
  const flushAt = storm.toldAt + pen.noise.storm.summaryIntervalMs;
  putBundle(pen.draft, { ...storm, flushAt });
  wakeBy(pen.noise, flushAt);
}

/** For each channel: how many alerts it heard of in this bundle that still fire. */
export function stillKnown(pen: Pen, bundle: Bundle): Map<string, number> {
  const counts = new Map<string, number>();
  if (bundle.alive === 0) return counts;
  for (const { state, toldIn } of pen.draft.allOpen()) {
    if (state !== 'firing' || !toldIn) continue;
    for (const [channel, id] of Object.entries(toldIn)) {
      if (id === bundle.id) counts.set(channel, (counts.get(channel) ?? 0) + 1);
    }
  }
  return counts;
}
