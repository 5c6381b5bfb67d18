import type { Episode } from '../model/alert.ts';
import { formatDuration } from '../model/duration.ts';
import { MonitorError } from '../model/problem.ts';
import { type Pen, record } from './pen.ts';
import { tellAgain } from './reminding.ts';
import { acknowledgements } from './telling.ts';

/** A month: who needs longer wants a silence. */
const longestMs = 31 * 86_400_000;

/** Notes that somebody looks after an alert; undefined when there is no such open alert. An acknowledgement replaces the one before. */
export function acknowledge(
  pen: Pen,
  episodeId: string,
  by: string,
  note: string,
  forMs?: number,
): Episode | undefined {
  if (forMs !== undefined && !(forMs > 0 && forMs <= longestMs)) {
    throw new MonitorError('bad-argument', `An acknowledgement cannot last ${forMs} ms.`, {
      hint: 'Give a duration of more than 0 and at most 31 days, or none: then it lasts until the alert is over.',
    });
  }
  const episode = openEpisode(pen, episodeId);
  if (!episode) return undefined;
  const until = forMs === undefined ? {} : { until: pen.now + forMs };
  const acknowledged: Episode = { ...episode, acknowledged: { at: pen.now, by, note, ...until } };
  pen.draft.putEpisode(acknowledged);
  const length = forMs === undefined ? '' : ` for ${formatDuration(forMs)}`;
  const reason = `acknowledged by ${by}${length}${note === '' ? '' : `: ${note}`}`;
  const id = record(pen, acknowledged, 'acknowledged', reason, by);
  pen.draft.owe(acknowledgements(acknowledged, pen.channels, id, pen.now));
  return acknowledged;
}

/** Takes an acknowledgement back: those who were told of the alert are told again. */
export function unacknowledge(pen: Pen, episodeId: string, by: string, note: string): Episode | undefined {
  const episode = openEpisode(pen, episodeId);
  if (!episode) return undefined;
  const { acknowledged, ...rest } = episode;
  if (!acknowledged) return episode;
  const reason = `${by} took the acknowledgement of ${acknowledged.by} back${note === '' ? '' : `: ${note}`}`;
  const id = record(pen, rest, 'unacknowledged', reason, by);
  if (rest.state === 'firing') return tellAgain(pen, { ...rest, reason: `${rest.reason} (${reason})` }, id, rest);
  pen.draft.putEpisode(rest);
  return rest;
}

function openEpisode(pen: Pen, id: string): Episode | undefined {
  return pen.draft.allOpen().find((each) => each.id === id);
}
