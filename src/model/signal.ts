import type { AlertEnd, ManualAlert } from './alert.ts';
import type { ErrorEvent } from './error.ts';
import type { FallbackReport, PoolReport } from './pool.ts';
import type { ProgressRun } from './progress.ts';
import type { Labels } from './sample.ts';
import type { Trace } from './span.ts';

/** The process a batch comes from. */
export interface Source {
  /** Unique per process: `<host>:<pid>:<start>`. */
  readonly instance: string;
  readonly service: string;
  readonly host: string;
  readonly pid: number;
  readonly release: string;
  readonly startedAt: number;
  readonly runtime: string;
  readonly framework?: string;
}

/** What one operation did since the previous batch. */
export interface OperationDelta {
  /** e.g. `GET /api/v1/molecules/:id`, `db_import.write`. Bounded in number by the agent. */
  readonly operation: string;
  readonly category: 'database' | 'api' | 'other';
  readonly errors: number;
  readonly items: number;
  readonly bytes: number;
  /** An encoded `Sketch` of durations in seconds; its count is the number of operations. */
  readonly durations: Uint8Array;
  /** Exemplar: the slowest one with a trace. */
  readonly slowest?: { readonly seconds: number; readonly traceId: string };
}

/** A metric of the app's own. Counters are deltas since the previous batch. */
export type MetricDelta =
  | { readonly kind: 'counter' | 'gauge'; readonly name: string; readonly labels: Labels; readonly value: number }
  | { readonly kind: 'histogram'; readonly name: string; readonly labels: Labels; readonly sketch: Uint8Array };

/** The vital signs of the app's process since the previous batch. */
export interface ProcessVitals {
  readonly cpuRatio: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly eventLoopUtilization: number;
  /** Seconds. */
  readonly eventLoopDelay: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly gcSeconds: number;
  readonly activeHandles: number;
  readonly uptimeSeconds: number;
  /** Open files and sockets; absent where the system does not tell. */
  readonly openFiles?: number;
  /** Bytes in use of each space of V8's heap, e.g. `{ old: 12_000_000 }`; not in every batch. */
  readonly heapSpaces?: Readonly<Record<string, number>>;
}

/** A check of the app's own, as the monitor is told of it. */
export interface AnnouncedCheck {
  readonly name: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly component: 'application' | 'database' | 'api';
  /** Empty when the app says nothing. */
  readonly explanation: string;
}

/** What the agent hands to the channel, about once a second. Everything is optional but who and when. */
export interface SignalBatch {
  readonly version: 1;
  readonly source: Source;
  /** Counts up by one per batch of a source; a gap is loss, a repetition is dropped. */
  readonly sequence: number;
  readonly at: number;
  readonly operations?: readonly OperationDelta[];
  readonly metrics?: readonly MetricDelta[];
  readonly errors?: readonly ErrorEvent[];
  readonly progress?: readonly ProgressRun[];
  readonly traces?: readonly Trace[];
  readonly alerts?: readonly ManualAlert[];
  /** Alert types whose hand-raised alerts are over. */
  readonly resolvedAlerts?: readonly AlertEnd[];
  /** Every rule that the process defines in code; sent after a change and once a minute. */
  readonly rules?: readonly Readonly<Record<string, unknown>>[];
  readonly silences?: readonly { readonly alertType: string; readonly durationSeconds: number }[];
  readonly unsilences?: readonly { readonly alertType: string }[];
  /** Every watched pool, whether it did something or not. */
  readonly pools?: readonly PoolReport[];
  readonly fallbacks?: readonly FallbackReport[];
  readonly vitals?: ProcessVitals;
  /** All checks of the app's own; absent when it has none. */
  readonly checks?: readonly AnnouncedCheck[];
  /** Answers to orders that came over a channel without a way back of its own. */
  readonly answers?: readonly Answer[];
  /** What the agent could not keep, by kind, since the previous batch. */
  readonly dropped?: Readonly<Record<string, number>>;
  /** The process is about to end in an orderly way. */
  readonly goodbye?: boolean;
}

/** What the monitor asks of an agent. Answered by an `Answer` with the same id, or timed out by the monitor. */
export type Order =
  | { readonly id: number; readonly kind: 'run-check'; readonly check: string; readonly timeoutMs: number }
  | { readonly id: number; readonly kind: 'alert'; readonly alert: Readonly<Record<string, unknown>> };

export interface Answer {
  readonly id: number;
  readonly ok: boolean;
  readonly value: unknown;
}

/** A process that reports to this monitor. */
export interface AgentState {
  readonly source: Source;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** `live`, `blocked` (same process, silent), `gone` (said goodbye) or `lost` (remote and silent). */
  readonly state: 'live' | 'blocked' | 'gone' | 'lost';
  /** How long its event loop has been silent, ms; 0 when live. */
  readonly silentMs: number;
  readonly vitals?: ProcessVitals;
  readonly dropped: Readonly<Record<string, number>>;
  /** Its own checks, as its newest batch announced them. */
  readonly checks?: readonly AnnouncedCheck[];
}

/** What the other rooms may ask about agents. */
export interface AgentsView {
  all(): readonly AgentState[];
}
