/**
 * What comes in: batches of signals from agents, in the app's process or over HTTP. What goes out: samples, sketches, error groups,
 * runs, traces and journal entries in the stores, alerts and silences to the engine, and a view of the processes that report.
 * It must never trust a length, a name or a label, and never throw for what a batch holds.
 */
import { hostname } from 'node:os';
import type { AlertsView } from '../model/alert.ts';
import type { Clock } from '../model/clock.ts';
import type { ErrorGroup } from '../model/error.ts';
import type { Emit } from '../model/event.ts';
import { newId } from '../model/id.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { Log } from '../model/log.ts';
import type { PoolsView } from '../model/pool.ts';
import type { AgentsView, Order } from '../model/signal.ts';
import type { SeriesStore, StateStore } from '../model/store.ts';
import { Agents } from './agents.ts';
import { readBatch, type TrustedBatch } from './batch.ts';
import { DeltaSeries } from './delta-series.ts';
import { ErrorGroups } from './error-groups.ts';
import { OrderBox } from './order-box.ts';
import { PendingChanges } from './pending.ts';
import { Pools } from './pools.ts';
import { ProgressRuns } from './progress-runs.ts';
import { SlowShelf } from './slow-shelf.ts';
import { TraceShelf } from './trace-shelf.ts';
import { VitalSeries } from './vital-series.ts';

/** Batches that wait while one is taken in; more are refused, and their senders keep them. */
const mostWaiting = 500;

export interface IntakeOptions {
  readonly series: SeriesStore;
  readonly state: StateStore;
  readonly alerts: AlertsView;
  readonly emit: Emit;
  readonly clock: Clock;
  readonly log: Log;
  readonly mode: 'standalone' | 'embedded';
}

export type Accepted =
  | { readonly ok: true; readonly orders?: readonly Order[] }
  | { readonly ok: false; readonly message: string };

export interface Intake {
  /** Takes one batch in. Resolves when it was handed to the stores; `ok: false` says why it was refused. Never rejects. */
  accept(batch: unknown): Promise<Accepted>;
  readonly view: AgentsView;
  /** The newest of every watched pool and fallback chain. */
  readonly pools: PoolsView;
  /** Asks a process that reports over HTTP; rejects when it does not answer in time. */
  ask: OrderBox['ask'];
  /** To be called once a second: silence is noticed and series are written here. */
  tick(): void;
  /** Finds jobs again that were open when the monitor ended. */
  start(): Promise<void>;
  /** Writes what is still held back. */
  stop(): Promise<void>;
  /** Says what people say of an error group; resolves when it is durable. undefined for an unknown group. */
  setErrorState(id: string, state: ErrorGroup['state'], by: string): Promise<ErrorGroup | undefined>;
  /** What was lost or refused, by kind, since the start. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Makes the intake of a monitor. */
export function createIntake(options: IntakeOptions): Intake {
  const { clock, log, alerts } = options;
  const dropped: Record<string, number> = {};
  const deltas = new DeltaSeries(options.series, clock);
  const lose = (kind: string, amount: number) => {
    dropped[kind] = (dropped[kind] ?? 0) + amount;
    deltas.count('monitor_dropped_total', { what: kind }, amount);
  };
  const pending = new PendingChanges(options.state, log, (lost) => lose('state_changes', lost));
  const journal = (entry: Omit<JournalEntry, 'id' | 'at'>) => {
    const full: JournalEntry = { ...entry, id: newId(), at: clock.now() };
    pending.put('journal', full);
    options.emit({ type: 'journal', entry: full });
  };
  const host = hostname();
  const agents = new Agents({ clock, host, pid: process.pid, isAlive, journal });
  const vitals = new VitalSeries(options.series, clock);
  const errors = new ErrorGroups({
    state: options.state,
    pending,
    clock,
    emit: options.emit,
    journal,
    onLoss: lose,
    onEvents: ({ id, type }, events) => deltas.count('error_group_events_total', { group: id, type }, events),
  });
  const runs = new ProgressRuns({
    state: options.state,
    pending,
    agents,
    clock,
    emit: options.emit,
    journal,
    isDead: (instance) => isDead(instance, host),
  });
  const traces = new TraceShelf({ state: options.state, pending, clock, log, onLoss: lose });
  const slow = new SlowShelf({ state: options.state, pending, clock, log, onLoss: lose });
  const orderBox = new OrderBox(clock);
  const pools = new Pools({ clock, agents, deltas, pending, slow, journal, onLoss: lose });

  const take = async (batch: TrustedBatch): Promise<void> => {
    if (!agents.heard(batch.source, batch.sequence)) return;
    const { instance } = batch.source;
    for (const operation of batch.operations) deltas.addOperation(operation);
    for (const metric of batch.metrics) if (!deltas.addMetric(metric)) lose('metrics', 1);
    if (batch.vitals) vitals.add(instance, batch.vitals);
    for (const event of batch.errors ?? []) await errors.add(event);
    for (const run of batch.progress ?? []) runs.add(run);
    for (const trace of batch.traces ?? []) traces.add(trace);
    agents.announce(instance, batch.checks ?? []);
    orderBox.answer(instance, batch.answers ?? []);
    for (const pool of batch.pools) pools.add(pool, batch.source);
    for (const chain of batch.fallbacks) pools.addFallback(chain, batch.source);
    await carryOut(batch, alerts, log);
    if (batch.rules) await defineRules(batch, batch.rules, alerts, journal, log);
    for (const [kind, amount] of [...Object.entries(batch.dropped ?? {}), ...Object.entries(batch.refused)])
      lose(kind, amount);
    agents.note(instance, batch.vitals, { ...batch.dropped, ...batch.refused });
    if (batch.goodbye) {
      agents.goodbye(instance);
      deltas.write(true);
      vitals.write(true);
      await options.series.flush();
    }
    await pending.flush();
  };

  let queue: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    view: agents,
    pools,
    ask: (instance, order, timeoutMs) => orderBox.ask(instance, order, timeoutMs),
    dropped,
    async accept(value) {
      const read = readBatch(value);
      if (!read.ok) return read;
      if (waiting >= mostWaiting) return { ok: false, message: 'the monitor is busy; send it again in a few seconds' };
      waiting += 1;
      // One after the other: two batches with the same new error must not make two groups.
      const taken = queue.then(() => take(read.batch));
      queue = taken.catch(() => undefined);
      try {
        await taken;
        const orders = orderBox.take(read.batch.source.instance);
        return orders.length > 0 ? { ok: true, orders } : { ok: true };
      } catch (error) {
        log.error({ err: error }, 'a batch could not be taken in');
        return { ok: false, message: 'the monitor could not take the batch in' };
      } finally {
        waiting -= 1;
      }
    },
    tick() {
      agents.tick();
      runs.tick();
      traces.tick();
      slow.tick();
      pools.tick();
      deltas.write();
      vitals.write();
      void pending.flush();
    },
    start: () => runs.start(),
    setErrorState(id, state, by) {
      // In the queue of the batches: an event that is being taken in must not overwrite it.
      const done = queue.then(async () => {
        const group = await errors.setState(id, state, by);
        if (group && !(await pending.flush())) throw new Error('the state of the error group could not be stored');
        return group;
      });
      queue = done.catch(() => undefined);
      return done;
    },
    async stop() {
      await queue;
      deltas.write(true);
      vitals.write(true);
      await pending.flush();
    },
  };
}

/** Alerts, silences and their ends, as the app orders them. One that fails does not keep the others from being heard. */
async function carryOut(batch: TrustedBatch, alerts: AlertsView, log: Log): Promise<void> {
  const by = batch.source.service;
  const attempt = async (what: string, run: () => Promise<unknown>) => {
    try {
      await run();
    } catch (error) {
      log.error({ err: error }, `${what} ordered by the app failed`);
    }
  };
  for (const { alertType, durationSeconds } of batch.silences ?? []) {
    const matchers = [{ name: 'alert_type', op: '=', value: alertType }] as const;
    await attempt('a silence', () =>
      alerts.silence({ matchers, durationMs: durationSeconds * 1000, createdBy: by, comment: 'ordered by the app' }),
    );
  }
  for (const { alertType } of batch.unsilences ?? []) {
    const same = alerts
      .silences()
      .filter((one) => one.matchers.some((matcher) => matcher.name === 'alert_type' && matcher.value === alertType));
    for (const silence of same) await attempt('the end of a silence', () => alerts.unsilence(silence.id, by));
  }
  for (const alert of batch.alerts ?? []) await attempt('an alert', () => alerts.raise(alert));
  for (const end of batch.resolvedAlerts ?? [])
    await attempt('the end of an alert', () => alerts.resolve(end.alertType, end.source, end.labels));
}

/** Rules in the app's code; what cannot be used is said in the log and the journal, when it is first heard. */
async function defineRules(
  { source, at }: TrustedBatch,
  rules: readonly Readonly<Record<string, unknown>>[],
  alerts: AlertsView,
  journal: (entry: Omit<JournalEntry, 'id' | 'at'>) => void,
  log: Log,
): Promise<void> {
  const { service, startedAt } = source;
  try {
    const refused = await alerts.defineRules({ service, startedAt, uptimeMs: Math.max(0, at - startedAt), rules });
    for (const { id, problems } of refused) {
      const text = `The rule ${id} of ${service} cannot be used: ${problems.join('; ')}`.slice(0, 1000);
      log.warn({ rule: id, service }, text);
      journal({ kind: 'configuration', severity: 'warning', text, about: { rule: id, service } });
    }
  } catch (error) {
    log.error({ err: error, service }, 'rules of an app could not be taken over');
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists, but is not ours to signal.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Instances are `<host>:<pid>:<start>`; only processes of this machine can be known to be dead. */
function isDead(instance: string, host: string): boolean {
  const [where, pid] = splitInstance(instance);
  return where === host && pid !== undefined && pid !== process.pid && !isAlive(pid);
}

function splitInstance(instance: string): [string, number | undefined] {
  const match = /^(.*):(\d+):[^:]*$/.exec(instance);
  return match ? [match[1] ?? '', Number(match[2])] : [instance, undefined];
}
