/**
 * The agent's heart: what runs on the app's own thread. In come operations, errors, requests, jobs; out goes one batch a second into a
 * channel. It must never block, never throw into the app, never touch a disk or a network by itself, never grow without bound.
 */
import { hostname } from 'node:os';
import type { AlertEnd, ManualAlert } from '../model/alert.ts';
import type { Channel } from '../model/channel.ts';
import type { ProgressRun } from '../model/progress.ts';
import type { OperationDelta, SignalBatch, Source } from '../model/signal.ts';
import type { Trace } from '../model/span.ts';
import { type AgentSettings, defaultAgentSettings } from './agent-settings.ts';
import { type ActiveSpan, ActiveTrace, beginChild, current, type SpanKind } from './context.ts';
import { ErrorBuffer, type ErrorFacts } from './error-buffer.ts';
import { freeze, whyKeep } from './keep.ts';
import { type OperationSlot, Recorder } from './recorder.ts';
import { observe } from './settle.ts';
import { startVitals, type Vitals } from './vitals.ts';

const flushEveryMs = 1000;
/** Orders and jobs that wait for the next batch; far more than anybody gives in a second. */
const mostOrders = 100;
const mostTraces = 100;
/** Traces that have not ended after this many minutes are not counted as under way any more. */
const generations = 16;

/** What one agent gathers and when it sends it. */
export class AgentCore {
  source: Source;
  readonly recorder = new Recorder();
  errors: ErrorBuffer;
  settings: AgentSettings = defaultAgentSettings;
  /** Read on every operation, so kept as plain fields. */
  enabled = true;
  tracing = true;
  framework: string | undefined = undefined;
  /** The configured header names in lower case, as requests have them. */
  headerNames = lowerNames(defaultAgentSettings);
  /** Epoch ms minus `performance.now()`; follows corrections of the wall clock. */
  #epoch = Date.now() - performance.now();
  /** What else belongs into a batch: each is asked once for each of them. */
  readonly parts: (() => Partial<SignalBatch>)[] = [];
  #sequence = 0;
  #channel: Channel | undefined;
  #timer: NodeJS.Timeout | undefined;
  #vitals: Vitals | undefined;
  #traces: Trace[] = [];
  #progress = new Map<string, ProgressRun>();
  #alerts: ManualAlert[] = [];
  #resolved: AlertEnd[] = [];
  #silences: { alertType: string; durationSeconds: number }[] = [];
  #unsilences: { alertType: string }[] = [];
  #dropped: Record<string, number> = {};
  readonly #said = new Set<string>();
  #underWay = 0;
  readonly #byGeneration = new Array<number>(generations).fill(0);
  #generation = 0;

  constructor() {
    const startedAt = Math.round(performance.timeOrigin);
    const host = hostname();
    this.source = {
      instance: `${host}:${process.pid}:${startedAt.toString(36)}`,
      service: process.env['npm_package_name'] ?? 'app',
      host,
      pid: process.pid,
      release: process.env['npm_package_version'] ?? '',
      startedAt,
      runtime: `node ${process.versions.node}`,
    };
    this.errors = new ErrorBuffer(this.source.instance, this.source.release);
  }

  /** Takes the names over that the app gave itself; before the first batch only. */
  identify(names: { readonly service: string | undefined; readonly release: string | undefined }): void {
    this.source = {
      ...this.source,
      service: names.service ?? this.source.service,
      release: names.release ?? this.source.release,
    };
    this.errors = new ErrorBuffer(this.source.instance, this.source.release);
  }

  /** Takes new settings over; requests under way keep what they began with. */
  apply(settings: AgentSettings): void {
    this.settings = settings;
    this.headerNames = lowerNames(settings);
    this.enabled = settings.observability.enabled;
    this.tracing = settings.observability.enabled && settings.observability.tracing_enabled;
  }

  /** Begins to send a batch a second. */
  start(channel: Channel): void {
    this.#channel = channel;
    this.#vitals = startVitals();
    this.#timer = setInterval(() => this.flush(), flushEveryMs);
    this.#timer.unref();
    // A first sign of life at once: the monitor learns who we are before the first second is over.
    this.flush();
  }

  /** Sends what there is now. */
  flush(): void {
    try {
      this.#channel?.send(this.#batch(false));
    } catch {
      this.drop('batches', 1);
    }
  }

  /** At the end of the process: the last batch, delivered before this returns where the channel can. */
  farewell(): void {
    const channel = this.#channel;
    this.#halt();
    try {
      channel?.farewell(this.#batch(true));
    } catch {
      // Nothing is left that could be told.
    }
  }

  /** Sends the last batch and ends the channel. */
  async close(): Promise<void> {
    const channel = this.#channel;
    this.#halt();
    if (!channel) return;
    channel.send(this.#batch(true));
    await channel.close();
  }

  /** Ends recording: the channel said that there is no monitor and will be none. */
  disable(): void {
    this.enabled = false;
    this.tracing = false;
    this.#halt();
  }

  drop(kind: string, amount: number): void {
    if (amount > 0) this.#dropped[kind] = (this.#dropped[kind] ?? 0) + amount;
  }

  /** Times `fn` as one operation; a promise is timed to its settlement. Whatever it returns or throws passes unchanged. */
  track<T>(slot: OperationSlot, kind: SpanKind, fn: () => T): T {
    if (this.tracing) return this.#trackTraced(slot, kind, fn);
    const startedAt = performance.now();
    let result: T;
    try {
      result = fn();
    } catch (error) {
      this.#count(slot, startedAt, true, error);
      throw error;
    }
    if (typeof result === 'object' && result !== null) {
      const observed = observe(result, (failed, error) => this.#count(slot, startedAt, failed, error));
      if (observed) return observed.value;
    }
    slot.sketch.record((performance.now() - startedAt) * 0.001);
    return result;
  }

  /** Begins a span below the current one, or a trace of its own. */
  begin(name: string, kind: SpanKind): ActiveSpan {
    const parent = current.getStore();
    const startedAt = performance.now();
    if (parent && parent.trace.root.durationMs < 0) return beginChild(parent, name, kind, startedAt);
    return this.beginTrace(name, kind, startedAt).root;
  }

  beginTrace(name: string, kind: SpanKind, startedAt: number): ActiveTrace {
    const recording = this.#underWay < this.settings.observability.active_trace_limit;
    this.#underWay += 1;
    const generation = this.#generation;
    this.#byGeneration[generation % generations]! += 1;
    const trace = new ActiveTrace(name, kind, startedAt, recording, generation);
    if (!recording) this.drop('spans', 1);
    return trace;
  }

  /** Ends a span; with the root the whole trace is judged and, if worth it, kept. */
  end(slot: OperationSlot, span: ActiveSpan, failed: boolean, error?: unknown): void {
    if (span.durationMs >= 0) return;
    const now = performance.now();
    const ms = now - span.startedAt;
    span.durationMs = ms;
    slot.sketch.record(ms * 0.001);
    if (failed) {
      slot.errors += 1;
      span.failed = true;
      span.trace.failed = true;
      if (error !== undefined) this.#failure(slot, error, span);
    }
    if (span.parent === undefined) this.#endTrace(slot, span.trace, ms, now);
  }

  /** Ends what was begun by hand, with or without a span. */
  finish(slot: OperationSlot, span: ActiveSpan | undefined, startedAt: number, failed: boolean, error: unknown): void {
    if (span) this.end(slot, span, failed, error);
    else this.#count(slot, startedAt, failed, error);
  }

  /** Says something to whoever runs the app: one line on standard error, the same one only once. */
  warn(text: string): void {
    if (this.#said.has(text) || this.#said.size > 100) return;
    this.#said.add(text);
    try {
      process.stderr.write(`cryoprotect-monitoring: ${text}\n`);
    } catch {
      // Nobody listens.
    }
  }

  /** Records an error unless this very one was recorded before. */
  fault(thrown: unknown, facts: ErrorFacts): string | undefined {
    if (!this.enabled || this.errors.isKnown(thrown)) return undefined;
    return this.errors.add(thrown, facts);
  }

  progress(run: ProgressRun): void {
    this.#progress.set(run.id, run);
    if (this.#progress.size > mostOrders) {
      const oldest = this.#progress.keys().next().value;
      if (oldest !== undefined) this.#progress.delete(oldest);
      this.drop('progress', 1);
    }
  }

  alert(alert: ManualAlert): void {
    this.#order(this.#alerts, alert);
  }

  resolveAlert(end: AlertEnd): void {
    this.#order(this.#resolved, end);
  }

  silence(alertType: string, durationSeconds: number): void {
    this.#order(this.#silences, { alertType, durationSeconds });
  }

  unsilence(alertType: string): void {
    this.#order(this.#unsilences, { alertType });
  }

  #order<T>(list: T[], item: T): void {
    if (!this.enabled) return;
    if (list.length < mostOrders) list.push(item);
    else this.drop('alerts', 1);
  }

  #trackTraced<T>(slot: OperationSlot, kind: SpanKind, fn: () => T): T {
    const span = this.begin(slot.name, kind);
    let result: T;
    try {
      result = current.run(span, fn);
    } catch (error) {
      this.end(slot, span, true, error);
      throw error;
    }
    if (typeof result === 'object' && result !== null) {
      const observed = observe(result, (failed, error) => this.end(slot, span, failed, error));
      if (observed) return observed.value;
    }
    this.end(slot, span, false);
    return result;
  }

  #count(slot: OperationSlot, startedAt: number, failed: boolean, error: unknown): void {
    slot.sketch.record((performance.now() - startedAt) * 0.001);
    if (!failed) return;
    slot.errors += 1;
    if (error !== undefined) this.#failure(slot, error, undefined);
  }

  #failure(slot: OperationSlot, error: unknown, span: ActiveSpan | undefined): void {
    this.fault(error, { context: { operation: slot.name }, span });
  }

  #endTrace(slot: OperationSlot, trace: ActiveTrace, ms: number, now: number): void {
    if (this.#generation - trace.generation < generations) {
      this.#underWay -= 1;
      this.#byGeneration[trace.generation % generations]! -= 1;
    }
    if (!trace.recording) return;
    const why = whyKeep(slot.keep, ms, trace.failed, now);
    if (!why) return;
    if (this.#traces.length >= mostTraces) {
      this.drop('traces', 1);
      return;
    }
    this.#traces.push(freeze(trace, why, this.source.instance, this.#epoch, now));
    if (!slot.slowest || slot.slowest.seconds < ms / 1000) slot.slowest = { seconds: ms / 1000, traceId: trace.id };
  }

  #parts(): Partial<SignalBatch> {
    const out = {};
    for (const part of this.parts) {
      try {
        Object.assign(out, part());
      } catch {
        this.drop('batch_parts', 1);
      }
    }
    return out;
  }

  #halt(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#vitals?.stop();
    this.#channel = undefined;
  }

  #batch(goodbye: boolean): SignalBatch {
    this.#epoch = Date.now() - performance.now();
    this.#turnGeneration();
    const { operations, metrics, folded, metricsLost } = this.recorder.take();
    const { events, lost } = this.errors.take();
    this.drop('operation_names', folded);
    this.drop('metrics', metricsLost);
    this.drop('errors', lost);
    for (const [kind, amount] of Object.entries(this.#channel?.stats.takeLost() ?? {})) this.drop(kind, amount);
    const batch: SignalBatch = {
      version: 1,
      source: this.framework ? { ...this.source, framework: this.framework } : this.source,
      sequence: this.#sequence++,
      at: Date.now(),
      ...some('operations', operations),
      ...some('metrics', metrics),
      ...some('errors', events),
      ...some('progress', [...this.#progress.values()]),
      ...some('traces', this.#traces),
      ...some('alerts', this.#alerts),
      ...some('resolvedAlerts', this.#resolved),
      ...some('silences', this.#silences),
      ...some('unsilences', this.#unsilences),
      ...(this.#vitals ? { vitals: this.#vitals.take() } : {}),
      ...this.#parts(),
      dropped: this.#dropped,
      ...(goodbye ? { goodbye: true } : {}),
    };
    this.#progress.clear();
    this.#traces = [];
    this.#alerts = [];
    this.#resolved = [];
    this.#silences = [];
    this.#unsilences = [];
    this.#dropped = {};
    return batch;
  }

  /** Forgets traces that began a quarter of an hour ago and never ended, or a leak in the app would end the recording of spans. */
  #turnGeneration(): void {
    const minute = Math.floor(performance.now() / 60_000);
    while (this.#generation < minute) {
      this.#generation += 1;
      const index = this.#generation % generations;
      this.#underWay -= this.#byGeneration[index]!;
      this.#byGeneration[index] = 0;
    }
  }
}

function some<K extends string, T>(key: K, list: readonly T[]): { [P in K]?: readonly T[] } {
  return list.length > 0 ? ({ [key]: list } as { [P in K]: readonly T[] }) : {};
}

function lowerNames({ observability }: AgentSettings) {
  return {
    correlationId: observability.correlation_id_header.toLowerCase(),
    requestId: observability.request_id_header.toLowerCase(),
    traceId: observability.trace_id_header.toLowerCase(),
    spanId: observability.span_id_header.toLowerCase(),
  };
}

/** Which category a batch entry has. */
export type Category = OperationDelta['category'];
