import type { HeartbeatReport, HeartbeatRun } from '../../model/heartbeat.ts';
import { cut, redactText } from '../../model/redact.ts';

/** What is remembered of a heartbeat, also across restarts. All times are epoch ms. */
export interface HeartbeatRecord {
  /** When it was first configured, or when a gap in our own watching ended: nothing before that is held against the job. */
  readonly since: number;
  /** The last report that ended a run. */
  readonly endedAt: number | null;
  /** The last report of any kind. */
  readonly seenAt: number | null;
  readonly failed: boolean;
  readonly code: number | null;
  readonly message: string | null;
  readonly durationMs: number | null;
  /** Runs that have begun and not ended, oldest first. */
  readonly runs: readonly HeartbeatRun[];
  /** Runs that began while another one went on. */
  readonly overlaps: number;
}

/** More open runs than this are forgotten, oldest first: their ends will not come. */
const mostRuns = 20;
/** So much of what a job says is kept: the end of it, where the error stands. */
export const mostMessage = 4000;

/** A heartbeat that nobody has reported to. */
export function newRecord(now: number): HeartbeatRecord {
  return {
    since: now,
    endedAt: null,
    seenAt: null,
    failed: false,
    code: null,
    message: null,
    durationMs: null,
    runs: [],
    overlaps: 0,
  };
}

/** The record after a report. */
export function recordAfter(before: HeartbeatRecord, report: HeartbeatReport, now: number): HeartbeatRecord {
  const message = report.message ? keptMessage(report.message) : null;
  if (report.kind === 'start') {
    const run = { run: report.run ?? null, at: now };
    const others = before.runs.filter((one) => report.run === undefined || one.run !== report.run);
    return {
      ...before,
      seenAt: now,
      runs: [...others, run].slice(-mostRuns),
      overlaps: before.overlaps + (others.length > 0 ? 1 : 0),
      ...(message === null ? {} : { message }),
    };
  }
  // Without a name the end belongs to the run that began first.
  const ended = report.run === undefined ? before.runs[0] : before.runs.find((one) => one.run === report.run);
  const failed = report.kind === 'failure' || (report.code ?? 0) !== 0;
  return {
    ...before,
    endedAt: now,
    seenAt: now,
    failed,
    code: report.code ?? null,
    message,
    // A clock that was set back between start and end makes no negative duration.
    durationMs: ended ? Math.max(0, now - ended.at) : null,
    runs: before.runs.filter((one) => one !== ended),
  };
}

/** The record on a clock that was set back: nothing has happened after `now`. */
export function nothingAfter(record: HeartbeatRecord, now: number): HeartbeatRecord {
  const before = (at: number | null) => (at === null ? null : Math.min(at, now));
  return {
    ...record,
    since: Math.min(record.since, now),
    endedAt: before(record.endedAt),
    seenAt: before(record.seenAt),
    runs: record.runs.map((one) => ({ ...one, at: Math.min(one.at, now) })),
  };
}

function keptMessage(text: string): string {
  const tail = text.length > mostMessage ? `… ${text.slice(-mostMessage)}` : text;
  return cut(redactText(tail), mostMessage + 100);
}

/** What was written by this version or another; undefined when it cannot be read. */
export function asRecord(value: unknown): HeartbeatRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const raw = value as Record<string, unknown>;
  if (raw.v !== 1 || typeof raw.since !== 'number') return undefined;
  const number = (given: unknown) => (typeof given === 'number' && Number.isFinite(given) ? given : null);
  const runs = Array.isArray(raw.runs) ? (raw.runs as unknown[]) : [];
  return {
    since: raw.since,
    endedAt: number(raw.endedAt),
    seenAt: number(raw.seenAt),
    failed: raw.failed === true,
    code: number(raw.code),
    message: typeof raw.message === 'string' ? raw.message : null,
    durationMs: number(raw.durationMs),
    runs: runs.flatMap((one) => {
      const { run, at } = (one ?? {}) as Record<string, unknown>;
      return typeof at === 'number' ? [{ run: typeof run === 'string' ? run : null, at }] : [];
    }),
    overlaps: number(raw.overlaps) ?? 0,
  };
}
