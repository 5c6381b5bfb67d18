import { formatDuration } from '../model/duration.ts';
import { endingOf } from './ending.ts';
import { allFlaps, dropFlap } from './flap-life.ts';
import { hasSettled } from './flapping.ts';
import { tell } from './life.ts';
import { type Pen, record, setHolds } from './pen.ts';
import { releaseEnding } from './speaking.ts';
import { reminders } from './telling.ts';

/** Tells how the problems that flapped stand once they have stayed as they are for long enough. */
export function settle(pen: Pen): void {
  const { draft, noise, now } = pen;
  for (const flap of allFlaps(pen)) {
    if (!hasSettled(flap, noise.flap, now)) continue;
    dropFlap(pen, flap);
    const reason = `unchanged for ${formatDuration(now - flap.lastChangeAt)}, after ${flap.changes} changes`;
    const ending = endingOf(draft, flap.fingerprint);
    if (ending) {
      const { flappingSince: _, ...calm } = ending.episode;
      const episode = setHolds(
        calm,
        (calm.holds ?? []).filter((hold) => hold.kind !== 'flapping'),
      );
      record(pen, episode, 'settled', reason);
      releaseEnding(pen, { ...ending, episode }, 'flapping');
      draft.keepEpisode(episode);
      continue;
    }
    const open = draft.open(flap.fingerprint);
    if (open?.flappingSince === undefined || open.state !== 'firing') continue;
    const { flappingSince: _, ...calm } = open;
    const id = record(pen, calm, 'settled', `it still fires, ${reason}`);
    const told = tell(pen, calm, id);
    const still = { ...told, reason: `it has settled and still fires: ${told.reason}` };
    if (open.notified && open.acknowledged === undefined) draft.owe(reminders(still, pen.channels, id, now));
  }
}
