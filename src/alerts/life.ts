import type { Episode, Hold } from '../model/alert.ts';
import { newId } from '../model/id.ts';
import type { JournalEntry } from '../model/journal.ts';
import { isAtLeast, type Severity } from '../model/severity.ts';
import { begun } from './escalation.ts';
import { comeBack, noteChange } from './flap-life.ts';
import { standingHolds } from './holds.ts';
import type { Step } from './machine.ts';
import { type Pen, record, setHolds, transition } from './pen.ts';
import { speak } from './speaking.ts';
import { isWaiting } from './waiting.ts';

/** Writes a step of the state machine: the episode, its transition, what it owes to whom, and the line in the journal. */
export function writeStep(pen: Pen, step: Step): Episode {
  const { draft, now } = pen;
  if (step.kind === undefined) {
    if (isOnlyFigures(draft.open(step.episode.fingerprint), step.episode)) draft.refresh(step.episode);
    else draft.putEpisode(step.episode);
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
  if (step.kind === 'pending' || (step.kind === 'firing' && !draft.open(step.episode.fingerprint)))
    pen.recollection.begin(step.episode);
  const changes = step.kind === 'firing' || step.kind === 'resolved';
  const back = step.kind === 'firing' ? comeBack(pen, step.episode) : step.episode;
  const episode = changes ? noteChange(pen, back, step.kind === 'firing') : back;
  const id = record(pen, episode, step.kind, step.reason);
  if (step.kind === 'firing' || step.kind === 'escalated' || step.kind === 'resolved') note(pen, episode, step.kind);
  if (pen.noise.inhibition.note(episode)) pen.noise.stale = true;
  return tell(pen, episode, id);
}

/**
 * True when an alert goes on as it was and only its newest figures are other ones. They are stored once a minute: a thousand alerts
 * that fire need not be written again at every look, and a crash costs nothing that the next look does not bring back.
 */
function isOnlyFigures(before: Episode | undefined, after: Episode): boolean {
  if (before?.state !== 'firing' || after.state !== 'firing') return false;
  const [old, now] = [before.tally, after.tally];
  if (old?.good !== now?.good || old?.worse !== now?.worse || old?.milder !== now?.milder) return false;
  return Math.floor(before.lastSeenAt / 60_000) === Math.floor(after.lastSeenAt / 60_000);
}

/** Stores the episode together with whatever is owed about it as it stands now. */
export function tell(pen: Pen, episode: Episode, transitionId: string): Episode {
  const held = episode.state === 'firing' ? withHolds(pen, episode) : episode;
  const told = speak(pen, begun(held, pen.escalations, pen.now), transitionId);
  pen.draft.putEpisode(told);
  return told;
}

/** Looks again who is held back and who is not any more, after silences, windows or other alerts changed. */
export function lookAgain(pen: Pen): void {
  pen.noise.stale = false;
  for (const episode of pen.draft.allOpen()) {
    if (episode.state !== 'firing') continue;
    const before = (episode.holds ?? []).filter((hold) => !isWaiting(hold));
    if (sameHolds(before, standingHolds(pen, episode))) continue;
    tell(pen, episode, episode.id);
  }
}

function sameHolds(a: readonly Hold[], b: readonly Hold[]): boolean {
  return (
    a.length === b.length &&
    a.every(
      (hold, i) =>
        hold.kind === b[i]!.kind && hold.by === b[i]!.by && hold.text === b[i]!.text && hold.until === b[i]!.until,
    )
  );
}

/** The episode with what holds it back now; every change of it is a transition with its reason. */
function withHolds(pen: Pen, episode: Episode): Episode {
  const waiting = (episode.holds ?? []).filter(isWaiting);
  const before = (episode.holds ?? []).filter((hold) => !isWaiting(hold));
  const holds = standingHolds(pen, episode);
  const { silencedBy: _, ...rest } = episode;
  const silence = holds.find((hold) => hold.kind === 'silenced');
  const now = setHolds(silence ? { ...rest, silencedBy: silence.by } : rest, [...holds, ...waiting]);
  for (const hold of holds) {
    if (
      hold.kind === 'flapping' ||
      before.some((old) => old.kind === hold.kind && (hold.kind === 'silenced' || old.by === hold.by))
    )
      continue;
    if (hold.kind === 'silenced') {
      const found = pen.draft.silences().find((each) => each.id === hold.by);
      if (found && !found.used) pen.draft.putSilence({ ...found, used: true });
      record(pen, now, 'silenced', hold.text, found?.createdBy);
    } else record(pen, now, 'held', hold.text);
  }
  for (const hold of before) {
    if (hold.kind === 'flapping' || holds.some((fresh) => fresh.kind === hold.kind)) continue;
    if (hold.kind === 'silenced') record(pen, now, 'unsilenced', 'the silence is over');
    else record(pen, now, 'released', `over: ${hold.text}`);
  }
  return now;
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
