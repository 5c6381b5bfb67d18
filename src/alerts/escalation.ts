import type { Episode, EscalationState } from '../model/alert.ts';
import { compileMatchers, type LabelPredicate, parseMatchers } from '../model/matcher.ts';
import type { EscalationSettings } from './escalation-settings.ts';
import { matchableLabels } from './silencing.ts';
import { isKeptQuiet } from './waiting.ts';

/** Who is told when, as long as nobody acknowledges. */
export interface Escalation {
  readonly name: string;
  readonly fits: LabelPredicate;
  readonly steps: readonly { readonly afterMs: number; readonly notify: readonly string[] }[];
  readonly repeat: number;
  readonly repeatAfterMs: number;
}

/** The escalations of the settings. */
export function createEscalations(settings: EscalationSettings): Escalation[] {
  return settings.map(({ name, match, steps, repeat, repeat_after_seconds }) => ({
    name,
    fits: compileMatchers(parseMatchers(match)),
    steps: steps.map(({ after_seconds, notify }) => ({ afterMs: after_seconds * 1000, notify })),
    repeat,
    repeatAfterMs: repeat_after_seconds * 1000,
  }));
}

/** The escalation of an episode: the one it began with while it is still configured, else the first that fits. */
function escalationOf(episode: Episode, escalations: readonly Escalation[]): Escalation | undefined {
  const begun = escalations.find(({ name }) => name === episode.escalation?.name);
  if (begun) return begun;
  const labels = matchableLabels(episode);
  return escalations.find(({ fits }) => fits(labels));
}

/**
 * How a channel stands to an episode: `free` when no escalation speaks of it, `waiting` while its step has not come, `called` when it has.
 */
export function standing(
  episode: Episode,
  channel: string,
  escalations: readonly Escalation[],
): 'free' | 'waiting' | 'called' {
  const escalation = escalationOf(episode, escalations);
  const step = escalation?.steps.findIndex(({ notify }) => notify.includes(channel)) ?? -1;
  if (step < 0) return 'free';
  const { next = 0, round = 0 } = episode.escalation ?? {};
  return round > 0 || step < next ? 'called' : 'waiting';
}

/** The episode with its escalation begun: the steps that come at once are reached. Others are left as they are. */
export function begun(episode: Episode, escalations: readonly Escalation[], now: number): Episode {
  if (episode.state !== 'firing' || isKeptQuiet(episode) || episode.escalation) return episode;
  const escalation = escalationOf(episode, escalations);
  if (!escalation) return episode;
  const next = escalation.steps.findIndex(({ afterMs }) => afterMs > 0);
  return {
    ...episode,
    escalation: stateOf(escalation, now, 0, next < 0 ? escalation.steps.length : next),
  };
}

/** Where an episode stands that has taken the steps before `next` in this round. */
export function stateOf(escalation: Escalation, startedAt: number, round: number, next: number): EscalationState {
  const { name, steps, repeat, repeatAfterMs } = escalation;
  const step = steps[next];
  const again = round < repeat ? startedAt + steps.at(-1)!.afterMs + repeatAfterMs : undefined;
  const nextAt = step ? startedAt + step.afterMs : again;
  return { name, startedAt, round, next, steps: steps.length, ...(nextAt === undefined ? {} : { nextAt }) };
}
