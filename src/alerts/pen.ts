import type { Episode, Hold, Transition } from '../model/alert.ts';
import { newId } from '../model/id.ts';
import type { Draft } from './draft.ts';
import type { Escalation } from './escalation.ts';
import type { Noise } from './noise.ts';
import type { Recollection } from './recollection.ts';
import type { Channel } from './telling.ts';

/** What it takes to write down what happens to an episode. */
export interface Pen {
  readonly draft: Draft;
  readonly now: number;
  readonly channels: readonly Channel[];
  /** Who is told later, while nobody acknowledges. */
  readonly escalations: readonly Escalation[];
  readonly noise: Noise;
  /** What happened lately, for the short form of why. */
  readonly recollection: Recollection;
}

/** The episode with these holds; without any the field is left away. */
export function setHolds(episode: Episode, holds: readonly Hold[]): Episode {
  const { holds: _, ...rest } = episode;
  return holds.length === 0 ? rest : { ...rest, holds };
}

/** Writes a transition; gives its id. */
export function record(pen: Pen, episode: Episode, kind: Transition['kind'], reason: string, by?: string): string {
  const written = transition(episode, kind, reason, pen.now, by);
  // A pending episode may yet be forgotten without a trace, so its first transition is written when it fires.
  if (kind === 'pending') pen.draft.emit({ type: 'alert', episode, transition: written });
  else pen.draft.record(episode, written);
  return written.id;
}

/** A step as it is kept for ever. */
export function transition(
  episode: Episode,
  kind: Transition['kind'],
  reason: string,
  at: number,
  by?: string,
): Transition {
  return {
    id: newId(at),
    episodeId: episode.id,
    at,
    kind,
    severity: episode.severity,
    reason,
    ...(episode.value === undefined ? {} : { value: episode.value }),
    ...(by === undefined ? {} : { by }),
  };
}
