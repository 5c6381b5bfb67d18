import type { Episode } from '../model/alert.ts';
import { formatDuration } from '../model/duration.ts';
import { stateOf } from './escalation.ts';
import { tell } from './life.ts';
import { type Pen, record } from './pen.ts';
import { reminders } from './telling.ts';
import { isKeptQuiet } from './waiting.ts';

/** Takes every step whose time has come. An acknowledgement, a silence or the end of the alert keeps it from going on. */
export function escalate(pen: Pen): void {
  if (pen.escalations.length === 0) return;
  for (const episode of pen.draft.allOpen()) {
    let current = episode;
    while (goesOn(current, pen.now)) {
      const after = stepOn(pen, current);
      if (!after) break;
      current = after;
    }
  }
}

function goesOn(episode: Episode, now: number): boolean {
  const { state, acknowledged, escalation } = episode;
  if (state !== 'firing' || acknowledged || isKeptQuiet(episode)) return false;
  return escalation?.nextAt !== undefined && escalation.nextAt <= now;
}

/** Takes one step: the first channels of a round that begins again are the first step's. Undefined when the escalation is gone. */
function stepOn(pen: Pen, episode: Episode): Episode | undefined {
  const escalation = pen.escalations.find(({ name }) => name === episode.escalation?.name);
  const state = episode.escalation;
  if (!escalation || !state) {
    const { escalation: _, ...free } = episode;
    tell(pen, free, episode.id);
    return undefined;
  }
  const again = state.next >= escalation.steps.length;
  const startedAt = again ? (state.nextAt ?? pen.now) : state.startedAt;
  const round = again ? state.round + 1 : state.round;
  const index = again ? 0 : state.next;
  const step = escalation.steps[index]!;
  const moved: Episode = {
    ...episode,
    escalation: stateOf(escalation, again ? startedAt - step.afterMs : startedAt, round, index + 1),
  };
  const waited = formatDuration(Math.max(0, pen.now - (episode.firedAt ?? episode.startedAt)));
  const id = record(
    pen,
    moved,
    'passed_on',
    `${step.notify.join(', ')} told: nobody acknowledged within ${waited} (${escalation.name}, step ${index + 1} of ${escalation.steps.length}${round > 0 ? `, round ${round + 1}` : ''})`,
  );
  const heard = step.notify.filter((name) => episode.told?.[name] !== undefined);
  const told = tell(pen, moved, id);
  pen.draft.owe(
    reminders(
      told,
      pen.channels.filter(({ name }) => heard.includes(name)),
      id,
      pen.now,
    ),
  );
  return told;
}
