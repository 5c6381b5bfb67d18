import type { Episode, Silence, Transition } from '../model/alert.ts';
import { newId } from '../model/id.ts';
import type { JournalEntry } from '../model/journal.ts';
import { isAtLeast, type Severity } from '../model/severity.ts';
import type { Draft } from './draft.ts';
import { begun, type Escalation, standing } from './escalation.ts';
import type { Step } from './machine.ts';
import { silenceOf } from './silencing.ts';
import { type Channel, owed } from './telling.ts';

/** What it takes to write down what happens to an episode. */
export interface Pen {
  readonly draft: Draft;
  readonly now: number;
  readonly channels: readonly Channel[];
  /** Who is told later, while nobody acknowledges. */
  readonly escalations: readonly Escalation[];
}

/** Writes a step of the state machine: the episode, its transition, what it owes to whom, and the line in the journal. */
export function writeStep(pen: Pen, step: Step): Episode {
  const { draft, now } = pen;
  if (step.kind === undefined) {
    draft.putEpisode(step.episode);
    return step.episode;
  }
  if (step.kind === 'forgotten') {
    draft.forget(step.episode);
    draft.emit({
      type: 'alert',
      episode: step.episode,
      transition: transition(step.episode, 'forgotten', step.reason, now),
    });
    return step.episode;
  }
  const id = record(pen, step.episode, step.kind, step.reason);
  if (step.kind === 'firing' || step.kind === 'escalated' || step.kind === 'resolved')
    note(pen, step.episode, step.kind);
  return tell(pen, step.episode, id);
}

/** Stores the episode together with whatever is owed about it as it stands now. */
export function tell(pen: Pen, episode: Episode, transitionId: string): Episode {
  const silenced = episode.state === 'firing' ? withSilence(pen, episode) : episode;
  const staged = begun(silenced, pen.escalations, pen.now);
  const standingOf = (channel: string) => standing(staged, channel, pen.escalations);
  const { episode: told, entries } = owed(staged, pen.channels, transitionId, pen.now, standingOf);
  pen.draft.putEpisode(told);
  pen.draft.owe(entries);
  return told;
}

/** Looks again who is silenced, after the silences changed or the clock moved. */
export function lookAgain(pen: Pen): void {
  for (const episode of pen.draft.allOpen()) {
    if (episode.state !== 'firing') continue;
    const silence = silenceOf(episode, pen.draft.silences(), pen.now);
    if (silence?.id !== episode.silencedBy) tell(pen, episode, episode.id);
  }
}

function withSilence(pen: Pen, episode: Episode): Episode {
  const silence = silenceOf(episode, pen.draft.silences(), pen.now);
  if (silence?.id === episode.silencedBy) return episode;
  const { silencedBy: before, ...loud } = episode;
  const now: Episode = silence ? { ...loud, silencedBy: silence.id } : loud;
  if (silence && before === undefined) record(pen, now, 'silenced', reasonOf(silence), silence.createdBy);
  if (!silence) record(pen, now, 'unsilenced', 'the silence is over');
  return now;
}

function reasonOf(silence: Silence): string {
  return silence.comment === ''
    ? `silenced by ${silence.createdBy}`
    : `silenced by ${silence.createdBy}: ${silence.comment}`;
}

/** Writes a transition; gives its id. */
export function record(pen: Pen, episode: Episode, kind: Transition['kind'], reason: string, by?: string): string {
  const written = transition(episode, kind, reason, pen.now, by);
  // A pending episode may yet be forgotten without a trace, so its first transition is written when it fires.
  if (kind === 'pending') pen.draft.emit({ type: 'alert', episode, transition: written });
  else pen.draft.record(episode, written);
  return written.id;
}

function transition(episode: Episode, kind: Transition['kind'], reason: string, at: number, by?: string): Transition {
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

function note(pen: Pen, episode: Episode, kind: 'firing' | 'escalated' | 'resolved'): void {
  const text = {
    firing: `${episode.alertType}: ${episode.message}`,
    escalated: `${episode.alertType} is worse (${episode.severity}): ${episode.message}`,
    resolved: `${episode.alertType} is over: ${episode.reason}`,
  }[kind];
  pen.draft.journal({
    id: newId(pen.now),
    at: pen.now,
    kind: 'alert',
    text,
    severity: kind === 'resolved' ? 'info' : journalSeverity(episode.severity),
    about: { alert: episode.id, alert_type: episode.alertType, source: episode.source },
  });
}

function journalSeverity(severity: Severity): JournalEntry['severity'] {
  if (isAtLeast(severity, 'error')) return 'error';
  return severity === 'warning' ? 'warning' : 'info';
}
