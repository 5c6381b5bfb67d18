import { snapshot } from '../model/redact.ts';
import type { RuleInCode } from '../model/rule.ts';
import type { Labels } from '../model/sample.ts';
import { type Severity, severities } from '../model/severity.ts';
import type { Order } from '../model/signal.ts';
import { attach } from './adapter.ts';
import { type AlertHandler, AlertHandlers, type AlertNotice } from './alert-handlers.ts';
import { AgentChecks, type CheckFunction, type CheckOptions } from './checks.ts';
import { CodeRules } from './code-rules.ts';
import { current } from './context.ts';
import { AgentCore } from './core.ts';
import { beginOperation, type Operation, type OperationOptions, slotOf } from './operation.ts';
import { poolsOf, type WatchPoolOptions } from './pools/registry.ts';
import { type ProgressOptions, ProgressTracker } from './progress.ts';
import { RequestWatcher } from './request.ts';
import { plain, rescue, textOf } from './rescue.ts';

/** Where the monitor of this service stands. */
export type MonitorState = 'unstarted' | 'starting' | 'ready' | 'restarting' | 'disabled' | 'failed' | 'stopped';

/** An alert raised by code. */
export interface RaiseOptions {
  /** The component it is about. @default 'application' */
  readonly source?: string;
  /** @default 'error' */
  readonly severity?: Severity;
  readonly labels?: Labels;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** An alert as one object, in the words of the HTTP API. */
export interface AlertInput extends RaiseOptions {
  readonly type: string;
  /** What is wrong, in one sentence. */
  readonly message: string;
}

/** The ids of the request or operation that is running. */
export interface CurrentContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly correlationId: string | undefined;
  readonly requestId: string | undefined;
}

/**
 * What an app sees of its monitor. There is one per process. None of its methods throws, blocks or waits for the monitor; what a
 * function given to it throws passes through unchanged.
 *
 * @example
 * const monitor = startMonitoring(app);
 * const molecule = await monitor.trackOperation('molecule.lookup', () => find(id));
 */
export class MonitoringService {
  static #instance: MonitoringService | undefined;

  /** The process's service; it records nothing lasting until `startMonitoring` was called. */
  static getInstance(): MonitoringService {
    MonitoringService.#instance ??= new MonitoringService();
    return MonitoringService.#instance;
  }

  /** For `startMonitoring` only: the parts behind the service. */
  readonly internals: {
    core: AgentCore;
    readonly rules: CodeRules;
    readonly handlers: AlertHandlers;
    readonly checks: AgentChecks;
    state: MonitorState;
    url: string | null;
    settled: (() => void)[];
  };

  private constructor() {
    const core = new AgentCore();
    const handlers = new AlertHandlers((error) => core.fault(error, { context: { place: 'alert handler' } }));
    const rules = new CodeRules(core);
    core.parts.push(() => rules.part());
    const checks = new AgentChecks();
    core.parts.push(() => checks.part());
    this.internals = { core, rules, handlers, checks, state: 'unstarted', url: null, settled: [] };
  }

  /** Where the monitor stands. */
  get state(): MonitorState {
    return this.internals.state;
  }

  /** Address of the dashboard, once the monitor is ready; null when it has none. */
  get url(): string | null {
    return this.internals.url;
  }

  /** Resolves with true when the monitor is ready, with false when it is disabled, failed or stopped. Nothing needs to wait for it. */
  async ready(): Promise<boolean> {
    while (this.internals.state === 'starting' || this.internals.state === 'restarting') {
      await new Promise<void>((resolve) => this.internals.settled.push(resolve));
    }
    return this.internals.state === 'ready';
  }

  /** Watches another app or server of this process as well. False when its framework is not known. */
  watch(app: unknown): boolean {
    try {
      const { core } = this.internals;
      const framework = attach(app, new RequestWatcher(core));
      core.framework ??= framework;
      return framework !== undefined;
    } catch {
      return false;
    }
  }

  /**
   * Watches a connection pool or database client of the app: pg, mysql2, ioredis, redis, mongodb, or anything with `acquire` and `release`.
   * Who holds connections and since when, who waits, how long queries take. The pool behaves as before; the same pool again changes nothing.
   * Returns what ends the watch; a pool that is ended leaves by itself.
   */
  watchPool(pool: unknown, options?: WatchPoolOptions): () => void {
    return rescue(
      () => poolsOf(this.internals.core).watch(pool, options),
      () => undefined,
    );
  }

  /** Times a function, sync or async, to its settlement, and returns what it returns; what it throws is counted and thrown on. */
  trackOperation<T>(operation: string | OperationOptions, fn: () => T): T;
  /** Begins an operation that ends with `end()` or with the block of `using`. */
  trackOperation(operation: string | OperationOptions): Operation;
  trackOperation<T>(operation: string | OperationOptions, fn?: () => T): T | Operation {
    const { core } = this.internals;
    if (typeof fn !== 'function') return beginOperation(core, operation);
    if (!core.enabled) return fn();
    return core.track(slotOf(core, operation), 'internal', fn);
  }

  /** Like `trackOperation`, counted as database work. */
  trackDatabaseOperation<T>(operation: string | OperationOptions, fn: () => T): T {
    return this.trackOperation({ ...named(operation), category: 'database' }, fn);
  }

  /** Like `trackOperation`, counted as API work, unless it happens within a request, which is counted already. */
  trackApiOperation<T>(operation: string | OperationOptions, fn: () => T): T {
    const inRequest = current.getStore()?.trace.isRequest === true;
    return this.trackOperation({ ...named(operation), category: inRequest ? 'other' : 'api' }, fn);
  }

  /** Follows a batch job: how far, how fast, until when; with a checkpoint if asked for. */
  trackProgress(name: string, total: number | ProgressOptions = {}): ProgressTracker {
    const options: ProgressOptions = typeof total === 'number' ? { totalItems: total } : plain(total);
    return new ProgressTracker(this.internals.core, name, options);
  }

  /**
   * Records an error that was handled. Give the error itself where there is one: its stack, its causes and its own type tell more.
   * Secrets in the context are masked, whatever else it holds is cut to size.
   */
  recordError(type: string, message: unknown, stack?: string | null, context?: unknown): void {
    const { core } = this.internals;
    if (!core.enabled) return;
    const isError = typeof message === 'object' && message !== null;
    if (isError) core.errors.isKnown(message);
    core.errors.add(message, {
      type: typeof type === 'string' && type !== '' ? type : undefined,
      ...(isError ? {} : { stack: typeof stack === 'string' ? stack : '' }),
      ...(isError && typeof stack === 'string' ? { stack } : {}),
      context,
    });
  }

  /** Adds to a counter; it charts itself under its name. Names end in `_total` by custom. */
  counter(name: string, value = 1, labels: Labels = {}): void {
    this.internals.core.recorder.counter(textOf(name, 120), value, textLabels(labels));
  }

  /** Sets a gauge. */
  gauge(name: string, value: number, labels: Labels = {}): void {
    this.internals.core.recorder.gauge(textOf(name, 120), value, textLabels(labels));
  }

  /** Adds a value to a distribution, e.g. a size or a duration; percentiles come with it. */
  histogram(name: string, value: number, labels: Labels = {}): void {
    this.internals.core.recorder.histogram(textOf(name, 120), value, textLabels(labels));
  }

  /** Raises an alert. The same type and source again refreshes it; `resolveAlert` ends it. */
  raiseAlert(alertType: string, message: string, options: RaiseOptions = {}): void {
    const { source, severity, labels, context } = plain(options);
    this.internals.core.alert({
      alertType: textOf(alertType, 100),
      message: textOf(message, 1000),
      source: typeof source === 'string' && source !== '' ? source.slice(0, 100) : 'application',
      severity: severities.find((known) => known === severity) ?? 'error',
      labels: textLabels(labels),
      ...(context === undefined
        ? {}
        : { context: snapshot({ ...guarded(context) }, { patterns: false }) as Record<string, unknown> }),
    });
  }

  /** Raises an alert, like `raiseAlert`, with everything in one object. */
  alert(alert: AlertInput): void {
    const { type, message, ...options } = plain(alert);
    this.raiseAlert(type as string, message as string, options);
  }

  /** Ends alerts that code raised with this type: all of them, those of one source, or those that also have these labels. */
  resolveAlert(alertType: string, which?: string | { readonly source?: string; readonly labels?: Labels }): void {
    const { source, labels } = typeof which === 'string' ? { source: which, labels: undefined } : plain(which);
    this.internals.core.resolveAlert({
      alertType: textOf(alertType, 100),
      ...(source === undefined ? {} : { source: textOf(source, 100) }),
      ...(labels === undefined ? {} : { labels: textLabels(labels) }),
    });
  }

  /**
   * Defines a rule as it could stand in the configuration (docs/rules.md), or one that judges the number a function of yours gives.
   * One with the same id is replaced. The monitor remembers it also while this process is away.
   *
   * @example
   * monitor.defineRule({ id: 'queue_long', value: () => queue.length, above: 100, for: '5m' });
   */
  defineRule(rule: RuleInCode): void {
    rescue(() => this.internals.rules.define(rule), undefined);
  }

  /** Takes a rule back that code defined. False when there is none with this id. */
  removeRule(id: string): boolean {
    return this.internals.rules.remove(textOf(id, 100));
  }

  /** Calls `handler` for every alert that fires, gets worse or is resolved. False when it was there already. */
  addAlertHandler(handler: AlertHandler): boolean {
    return this.internals.handlers.add(handler);
  }

  removeAlertHandler(handler: AlertHandler): boolean {
    return this.internals.handlers.remove(handler);
  }

  /**
   * Adds a check of the app's own: the monitor has it run here, on its clock and under its deadline, and treats the result as that of any
   * other check. The same name again takes the new function.
   *
   * @example
   * monitor.addCheck('search index', async () => (await index.count()) > 0, { intervalSeconds: 30 });
   */
  addCheck(name: string, fn: CheckFunction, options?: CheckOptions): void {
    const problem = this.internals.checks.add(name, fn, options);
    if (problem !== undefined) this.internals.core.warn(problem);
  }

  /** Takes a check out again. False when there was none of this name. */
  removeCheck(name: string): boolean {
    return this.internals.checks.remove(name);
  }

  /** Nobody is told of alerts of this type for a while; they are recorded all the same. */
  silenceAlert(alertType: string, durationSeconds = 3600): void {
    const seconds = typeof durationSeconds === 'number' && durationSeconds > 0 ? durationSeconds : 3600;
    this.internals.core.silence(textOf(alertType, 100), Math.min(seconds, 366 * 86_400));
  }

  /** Ends the silences of this type. */
  unsilenceAlert(alertType: string): void {
    this.internals.core.unsilence(textOf(alertType, 100));
  }

  /** The ids of the request or operation that is running, for logs and messages; undefined outside of one. */
  context(): CurrentContext | undefined {
    const span = current.getStore();
    if (!span) return undefined;
    return {
      traceId: span.trace.id,
      spanId: span.id,
      correlationId: span.trace.correlationId,
      requestId: span.trace.requestId,
    };
  }

  /** Sends what has gathered, without waiting for the second to be over. */
  flush(): void {
    this.internals.core.flush();
  }

  /** Ends the monitor of this process; everything recorded so far is delivered first, within a few seconds. */
  async stop(): Promise<void> {
    if (this.internals.state === 'stopped') return;
    const started = this.internals.state !== 'unstarted';
    this.move('stopped');
    if (started) await this.internals.core.close();
  }

  /** For `startMonitoring` only: a new state. */
  move(state: MonitorState, url: string | null = this.internals.url): void {
    this.internals.state = state;
    this.internals.url = url;
    for (const settle of this.internals.settled.splice(0)) settle();
  }

  /** For `startMonitoring` only: carries out what the monitor orders. */
  async obey(order: Order): Promise<unknown> {
    if (order.kind === 'alert') return this.internals.handlers.call(order.alert as unknown as AlertNotice);
    return this.internals.checks.run(order.check, order.timeoutMs);
  }
}

function named(operation: string | OperationOptions): OperationOptions {
  return typeof operation === 'string' ? { name: operation } : { ...operation };
}

/** An object to copy from, whatever was given. */
function guarded(value: unknown): object {
  const copy = snapshot(value, { patterns: false });
  return typeof copy === 'object' && copy !== null ? copy : { value: copy };
}

const noLabels: Labels = {};

/** Labels as texts. Plain objects with a few texts, which is what everybody gives, are taken as they are. */
function textLabels(labels: unknown): Labels {
  if (labels === undefined || labels === null) return noLabels;
  if (rescue(() => isPlain(labels), false)) return labels as Labels;
  const copy = snapshot(labels ?? {}, { depth: 1, width: 10, patterns: false });
  const out: Record<string, string> = {};
  if (typeof copy === 'object' && copy !== null)
    for (const [name, value] of Object.entries(copy)) out[name] = String(value);
  return out;
}

function isPlain(labels: object): boolean {
  if (Object.getPrototypeOf(labels) !== Object.prototype) return false;
  const properties = Object.getOwnPropertyDescriptors(labels);
  const values = Object.values(properties);
  return values.length <= 10 && values.every((one) => typeof one.value === 'string' && one.value.length <= 200);
}
