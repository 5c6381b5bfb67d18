import { formatDuration } from '../../model/duration.ts';
import type { HeartbeatPhase } from '../../model/heartbeat.ts';
import { cut } from '../../model/redact.ts';
import type { HeartbeatRecord } from './record.ts';
import type { Timetable } from './timetable.ts';

/** What a job is allowed. */
export interface Patience {
  readonly graceMs: number;
  /** Undefined: a run must have ended when the next one is due. */
  readonly maxRuntimeMs: number | undefined;
}

/** How a heartbeat stands at a moment, and why. */
export interface HeartbeatVerdict {
  readonly phase: HeartbeatPhase;
  readonly reason: string;
  /** Epoch ms; infinite when nothing is expected any more. */
  readonly expectedAt: number;
  readonly deadlineAt: number;
}

/**
 * Judges a heartbeat at `now`. The next report is expected after the last one that ended a run, but never because of time in which
 * nobody was listening (`since`). A run that was started in time is waited for.
 */
export function judgeHeartbeat(
  record: HeartbeatRecord,
  timetable: Timetable,
  { graceMs, maxRuntimeMs }: Patience,
  now: number,
): HeartbeatVerdict {
  const at = (moment: number) => momentText(moment, timetable.zone);
  // A clock that was set back must not make the last report a thing of the future.
  const from = Math.min(now, Math.max(record.since, record.endedAt ?? 0));
  const expectedAt = timetable.next(from);
  const open = record.runs.at(-1);
  const running = open !== undefined && open.at >= from;
  const inTime = running && open.at <= expectedAt + graceMs;
  const untilNext = inTime ? timetable.next(Math.max(open.at, expectedAt)) : expectedAt;
  const deadlineAt =
    (inTime && maxRuntimeMs !== undefined ? Math.max(open.at, expectedAt) + maxRuntimeMs : untilNext) + graceMs;
  const answer = (phase: HeartbeatPhase, reason: string): HeartbeatVerdict => ({
    phase,
    reason,
    expectedAt,
    deadlineAt,
  });
  const seen = record.seenAt === null ? 'it has never reported' : `last seen at ${at(record.seenAt)}`;

  const oldest = record.runs[0];
  if (oldest && maxRuntimeMs !== undefined && now - oldest.at > maxRuntimeMs) {
    const words = `running for ${formatDuration(now - oldest.at)}, at most ${formatDuration(maxRuntimeMs)} is allowed`;
    return answer('overrun', `${words}; started at ${at(oldest.at)}`);
  }
  if (now > deadlineAt) return answer('late', `expected at ${at(expectedAt)}, ${seen}`);
  if (running)
    return answer('running', `running since ${at(open.at)}${record.failed ? '; the run before failed' : ''}`);
  if (record.failed) {
    const code = record.code === null ? '' : ` with exit code ${record.code}`;
    const said = record.message ? `: ${cut(lastLine(record.message), 300)}` : '';
    return answer('failed', `reported a failure${code} at ${at(record.endedAt ?? now)}${said}`);
  }
  if (record.endedAt === null) return answer('new', `has not reported yet; expected at ${at(expectedAt)}`);
  if (now > expectedAt) return answer('due', `due since ${at(expectedAt)}, missing from ${at(deadlineAt)} on; ${seen}`);
  return answer('ok', `reported at ${at(record.endedAt)}, next expected at ${at(expectedAt)}`);
}

/** `2026-11-25 02:30:00 Europe/Berlin`. */
export function momentText(at: number, zone: string): string {
  if (!Number.isFinite(at) || Math.abs(at) > 8e15) return 'never';
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(at);
  return `${text} ${zone}`;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
