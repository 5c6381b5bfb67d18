import type { Silence, SilenceChange, SilenceRequest } from '../model/alert.ts';
import { formatDuration } from '../model/duration.ts';
import { newId } from '../model/id.ts';
import { compileMatchers } from '../model/matcher.ts';
import { MonitorError } from '../model/problem.ts';
import type { Matcher } from '../model/sample.ts';
import { lookAgain } from './life.ts';
import type { Pen } from './pen.ts';
import { recurrenceProblem } from './recurrence.ts';
import { describeMatchers } from './silencing.ts';

/** A year: longer silences are forgotten silences. */
const longestMs = 366 * 86_400_000;

/** Refuses a silence that cannot be meant: over everything, over no time, with a schedule that never comes. */
export function checkSilence(request: SilenceRequest): void {
  checkMatchers(request.matchers);
  const { durationMs, schedule, untilResolved } = request;
  if (durationMs === undefined && !schedule && !untilResolved) {
    throw new MonitorError('bad-argument', 'A silence needs an end.', {
      hint: 'Give a duration, a schedule, or say that it lasts until the alerts are over.',
    });
  }
  if (durationMs !== undefined) checkLength(durationMs);
  checkSchedule(schedule);
}

function checkMatchers(matchers: readonly Matcher[]): void {
  if (matchers.length === 0) {
    throw new MonitorError('bad-argument', 'A silence without a matcher would silence everything.', {
      hint: 'Give an alert type, or say alert_type=~".*" when you mean everything.',
    });
  }
  compileMatchers(matchers);
}

function checkLength(durationMs: number): void {
  if (durationMs > 0 && durationMs <= longestMs) return;
  throw new MonitorError('bad-argument', `A silence cannot last ${durationMs} ms.`, {
    hint: 'Give a duration of more than 0 and at most 366 days.',
  });
}

function checkSchedule(schedule: SilenceRequest['schedule']): void {
  const problem = schedule && recurrenceProblem(schedule);
  if (problem) throw new MonitorError('bad-argument', `The schedule of a silence cannot be used: ${problem}.`);
}

/** Makes a silence; alerts that it covers tell nobody from now on. */
export function addSilence(pen: Pen, request: SilenceRequest): Silence {
  const { matchers, durationMs, schedule, untilResolved, createdBy, comment } = request;
  const startsAt = Math.max(pen.now, request.startsAt ?? pen.now);
  const silence: Silence = {
    id: newId(pen.now),
    matchers,
    createdAt: pen.now,
    startsAt,
    endsAt: startsAt + (durationMs ?? longestMs),
    createdBy,
    comment,
    ...(schedule ? { schedule } : {}),
    ...(untilResolved ? { untilResolved } : {}),
  };
  pen.draft.putSilence(silence);
  tell(pen, silence, `${createdBy} silenced ${describeMatchers(matchers)} ${lengthOf(silence)}`);
  return silence;
}

function lengthOf({ schedule, untilResolved, startsAt, endsAt, createdAt }: Silence): string {
  if (schedule)
    return `by the schedule ${schedule.cron} (${schedule.timeZone}) for ${formatDuration(schedule.durationMs)} each`;
  const later = startsAt > createdAt ? ` from ${new Date(startsAt).toISOString()}` : '';
  return untilResolved ? `until it is over${later}` : `for ${formatDuration(endsAt - startsAt)}${later}`;
}

/** Changes a silence that has not ended; undefined when there is none with this id. */
export function editSilence(pen: Pen, id: string, change: SilenceChange, by: string): Silence | undefined {
  const before = pen.draft.silences().find((each) => each.id === id);
  if (!before) return undefined;
  if (change.matchers) checkMatchers(change.matchers);
  checkSchedule(change.schedule);
  if (change.endsAt !== undefined) checkLength(change.endsAt - pen.now);
  const silence: Silence = {
    ...before,
    ...(change.matchers ? { matchers: change.matchers } : {}),
    ...(change.endsAt === undefined ? {} : { endsAt: change.endsAt }),
    ...(change.schedule ? { schedule: change.schedule } : {}),
    ...(change.comment === undefined ? {} : { comment: change.comment }),
  };
  pen.draft.putSilence(silence);
  const end =
    silence.untilResolved && change.endsAt === undefined ? '' : `, until ${new Date(silence.endsAt).toISOString()}`;
  tell(pen, silence, `${by} changed the silence of ${describeMatchers(silence.matchers)}${end}`);
  return silence;
}

function tell(pen: Pen, silence: Silence, text: string): void {
  pen.draft.emit({ type: 'silence', silence, ended: false });
  pen.draft.journal({
    id: newId(pen.now),
    at: pen.now,
    kind: 'silence',
    text,
    severity: 'info',
    about: { silence: silence.id },
  });
  lookAgain(pen);
}
