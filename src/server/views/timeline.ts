import type { Episode } from '../../model/alert.ts';
import type { OverviewView, Verdict } from '../../model/api.ts';
import { formatDuration } from '../../model/duration.ts';
import { verdictOfAlert, worstVerdict } from './verdict.ts';

type Segment = OverviewView['timeline'][number];

/** A stretch of time in which the monitor itself was at work. */
export interface Observed {
  readonly from: number;
  readonly to: number;
}

/**
 * The time between `from` and `to` as segments without gaps or overlaps, oldest first: what fired, worst first,
 * quiet in between, and `unknown` where nobody looked.
 */
export function timeline(
  episodes: readonly Episode[],
  observed: readonly Observed[],
  from: number,
  to: number,
): Segment[] {
  const fired = episodes.filter((episode) => episode.firedAt !== undefined && verdictOfAlert(episode) !== 'ok');
  const cuts = new Set([from, to]);
  const cut = (at: number) => {
    if (at > from && at < to) cuts.add(at);
  };
  for (const episode of fired) {
    cut(episode.startedAt);
    cut(episode.resolvedAt ?? to);
  }
  for (const stretch of observed) {
    cut(stretch.from);
    cut(stretch.to);
  }
  const points = [...cuts].sort((a, b) => a - b);
  const segments: Segment[] = [];
  for (let i = 0; i + 1 < points.length; i++) {
    const segment = between(points[i]!, points[i + 1]!, fired, observed, to);
    const last = segments.at(-1);
    if (last && last.verdict === segment.verdict && last.text === segment.text) last.to = segment.to;
    else segments.push(segment);
  }
  return segments;
}

function between(
  from: number,
  to: number,
  fired: readonly Episode[],
  observed: readonly Observed[],
  end: number,
): Segment {
  const here = fired.filter((episode) => episode.startedAt < to && (episode.resolvedAt ?? end) > from);
  if (here.length > 0) {
    const verdict = worstVerdict(here.map(verdictOfAlert));
    const main = here.find((episode) => verdictOfAlert(episode) === verdict)!;
    const length = formatDuration((main.resolvedAt ?? end) - main.startedAt);
    const others = here.length === 1 ? '' : `, and ${here.length - 1} more`;
    return { from, to, verdict, text: `${main.message} (${length}${others})`, link: `/monitoring/alerts/${main.id}` };
  }
  const seen = observed.some((stretch) => stretch.from < to && stretch.to > from);
  const verdict: Verdict = seen ? 'ok' : 'unknown';
  return {
    from,
    to,
    verdict,
    text: seen ? 'Nothing fired' : 'Not observed: the monitor was not running',
    link: '/monitoring/alerts',
  };
}

/** The stretches in which points exist, from the times of steps that hold points; a gap of one step is bridged. */
export function observedStretches(at: readonly number[], stepMs: number, now: number): Observed[] {
  const stretches: { from: number; to: number }[] = [];
  for (const start of [...new Set(at)].sort((a, b) => a - b)) {
    const last = stretches.at(-1);
    if (last && start - last.to <= stepMs) last.to = start + stepMs;
    else stretches.push({ from: start, to: start + stepMs });
  }
  // The newest step is still filling: what is observed ends now, not at the end of a step that lies ahead.
  const last = stretches.at(-1);
  if (last && now - last.to < stepMs) last.to = now;
  return stretches;
}
