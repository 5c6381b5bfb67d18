import type {
  AgentView,
  AttemptView,
  ChannelView,
  ErrorGroupView,
  ErrorOccurrenceView,
  JournalView,
  ProgressView,
  StoreView,
} from '../../model/api.ts';
import type { ErrorGroup, ErrorOccurrence } from '../../model/error.ts';
import type { JournalEntry } from '../../model/journal.ts';
import type { ChannelState, DeliveryAttempt } from '../../model/notification.ts';
import type { ProgressRun } from '../../model/progress.ts';
import { estimateProgress } from '../../model/progress-estimate.ts';
import type { AgentState } from '../../model/signal.ts';
import type { StoreStats } from '../../model/store.ts';

export function journalView(entry: JournalEntry): JournalView {
  const { id, at, kind, text, severity, about } = entry;
  return { id, at, kind, text, severity, about: { ...about } };
}

export function errorGroupView(group: ErrorGroup): ErrorGroupView {
  return {
    id: group.id,
    type: group.type,
    title: group.title,
    culprit: group.culprit,
    state: group.state,
    first_seen_at: group.firstSeenAt,
    last_seen_at: group.lastSeenAt,
    count: group.count,
    release: group.release ?? null,
    grouped_by: group.groupedBy,
  };
}

export function occurrenceView(occurrence: ErrorOccurrence): ErrorOccurrenceView {
  const { event } = occurrence;
  return {
    id: occurrence.id,
    at: occurrence.at,
    instance: event.instance,
    type: event.type,
    message: event.message,
    stack: event.stack,
    handled: event.handled,
    causes: (event.causes ?? []).map((cause) => ({ ...cause })),
    correlation_id: event.correlationId ?? null,
    request_id: event.requestId ?? null,
    trace_id: event.traceId ?? null,
    context: { ...event.context },
  };
}

export function progressView(run: ProgressRun, now: number): ProgressView {
  const estimate = estimateProgress(run, now);
  const remaining = run.endedAt === undefined ? estimate.remainingSeconds : null;
  return {
    id: run.id,
    name: run.name,
    instance: run.instance,
    state: run.state,
    message: run.message,
    total_items: run.totalItems,
    processed_items: run.processedItems,
    successful_items: run.successfulItems,
    failed_items: run.failedItems,
    skipped_items: run.skippedItems,
    restored_items: run.restoredItems,
    ratio: estimate.ratio,
    elapsed_seconds: estimate.elapsedSeconds,
    items_per_second: estimate.itemsPerSecond,
    remaining_seconds: remaining ? { ...remaining } : null,
    completes_at: estimate.completesAt,
    started_at: run.startedAt,
    updated_at: run.updatedAt,
    ended_at: run.endedAt ?? null,
    batches: run.batches,
    average_batch_seconds: estimate.averageBatchSeconds,
    average_batch_items: estimate.averageBatchItems,
    checkpoint_file: run.checkpointFile ?? null,
    checkpoint_at: run.checkpointAt ?? null,
  };
}

export function agentView(agent: AgentState): AgentView {
  const { source, vitals } = agent;
  return {
    instance: source.instance,
    service: source.service,
    host: source.host,
    pid: source.pid,
    release: source.release,
    framework: source.framework ?? null,
    state: agent.state,
    silent_ms: agent.silentMs,
    first_seen_at: agent.firstSeenAt,
    last_seen_at: agent.lastSeenAt,
    cpu_ratio: vitals?.cpuRatio ?? null,
    rss_bytes: vitals?.rssBytes ?? null,
    heap_used_bytes: vitals?.heapUsedBytes ?? null,
    event_loop_delay_p99_seconds: vitals?.eventLoopDelay.p99 ?? null,
    event_loop_utilization_ratio: vitals?.eventLoopUtilization ?? null,
    dropped: { ...agent.dropped },
  };
}

export function channelView(channel: ChannelState): ChannelView {
  return {
    name: channel.name,
    kind: channel.kind,
    target: channel.target,
    min_severity: channel.minSeverity,
    health: channel.health,
    queued: channel.queued,
    delivered: channel.deliveredCount,
    dead: channel.deadCount,
    last_delivered_at: channel.lastDeliveredAt ?? null,
    last_error: channel.lastError ?? null,
    breaker: channel.breaker,
    opens_at: channel.opensAt ?? null,
    fallback: channel.fallback ?? null,
  };
}

export function attemptView(attempt: DeliveryAttempt): AttemptView {
  const { at, outcome, durationMs, summary, episodeId } = attempt;
  return { at, outcome, duration_ms: durationMs, summary, alert_id: episodeId };
}

export function storeView(stats: StoreStats): StoreView {
  return {
    size_bytes: stats.sizeBytes,
    series: stats.series,
    samples: stats.samplesStored,
    bytes_per_sample: stats.bytesPerSample,
    oldest_at: stats.oldestAt,
    newest_at: stats.newestAt,
    tiers: stats.tiers.map((tier) => ({
      tier: tier.tier,
      retention_days: tier.retentionDays,
      size_bytes: tier.sizeBytes,
      points: tier.points,
      oldest_at: tier.oldestAt,
    })),
    drops: { ...stats.drops },
    overflow: stats.overflow.map((entry) => ({ ...entry })),
    problem: stats.problem ?? null,
  };
}
