import type { Severity } from './severity.ts';

/** What a notification tells. */
export type NotificationEvent = 'firing' | 'escalated' | 'resolved' | 'acknowledged' | 'summary' | 'test';

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
  readonly context: Readonly<Record<string, unknown>>;
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
  /** Sends once. Never throws for what the receiver or the network does: that is a result. */
  deliver(entry: OutboxEntry, signal: AbortSignal): Promise<DeliveryResult>;
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
}

/** What the other rooms may ask of delivery. */
export interface DeliveryView {
  channels(): readonly ChannelState[];
  /** Sends a test message through one channel now; undefined for an unknown channel. */
  test(channel: string): Promise<DeliveryResult | undefined>;
}
