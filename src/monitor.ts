/**
 * Puts the monitor together: opens the data directory, starts every room and passes data from one to the next.
 * With `agent.ts`, `worker.ts` and `configuration.ts` the only place where rooms meet. It decides nothing itself.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AlertEngine, createAlertEngine, type SeriesTap, tapSeries } from './alerts/index.ts';
import {
  createChecks,
  createHeartbeats,
  createScheduler,
  createSystemSampler,
  openMaintenancePlan,
  type Scheduler,
} from './checks/index.ts';
import { type Configuration, changedSettings } from './configuration.ts';
import { createIntake, type Intake } from './intake/index.ts';
import type { SelfView } from './model/api.ts';
import type { Check } from './model/check.ts';
import { type Clock, systemClock } from './model/clock.ts';
import { createEvents, type Emit, type Events } from './model/event.ts';
import type { HeartbeatsView } from './model/heartbeat.ts';
import type { Log } from './model/log.ts';
import { poolLimitsOf } from './model/pool-verdict.ts';
import type { AgentState, Order } from './model/signal.ts';
import type { SeriesStore } from './model/store.ts';
import { version } from './model/version.ts';
import { type AcknowledgeLinks, createAcknowledgeLinks } from './monitor/acknowledge-links.ts';
import { alertHistory } from './monitor/alert-history.ts';
import { samplesOf } from './monitor/check-samples.ts';
import { clockDuty, forgettingDuty, ownFiguresDuty } from './monitor/duties.ts';
import { journalWriter } from './monitor/journal-writer.ts';
import { type LifeRecord, recordLife } from './monitor/life.ts';
import { type Duty, startRounds } from './monitor/rounds.ts';
import { createStopList, type StopList } from './monitor/stop-list.ts';
import { worstFallbacks, worstPools } from './monitor/worst-pools.ts';
import { createDelivery, createNotifiers, type Delivery } from './notify/index.ts';
import { createServer } from './server/index.ts';
import {
  type DiskStateStore,
  lockDataDirectory,
  openSeriesStore,
  openStateStore,
  removeRuntimeFile,
  writeRuntimeFile,
} from './store/index.ts';

export interface MonitorOptions {
  readonly configuration: Configuration;
  /** `embedded`: in a worker thread of the app that is watched. */
  readonly mode: 'standalone' | 'embedded';
  readonly log: Log;
  readonly clock?: Clock;
  /** Checks of your own making, see `defineCheck` of `cryoprotect-monitoring/checks`. */
  readonly checks?: readonly Check[];
  /** Embedded: asks the application that this monitor lives in; rejects when it does not answer in time. */
  readonly order?: (order: Omit<Extract<Order, { kind: 'run-check' }>, 'id'>, timeoutMs: number) => Promise<unknown>;
}

/** A monitor that runs. */
export interface Monitor {
  /** Base address of the dashboard without `/monitoring`; null when it is off. */
  readonly url: string | null;
  /** What it watches, one line each, for people. */
  describe(): string[];
  /** Takes a batch of an agent in. */
  accept(batch: unknown): Promise<{ readonly ok: true } | { readonly ok: false; readonly message: string }>;
  /** Hears of everything that happens in the monitor; returns the function that ends listening. */
  listen(listener: Emit): () => void;
  /**
   * Takes a new configuration over: every room ends in order and starts again with it, which takes about a second.
   * When the monitor cannot run with it, the old one stays in force and the reason is thrown.
   */
  reload(configuration: Configuration): Promise<void>;
  /** Stops every room in the reverse order of their start; everything taken in is on the disk afterwards. Idempotent. */
  stop(): Promise<void>;
}

/** What every part of the assembly works with. */
interface Site extends MonitorOptions {
  readonly clock: Clock;
  readonly startedAt: number;
  readonly dataDir: string;
  /** null = no dashboard. */
  readonly port: number | null;
  readonly events: Events;
  readonly stops: StopList;
}

interface Data {
  readonly state: DiskStateStore;
  readonly series: SeriesStore;
  /** The store itself: what is imported into it is the past, and no rule hears it. */
  readonly plainSeries: SeriesStore;
  /** The series store as everybody appends to it, so that rules hear the points. */
  readonly tap: SeriesTap;
  readonly life: LifeRecord;
}

interface Rooms {
  readonly alerts: AlertEngine;
  readonly delivery: Delivery;
  readonly links: AcknowledgeLinks;
  readonly intake: Intake;
  readonly scheduler: Scheduler;
  readonly heartbeats: HeartbeatsView;
  readonly sampler: { start(): void };
  /** What the monitor costs and loses, asked at any time. */
  self(): Omit<SelfView, 'stream_clients'>;
}

/** Where the built dashboard lies: the same folder for `dist/monitor.js` and, in development, for `src/monitor.ts`. */
const assetsDir = fileURLToPath(new URL('../dist/dashboard', import.meta.url));

/**
 * Starts a monitor.
 * @throws MonitorError `data-directory-taken`, `data-directory-unusable`, `port-taken`, `login-required`; whatever was started is stopped again.
 */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  const events = createEvents((error) => options.log.error({ err: error }, 'a listener failed'));
  let configuration = options.configuration;
  let house = await build({ ...options, configuration }, events);
  let stopped = false;
  return {
    get url() {
      return house.url;
    },
    describe: () => house.rooms.scheduler.view.all().map((one) => `${one.check.name} (${one.check.target})`),
    accept: (batch) => house.rooms.intake.accept(batch),
    listen: (listener) => events.listen(listener),
    async reload(fresh) {
      await house.stop();
      if (stopped) return;
      try {
        house = await build({ ...options, configuration: fresh }, events);
        house.note({ kind: 'configuration', severity: 'info', text: reloadText(configuration, fresh) });
        configuration = fresh;
      } catch (error) {
        house = await build({ ...options, configuration }, events);
        throw error;
      }
    },
    stop: () => {
      stopped = true;
      return house.stop();
    },
  };
}

/** What a reload changed, by name: values may be secret. */
function reloadText(before: Configuration, after: Configuration): string {
  const changed = changedSettings(before.settings, after.settings);
  const named = changed.slice(0, 8).join(', ');
  const more = changed.length > 8 ? ` and ${changed.length - 8} more` : '';
  return changed.length === 0 ? 'Configuration read again, nothing changed' : `Configuration changed: ${named}${more}`;
}

/** One configuration's monitor, running. */
async function build(options: MonitorOptions, events: Events) {
  const { monitoring } = options.configuration.settings;
  const clock = options.clock ?? systemClock;
  const stops = createStopList(options.log);
  const site: Site = {
    ...options,
    clock,
    startedAt: clock.now(),
    dataDir: resolve(monitoring.monitoring_dir),
    port: monitoring.dashboard_enabled ? monitoring.dashboard_port : null,
    events,
    stops,
  };
  try {
    const data = await openData(site);
    const rooms = await furnish(site, data);
    const url = await serve(site, data, rooms);
    await setOff(site, data, rooms);
    const note = journalWriter({ state: data.state, clock, log: options.log, emit: events.emit });
    return { url, rooms, note, stop: () => stops.unwind() };
  } catch (error) {
    await stops.unwind();
    throw error;
  }
}

async function openData({ configuration, dataDir, port, stops, log, clock, events, mode }: Site): Promise<Data> {
  const { settings } = configuration;
  const url = port === null ? null : `http://127.0.0.1:${port}`;
  const lock = await lockDataDirectory(dataDir, { pid: process.pid, url });
  stops.add('lock', () => lock.release());
  const state = await openStateStore({ dir: dataDir, log, clock });
  stops.add('state store', () => state.close());
  const series = await openSeriesStore({
    dir: dataDir,
    settings: { ...settings.store, retention_days: settings.monitoring.metrics_retention_days },
    log,
    clock,
  });
  stops.add('series store', () => series.close());
  const tap = tapSeries(series);
  const life = await recordLife({ state, clock, log, emit: events.emit, mode });
  stops.add('life record', () => life.end());
  return { state, series: tap.store, plainSeries: series, tap, life };
}

/** Makes the rooms and joins them. Nothing moves yet. */
async function furnish(site: Site, { state, tap }: Data): Promise<Rooms> {
  const series = tap.store;
  const { clock, log, events, stops, mode } = site;
  const { monitoring, ...settings } = site.configuration.settings;
  const sections = {
    database: settings.database_monitoring,
    api: settings.api_monitoring,
    system: settings.system_monitoring,
  };

  const note = journalWriter({ state, clock, log, emit: events.emit });
  const heartbeats = createHeartbeats({
    settings: settings.heartbeats,
    state,
    clock,
    log,
    onReport: (id) => void scheduler.view.runNow(id),
  });
  stops.add('heartbeats', () => heartbeats.stop());
  // Before the door for reports opens: what comes in must meet what is known.
  await heartbeats.start();
  const checks = createChecks({
    ...sections,
    extra: [...heartbeats.checks, ...(site.checks ?? [])],
    intervals: monitoring.health_check_intervals,
    forbidPrivateTargets: settings.server.forbid_private_targets,
    agents: { all: () => intake.view.all() },
    pools: { pools: () => intake.pools.pools() },
    runIn: (agent, check, timeoutMs) => runInApplication(site, intake, agent, { kind: 'run-check', check, timeoutMs }),
    note,
    clock,
    log,
  });
  const { public_url: publicUrl, acknowledge_link_hours: hours } = settings.server;
  const links = await createAcknowledgeLinks({ state, clock, publicUrl: site.port === null ? '' : publicUrl, hours });
  const notifiers = createNotifiers({
    settings: settings.notifications,
    log,
    version,
    clock,
    links,
    history: alertHistory(series),
  });
  const delivery = createDelivery({
    notifiers,
    state,
    clock,
    emit: events.emit,
    log,
    onOutcome: (outcome) => void alerts.observeDelivery(outcome),
  });
  stops.add('delivery', () => delivery.stop());
  const alerts = await createAlertEngine({
    settings: settings.alerts,
    thresholds: monitoring.alert_thresholds,
    checks: sections,
    checkIds: checks.fixed.map((check) => check.info.id),
    state,
    series,
    tap,
    channels: () => notifiers,
    clock,
    emit: events.emit,
    log,
    onOwed: (entries, stored) => delivery.take(entries, stored),
  });
  stops.add('alerts', () => alerts.stop());
  const intake = createIntake({ series, state, alerts: alerts.view, emit: events.emit, clock, log, mode });
  stops.add('intake', () => intake.stop());
  const unlisten = events.listen((event) => {
    if (event.type === 'progress') void alerts.observeProgress(event.run);
    if (event.type === 'error') void alerts.observeError(event);
    if (event.type === 'journal') {
      alerts.observeChange(event.entry);
      delivery.tellChange(event.entry);
    }
  });
  stops.add('job watch', unlisten);
  const scheduler = createScheduler({
    checks,
    clock,
    log,
    state,
    maintenance: await openMaintenancePlan({
      windows: settings.maintenance_windows,
      state,
      clock,
      log,
      onOpen: ({ name, to }) =>
        note({ kind: 'check', text: `Maintenance “${name}” until ${new Date(to).toISOString()}`, severity: 'info' }),
    }),
    onResult: (result) => {
      series.append(samplesOf(result));
      void alerts.observe(result);
      events.emit({ type: 'check', result });
    },
  });
  stops.add('checks', () => scheduler.stop());

  const vitals = new Map<string, number>();
  const sampler = createSystemSampler({
    settings: settings.system_monitoring,
    clock,
    log,
    onSamples: (samples) => {
      series.append(samples);
      for (const sample of samples) if (sample.labels.process === 'monitor') vitals.set(sample.name, sample.value);
    },
  });
  stops.add('sampler', () => sampler.stop());

  const self = () => ({
    version,
    pid: process.pid,
    mode,
    started_at: site.startedAt,
    cpu_ratio: vitals.get('process_cpu_ratio') ?? 0,
    rss_bytes: vitals.get('process_memory_rss_bytes') ?? process.memoryUsage.rss(),
    event_loop_delay_p99_seconds: vitals.get('process_event_loop_delay_p99_seconds') ?? 0,
    outbox_queued: delivery.view.channels().reduce((sum, channel) => sum + channel.queued, 0),
    store_size_bytes: series.stats().sizeBytes,
    dropped: { ...series.stats().drops, ...intake.dropped },
  });
  return { alerts, delivery, links, intake, scheduler, heartbeats: heartbeats.view, sampler, self };
}

/** The application we live in is asked directly, another over its batches. */
function runInApplication(
  { order }: Site,
  intake: Intake,
  { source }: AgentState,
  wish: Omit<Extract<Order, { kind: 'run-check' }>, 'id'>,
): Promise<unknown> {
  const isOurs = order !== undefined && source.pid === process.pid && source.host === hostname();
  return isOurs ? order(wish, wish.timeoutMs) : intake.ask(source.instance, wish, wish.timeoutMs);
}

/** Opens the dashboard and the API, and tells the command line where they are. */
async function serve(site: Site, { state, plainSeries }: Data, rooms: Rooms): Promise<string | null> {
  const { configuration, clock, log, events, mode, dataDir, startedAt, port, stops } = site;
  const token = randomBytes(24).toString('base64url');
  let url: string | null = null;
  if (port !== null) {
    const server = createServer({
      settings: configuration.settings.server,
      prometheus: configuration.settings.prometheus,
      port,
      dataDir,
      assetsDir,
      token,
      mode,
      version,
      startedAt,
      state,
      series: plainSeries,
      checks: rooms.scheduler.view,
      heartbeats: rooms.heartbeats,
      alerts: rooms.alerts.view,
      delivery: rooms.delivery.view,
      acknowledgeLink: (token) => rooms.links.read(token),
      agents: rooms.intake.view,
      pools: rooms.intake.pools,
      poolLimits: poolLimitsOf(configuration.settings.database_monitoring),
      acceptSignals: (batch) => rooms.intake.accept(batch),
      setErrorState: (id, to, by) => rooms.intake.setErrorState(id, to, by),
      config: () => ({
        file: configuration.file,
        warnings: [...configuration.warnings],
        settings: configuration.describe(),
      }),
      self: rooms.self,
      storeProblem: () => state.problem,
      events,
      clock,
      log,
    });
    ({ url } = await server.start());
    rooms.links.listensOn(url);
    stops.add('server', () => server.stop());
  }
  await writeRuntimeFile(dataDir, { pid: process.pid, url, version, started_at: startedAt, mode, token });
  stops.add('runtime file', () => removeRuntimeFile(dataDir));
  return url;
}

/** Sets everything in motion. */
async function setOff(site: Site, { state, series, life }: Data, rooms: Rooms): Promise<void> {
  const { clock, log, events, stops, configuration } = site;
  const { alerts, intake, delivery, scheduler, sampler } = rooms;
  await intake.start();
  await delivery.start();
  await scheduler.start();
  sampler.start();
  const duties: Duty[] = [
    { name: 'agent round', everyMs: 500, run: () => intake.tick() },
    { name: 'alert round', everyMs: 1000, run: () => alerts.tick() },
    { name: 'store watch', everyMs: 5000, run: () => alerts.observeStore(series.stats().problem ?? state.problem) },
    {
      name: 'agent watch',
      everyMs: 1000,
      run: async () => {
        for (const agent of intake.view.all()) await alerts.observeAgent(agent);
      },
    },
    { name: 'outbox watch', everyMs: 30_000, run: () => delivery.wake() },
    {
      name: 'pool watch',
      everyMs: 1000,
      run: async () => {
        for (const pool of worstPools(intake.pools.pools())) await alerts.observePool(pool);
        for (const fallback of worstFallbacks(intake.pools.fallbacks())) await alerts.observeFallback(fallback);
      },
    },
    { name: 'series upkeep', everyMs: 30_000, run: () => series.maintain(clock.now()) },
    { name: 'life record', everyMs: 60_000, run: () => life.alive() },
    ownFiguresDuty({ series, clock, self: rooms.self }),
    forgettingDuty({ state, clock, days: configuration.settings.store.state_retention_days }),
    clockDuty({ state, clock, log, emit: events.emit }),
  ];
  const rounds = startRounds({ clock, log, duties });
  stops.add('rounds', () => rounds.stop());
}
