import { newId } from '../model/id.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { DeliveryAttempt, DeliveryResult, OutboxEntry } from '../model/notification.ts';

/** A message of the monitor about the channel itself: asked for by somebody, or sent now and then to prove the way. */
export function trialEntry(channel: string, event: 'test' | 'probe', now: number): OutboxEntry {
  const id = newId(now);
  const asked = event === 'test';
  return {
    id,
    episodeId: id,
    transitionId: id,
    channel,
    event,
    facts: {
      alertId: id,
      alertType: asked ? 'test_notification' : 'probe_notification',
      source: 'monitor',
      severity: 'info',
      message: asked
        ? 'This is a test message of the monitor. If you can read it, this channel works.'
        : 'The monitor proves now and then that its messages arrive here. Nothing is wrong.',
      reason: asked ? 'somebody asked for a test' : 'nothing was sent through this channel for a while',
      status: 'firing',
      startedAt: now,
      labels: {},
      context: {},
    },
    state: asked ? 'sending' : 'queued',
    createdAt: now,
    dueAt: now,
    attempts: asked ? 1 : 0,
  };
}

/** Kinds of journal lines that may explain what broke after them. */
const changes: ReadonlySet<JournalEntry['kind']> = new Set([
  'deploy',
  'configuration',
  'app-started',
  'app-stopped',
  'monitor-started',
]);

/** The message about a change, for receivers that lay it beside their incidents; undefined when the line is about something else. */
export function changeEntry(channel: string, line: JournalEntry, now: number): OutboxEntry | undefined {
  if (!changes.has(line.kind)) return undefined;
  const id = newId(now);
  return {
    id,
    episodeId: id,
    transitionId: line.id,
    channel,
    event: 'change',
    facts: {
      alertId: id,
      alertType: line.kind,
      source: 'monitor',
      severity: 'info',
      message: line.text,
      reason: 'something changed',
      status: 'firing',
      startedAt: line.at,
      labels: line.about ?? {},
      context: {},
    },
    state: 'queued',
    createdAt: now,
    dueAt: now,
    attempts: 0,
  };
}

/** The same news for the channel that is told instead; undefined when it had its chance already. */
export function passedOn(entry: OutboxEntry, fallback: string | undefined, now: number): OutboxEntry | undefined {
  const after = [...(entry.after ?? []), entry.channel];
  if (fallback === undefined || after.includes(fallback)) return undefined;
  if (entry.event === 'test' || entry.event === 'probe' || entry.event === 'change') return undefined;
  const { leaseUntil: _, lastError: __, ...rest } = entry;
  return {
    ...rest,
    id: newId(now),
    channel: fallback,
    after,
    state: 'queued',
    createdAt: now,
    dueAt: now,
    attempts: 0,
    facts: { ...entry.facts, reason: `${entry.facts.reason} (told here because ${entry.channel} did not take it)` },
  };
}

/** The record of one attempt. */
export function attemptRecord(
  entry: OutboxEntry,
  at: number,
  durationMs: number,
  result: DeliveryResult,
): DeliveryAttempt {
  return {
    id: newId(at),
    outboxId: entry.id,
    episodeId: entry.episodeId,
    channel: entry.channel,
    at,
    durationMs: Math.round(durationMs * 10) / 10,
    outcome: result.outcome,
    summary: result.summary,
  };
}
