import type { Episode } from '../model/alert.ts';
import { formatDuration } from '../model/duration.ts';
import { memoryPrefix } from './book.ts';
import { bundleOf, putBundle } from './bundle.ts';
import { dropEnding, endingOf } from './ending.ts';
import { type Flap, flaps } from './flapping.ts';
import { type Pen, record } from './pen.ts';

const prefix = `${memoryPrefix}flap:`;

/** Notes that a problem flaps. */
export function putFlap({ draft, now }: Pick<Pen, 'draft' | 'now'>, flap: Flap): void {
  draft.putMemory({ id: prefix + flap.fingerprint, at: now, value: flap });
}

/** Forgets that a problem flaps. */
export function dropFlap(pen: Pen, flap: Flap): void {
  pen.draft.removeMemory(prefix + flap.fingerprint);
}

/** The problems that flap now. */
export function allFlaps(pen: Pick<Pen, 'draft'>): Flap[] {
  return pen.draft.memories(prefix).map((id) => pen.draft.memory(id)?.value as Flap);
}

/**
 * A problem that comes back before anybody was told of its end goes on as the alert that they know: same id, same begin. So a
 * receiver never hears of an end that is no longer true, nor of a second begin.
 */
export function comeBack(pen: Pen, fresh: Episode): Episode {
  const ending = endingOf(pen.draft, fresh.fingerprint);
  if (!ending || ending.episode.id === fresh.id) return fresh;
  const { episode: known } = ending;
  dropEnding(pen.draft, ending);
  if (ending.missedIn !== undefined) return fresh;
  for (const id of new Set(Object.values(known.toldIn ?? {}))) {
    const bundle = bundleOf(pen.draft, id);
    if (bundle) putBundle(pen.draft, { ...bundle, alive: bundle.alive + 1 });
  }
  // The record of the second begin goes: the pending episode under its own id was never told.
  pen.draft.forget(fresh);
  const { told, toldIn, toldAt, notified, acknowledged } = known;
  return {
    ...fresh,
    id: known.id,
    startedAt: known.startedAt,
    ...(known.firedAt === undefined ? {} : { firedAt: known.firedAt }),
    notified,
    ...(told === undefined ? {} : { told }),
    ...(toldIn === undefined ? {} : { toldIn }),
    ...(toldAt === undefined ? {} : { toldAt }),
    ...(acknowledged === undefined ? {} : { acknowledged }),
  };
}

/** Counts a begin or an end, and notices when they are too many. Only a begin makes it flapping: an end may well be the last. */
export function noteChange(pen: Pen, episode: Episode, begins: boolean): Episode {
  const { draft, noise, now } = pen;
  const { fingerprint } = episode;
  const count = noise.changes.note(fingerprint, now);
  const known = draft.memory(prefix + fingerprint)?.value as Flap | undefined;
  if (known) {
    putFlap(pen, { ...known, lastChangeAt: now, changes: known.changes + 1 });
    return { ...episode, flappingSince: known.since };
  }
  if (!begins || !flaps(count, noise.flap)) return episode;
  const flap: Flap = { fingerprint, since: now, lastChangeAt: now, changes: count };
  putFlap(pen, flap);
  const flapping = { ...episode, flappingSince: now };
  record(pen, flapping, 'flapping', `it began or ended ${count} times within ${formatDuration(noise.flap.windowMs)}`);
  return flapping;
}
