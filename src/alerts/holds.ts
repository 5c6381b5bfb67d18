import type { Episode, Hold } from '../model/alert.ts';
import { formatDuration } from '../model/duration.ts';
import type { Pen } from './pen.ts';
import { silenceOf } from './silencing.ts';
import { holdsBack, openWindows } from './windows.ts';

/** What holds an episode back now, apart from summaries that are to come: silences, maintenance, other alerts, flapping. */
export function standingHolds(pen: Pen, episode: Episode): Hold[] {
  const { draft, now, noise } = pen;
  const before = new Map(episode.holds?.map((hold) => [`${hold.kind} ${hold.by}`, hold.since]));
  const holds: Hold[] = [];
  const add = (hold: Omit<Hold, 'since'>) =>
    holds.push({ ...hold, since: before.get(`${hold.kind} ${hold.by}`) ?? now });
  const covered = silenceOf(episode, draft.silences(), now);
  if (covered) {
    const { silence, until } = covered;
    const comment = silence.comment === '' ? '' : `: ${silence.comment}`;
    const end = silence.untilResolved ? {} : { until };
    add({ kind: 'silenced', by: silence.id, text: `silenced by ${silence.createdBy}${comment}`, ...end });
  }
  for (const open of openWindows(noise.windows, now)) {
    const { kind, name } = open.window;
    if (kind !== 'maintenance' || !holdsBack(open, episode)) continue;
    add({ kind, by: name, text: `maintenance “${name}”`, until: open.until });
  }
  const inhibitor = noise.inhibition.of(episode, (fingerprint) => draft.open(fingerprint));
  if (inhibitor) {
    const { source, rule } = inhibitor;
    add({ kind: 'inhibited', by: source.id, text: `because of ${source.alertType} (${source.message}), rule ${rule}` });
  }
  if (episode.flappingSince !== undefined) {
    const quiet = formatDuration(noise.flap.settleMs);
    add({
      kind: 'flapping',
      by: episode.fingerprint,
      text: `it comes and goes; told again when it has stayed as it is for ${quiet}`,
    });
  }
  return holds;
}
