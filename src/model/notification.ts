import type { Labels } from './sample.ts';
import type { Severity } from './severity.ts';

/**
 * What a notification tells. `reminder` is the same news once more, because nobody acknowledged it; `flapping`
 * says that it comes and goes and is not told each time; `change` is no alert but what may
 * have caused one: a deploy, a restart, another configuration.
 */
export type NotificationEvent =
  | 'firing'
  | 'escalated'
  | 'reminder'
  | 'flapping'
  | 'resolved'
  | 'acknowledged'
  | 'summary'
  | 'change'
  | 'test'
  | 'probe';

/** Where an outbox entry stands. */
export type DeliveryState = 'queued' | 'sending' | 'retry' | 'delivered' | 'dead' | 'superseded' | 'expired';

/** The facts a notification is rendered from; complete, so that a message can be sent long after its cause. */
export interface NotificationFacts {
  /** Id of the episode. */
  readonly alertId: string;
  readonly alertType: string;
  readonly source: string;
  readonly severity: Severity;
  readonly message: string;
  readonly reason: string;
  /** `firing` or `resolved`: what receivers act on. */
  readonly status: 'firing' | 'resolved';
  /** Epoch ms when the problem began. */
  readonly startedAt: number;
  readonly resolvedAt?: number;
  readonly value?: number;
  readonly threshold?: number;
  readonly unit?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The series whose chart explains it, if there is one. */
  readonly series?: { readonly name: string; readonly labels: Labels };
  readonly context: Readonly<Record<string, unknown>>;
  /** Texts of the rule, e.g. `summary`, filled in. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Address of what to do about it. */
  readonly runbook?: string;
}

/** A message that is owed to one channel. Written in the same transaction as the transition that caused it. */
export interface OutboxEntry {
  /** Also the idempotency key: one per (episode, transition, channel), the same on every attempt. */
  readonly id: string;
  readonly episodeId: string;
  readonly transitionId: string;
  /** Name of the channel, e.g. `webhooks[0]`, `slack`, `log`. */
  readonly channel: string;
  readonly event: NotificationEvent;
  readonly facts: NotificationFacts;
  readonly state: DeliveryState;
  readonly createdAt: number;
  /** Epoch ms before which it is not tried (again). */
  readonly dueAt: number;
  readonly attempts: number;
  readonly lastError?: string;
  readonly deliveredAt?: number;
  /** While it is being sent: epoch ms after which whoever looks may take it again, because its sender must have died. */
  readonly leaseUntil?: number;
  /** The channels through which this news did not arrive before it came to this one, first to last. */
  readonly after?: readonly string[];
}

/** One attempt to deliver, for the receipt. */
export interface DeliveryAttempt {
  readonly id: string;
  readonly outboxId: string;
  readonly episodeId: string;
  readonly channel: string;
  readonly at: number;
  readonly durationMs: number;
  readonly outcome: 'delivered' | 'retry' | 'final';
  /** What was sent and what came back, redacted and short, e.g. `POST https://hooks.example/… -> 503`. */
  readonly summary: string;
}

/** What an attempt came to. */
export type DeliveryResult =
  | { readonly outcome: 'delivered'; readonly summary: string }
  | {
      readonly outcome: 'retry' | 'final';
      readonly reason: 'auth' | 'rate-limited' | 'refused' | 'unreachable' | 'timeout' | 'invalid' | 'gone';
      readonly summary: string;
      /** What the receiver asked us to wait (`Retry-After`). */
      readonly retryAfterMs?: number;
    };

/** A way to tell somebody. */
export interface Notifier {
  /** Unique name, e.g. `webhooks[0]`. */
  readonly name: string;
  /** Kind of channel, e.g. `webhook`. */
  readonly kind: string;
  /** Alerts milder than this are not told here. */
  readonly minSeverity: Severity;
  /** Where it goes, without secrets. */
  readonly target: string;
  /** The same problem begins at most once in this time here; escalations and ends always pass. @default 0 */
  readonly throttleMs?: number;
  /** Hard limit of one attempt. @default 30_000 */
  readonly timeoutMs?: number;
  /** How long to wait before a message is sent again whose fate is unknown, because receivers cannot tell repetitions. @default 0 */
  readonly ambiguousWaitMs?: number;
  /** True where every alert must be told by itself, because the receiver opens and closes something for each. @default false */
  readonly individually?: boolean;
  /** What the receiver takes: so many at once, then so many a minute. Without it there is no limit of ours. */
  readonly rate?: { readonly burst: number; readonly perMinute: number };
  /** Name of the channel that is told instead when this one refuses a message or keeps failing. */
  readonly fallback?: string;
  /** A message that proves the way is sent when nothing was delivered for so long. @default never */
  readonly probeEveryMs?: number;
  /** True where an acknowledgement is news to the receiver. @default false */
  readonly acknowledgements?: boolean;
  /** True where changes (deploys, restarts, configuration) are told as well. @default false */
  readonly changes?: boolean;
  /** Whether alerts with these labels (their own, `alert_type`, `source`, `severity`, `rule`) are told here. @default all */
  wants?(labels: Labels): boolean;
  /** Epoch ms from which on a message of this severity may leave; `at` itself when it may at once. @default always */
  opensAt?(at: number, severity: Severity): number;
  /** Sends once. Never throws for what the receiver or the network does: that is a result. */
  deliver(entry: OutboxEntry, signal: AbortSignal): Promise<DeliveryResult>;
  /** Sends many in one request, for receivers that take lists; at most `most` of them. One result for all. */
  readonly together?: {
    readonly most: number;
    deliver(entries: readonly OutboxEntry[], signal: AbortSignal): Promise<DeliveryResult>;
  };
  /** Hears, once at the start, what was delivered lately: newest message of each episode, for receivers that must be told again and again. */
  resume?(delivered: readonly OutboxEntry[]): void;
  close?(): Promise<void>;
}

/** A channel as people see it. */
export interface ChannelState {
  readonly name: string;
  readonly kind: string;
  readonly target: string;
  readonly minSeverity: Severity;
  readonly health: 'ok' | 'failing' | 'unused';
  readonly queued: number;
  readonly deliveredCount: number;
  readonly deadCount: number;
  readonly lastDeliveredAt?: number;
  readonly lastError?: string;
  /** `open`: it is left alone until `opensAt`; `half-open`: the next message decides. */
  readonly breaker: 'closed' | 'open' | 'half-open';
  /** Epoch ms when the next message may be tried, while the channel is left alone or its schedule is closed. */
  readonly opensAt?: number;
  readonly fallback?: string;
}

/** What the link in a notification permits. */
export type AcknowledgeTicket =
  | { readonly valid: true; readonly episodeId: string }
  | { readonly valid: false; readonly why: 'wrong' | 'expired' };

/** What the other rooms may ask of delivery. */
export interface DeliveryView {
  channels(): readonly ChannelState[];
  /** Sends a test message through one channel now; undefined for an unknown channel. */
  test(channel: string): Promise<DeliveryResult | undefined>;
}
